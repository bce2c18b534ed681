from __future__ import annotations

import math

import pytest

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.contract import METRICS, identity

PAPER = {
    "c_v": "C_V",
    "llm_rating": "LLM",
    "i_rbo": "I-RBO",
    "purity": "Purity",
    "precision_at_5": "P@5",
    "precision_at_10": "P@10",
}


def test_titles_are_those_of_the_papers_tables():
    assert {name: METRICS[name].title for name in PAPER} == PAPER


def test_every_metric_of_the_benchmark_is_there_once():
    assert " ".join(METRICS) == (
        "c_v c_npmi c_v_other_counting c_v_second c_npmi_second "
        "llm_rating i_rbo topic_diversity purity purity_direct inverse_purity f_measure nmi ari "
        "precision_at_1 precision_at_5 precision_at_10 seconds peak_memory_mb"
    )
    assert all(name == metric.name for name, metric in METRICS.items())
    for field in ("title", "latex", "identity"):
        assert len({getattr(metric, field) for metric in METRICS.values()}) == len(METRICS)


def test_only_costs_are_better_when_lower_and_without_bound():
    for name, metric in METRICS.items():
        cost = name in ("seconds", "peak_memory_mb")
        assert metric.higher_is_better is not cost
        assert (metric.maximum == math.inf) is cost
        assert metric.minimum < metric.maximum


def test_identity_says_window_words_reference_and_judge():
    text = identity("c_v", 15, "Wikipedia sample")
    assert all(part in text for part in ("window of 110 tokens (gensim", "top 15 words", "Wikipedia sample"))
    assert "window of 10 tokens (boolean" in identity("c_npmi", 12, "Wikipedia sample", counting="boolean")
    assert "by GPT-4o" in identity("llm_rating", 15, "Wikipedia sample", "GPT-4o")
    assert "5 nearest" in identity("precision_at_5", 15, "Wikipedia sample")
    assert not any("{" in identity(name, 15, "R", "J") for name in METRICS)


def test_unknown_metrics_and_nameless_judges_are_refused():
    with pytest.raises(TopicbenchError, match="c_w: unknown metric; there are c_v, "):
        identity("c_w", 15, "R")
    with pytest.raises(TopicbenchError, match="llm_rating: the judge is not named"):
        identity("llm_rating", 15, "R")


def test_the_registry_cannot_be_changed():
    with pytest.raises(TypeError):
        METRICS["c_v"] = None  # type: ignore[index]
