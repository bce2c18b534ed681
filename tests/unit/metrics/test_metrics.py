"""What every metric is called, ranges over and means."""

from __future__ import annotations

import math

import pytest

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.contract import Context, Metric, Resources, RunData, context_of, definitions, metrics
from topicbench.metrics.section import Judge, Reference

PAPER = {
    "c_v": "C_V",
    "llm_rating": "LLM",
    "i_rbo": "I-RBO",
    "purity": "Purity",
    "precision_at_5": "P@5",
    "precision_at_10": "P@10",
}
COUNTS = {"topics_missing", "topics_of_repeated_words", "topics_of_fewer_words", "epochs_without_loss"}
CONTEXT = Context(15, "Wikipedia sample", "gensim", "posts", "boolean", judge="GPT-4o")
REFERENCE = {"name": "wikipedia", "title": "Wikipedia sample", "path": "wikipedia.csv"}


def definition(name, context=CONTEXT):
    return metrics()[name].definition(context)


def test_titles_are_those_of_the_papers_tables():
    assert {name: metrics()[name].title for name in PAPER} == PAPER


def test_every_metric_of_the_benchmark_is_there_once():
    of_labels = "purity purity_direct inverse_purity f_measure nmi ari precision_at_1 precision_at_5 precision_at_10"
    parts = [f"{part}_{name}" for part in ("heldout", "fitted") for name in of_labels.split()]
    others = "c_v c_npmi c_v_gensim c_v_boolean c_v_second c_npmi_second llm_rating i_rbo topic_diversity"
    assert sorted(metrics()) == sorted([*of_labels.split(), *parts, *others.split(), *COUNTS])
    assert all(name == metric.name for name, metric in metrics().items())
    for field in ("title", "latex"):
        assert len({getattr(metric, field) for metric in metrics().values()}) == len(metrics())
    assert len({definition(name) for name in metrics()}) == len(metrics())


def test_only_counts_of_what_is_wrong_are_better_when_lower_and_without_bound():
    for name, metric in metrics().items():
        assert metric.higher_is_better is (name not in COUNTS)
        assert (metric.maximum == math.inf) is (name in COUNTS)
        assert metric.minimum < metric.maximum


def test_a_definition_says_window_words_reference_and_judge():
    text = definition("c_v")
    assert all(part in text for part in ("window of 110 tokens (gensim", "top 15 words", "Wikipedia sample"))
    assert "window of 10 tokens (boolean" in definition("c_npmi", Context(12, "Wikipedia sample", "boolean"))
    assert "by GPT-4o" in definition("llm_rating")
    assert "5 nearest" in definition("precision_at_5")
    assert "as C_V, with boolean counting over posts" in definition("c_v_second")
    assert not any("{" in definition(name) for name in metrics())


def test_counting_is_fixed_where_the_name_says_so():
    for counting in ("gensim", "boolean"):
        text = definition(f"c_v_{counting}", Context(15, "R", "boolean"))
        assert text == f"C_V, {counting} counting: as C_V, with {counting} counting over R"


def test_by_palmetto_c_v_alone_is_over_its_index():
    palmetto = {"title": "Wikipedia of 2013", "jar": "palmetto.jar", "index": "index"}
    context = context_of(15, Reference(**REFERENCE, palmetto=palmetto))
    assert "(boolean counting) over Wikipedia of 2013, one-set" in definition("c_v", context)
    assert definition("c_v", context).endswith("mean over topics, by Palmetto")
    assert "(gensim counting) over Wikipedia sample" in definition("c_npmi", context)


def test_what_is_not_configured_is_not_computed_and_has_no_definition():
    found = definitions(context_of(15, Reference(**REFERENCE)))
    missing = {name for name, each in found.items() if not each["computed"]}
    assert missing == {"llm_rating", "c_v_second", "c_npmi_second"}
    assert all(found[name]["definition"] == "" and found[name]["parameters"] == {} for name in missing)
    second = Reference(**{**REFERENCE, "title": "posts", "counting": "boolean"})
    found = definitions(context_of(15, Reference(**REFERENCE), second, Judge(title="GPT-4o", model="gpt-4o")))
    assert all(each["computed"] for each in found.values())
    assert found["c_v_second"]["parameters"] == {"second_counting": "boolean", "second_reference": "posts"}
    with pytest.raises(TopicbenchError, match="llm_rating: the judge is not named"):
        definition("llm_rating", Context(15, "R"))


def test_metrics_cannot_be_changed():
    with pytest.raises(TypeError):
        metrics()["c_v"] = None  # type: ignore[index]


def made(function, **fields):
    return Metric("mine", "Mine", "how", frozenset({"topics"}), function, **fields)


def test_a_metric_of_unknown_needs_is_a_defect():
    with pytest.raises(ValueError, match="metric mine needs thetas; there are topics, theta, "):
        Metric("mine", "Mine", "how", frozenset({"thetas"}), lambda run, resources: 0.0)


def test_a_metric_sees_nothing_that_it_does_not_declare():
    run = RunData(topics=[["a", "b"]], record={})
    assert made(lambda run, resources: run.record is None).score(run, Resources(judge=len)) == 1
    assert made(lambda run, resources: resources.judge is None).score(run, Resources(judge=len)) == 1


@pytest.mark.parametrize("value", [math.nan, math.inf, [0.5], [0.5, 0.5, math.nan]])
def test_anything_but_finite_numbers_is_refused(value):
    with pytest.raises(TopicbenchError, match=r"metric mine: gave .* expected finite numbers of shape"):
        made(lambda run, resources: value, per_topic=isinstance(value, list)).score(
            RunData(topics=[["a", "b"], ["c", "d"]]), Resources()
        )


def test_what_is_shared_is_computed_once():
    run, calls = RunData(), []
    assert [run.once("key", lambda: calls.append(1) or 7) for _ in range(3)] == [7, 7, 7]
    assert calls == [1]
