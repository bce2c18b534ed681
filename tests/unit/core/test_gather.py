"""Gathering scores: every run once, nothing averaged over what is missing."""

import pytest

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.gather import IDENTITY, costs, long_scores

RUN = dict.fromkeys(IDENTITY, "x") | {"num_topics": 5, "seed": 0, "scores": "scores.json", "folder": "runs/K5/seed0"}
SCORES = {"scores.json": [{"num_topics": 5, "seed": 0, "c_v": 0.5}, {"num_topics": 5, "seed": 1, "c_v": 0.7}]}


def test_one_row_per_run_and_metric():
    runs = [RUN, {**RUN, "seed": 1, "folder": "runs/K5/seed1"}]
    ratings = {"runs/K5/seed0": {"mean": 2.0}, "runs/K5/seed1": {"mean": 3.0}}
    table = long_scores("main", runs, SCORES, ratings)
    assert table[["seed", "metric", "value"]].to_numpy().tolist() == [
        [0, "c_v", 0.5],
        [0, "llm_rating", 2.0],
        [1, "c_v", 0.7],
        [1, "llm_rating", 3.0],
    ]
    assert "llm_rating" not in set(long_scores("main", runs, SCORES)["metric"])


@pytest.mark.parametrize("scores", [[], SCORES["scores.json"][1:], SCORES["scores.json"][:1] * 2])
def test_a_run_without_scores_or_with_two_is_an_error(scores):
    with pytest.raises(TopicbenchError, match=r"scores\.json: \d scores for K = 5, seed 0, expected one"):
        long_scores("main", [RUN], {"scores.json": scores})


def test_a_run_without_rating_is_an_error():
    with pytest.raises(TopicbenchError, match="runs/K5/seed0: has no rating"):
        long_scores("main", [RUN], SCORES, {})


def test_costs_are_one_row_per_run():
    keys = ("corpus", "vocabulary_size", "method", "variant", "num_topics", "seed", "seconds", "peak_memory_mb")
    keys += ("documents_read", "documents_left_out", "topics_obtained", "topics_of_fewer_words")
    record = dict.fromkeys((*keys, "topics_of_repeated_words", "unused"), 1)
    assert costs([record, record]).shape == (2, 13)
