"""Gathering scores: every run once, nothing averaged over what is missing."""

import pytest

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.contract import Context, definitions
from topicbench.metrics.gather import RUN_COLUMNS, complete, costs, gather
from topicbench.metrics.score import frame
from topicbench.views.contract import JudgeFacts
from topicbench.views.frame import COLUMNS

FOLDERS = ("runs/K5/seed0", "runs/K5/seed1")
RUN = dict.fromkeys(RUN_COLUMNS, "x") | {"num_topics": 5, "seed": 0, "scores": "scores.parquet", "folder": FOLDERS[0]}
RUNS = [RUN, {**RUN, "seed": 1, "folder": FOLDERS[1]}]
ROWS = [(FOLDERS[0], 5, 0, "c_v", None, 0.5), (FOLDERS[0], 5, 0, "c_v", 0, 0.4), (FOLDERS[1], 5, 1, "c_v", None, 0.7)]
RATED = [(FOLDERS[0], 5, 0, "llm_rating", None, 2.0), (FOLDERS[1], 5, 1, "llm_rating", None, 3.0)]
CONTEXT = Context(15, "a reference corpus")


def gathered(rows=ROWS, rated=None, runs=RUNS):
    ratings = None if rated is None else ("main.parquet", frame(rated))
    return gather("main", runs, {"scores.parquet": frame(rows)}, ratings)


def test_one_row_per_run_and_metric():
    table = gathered(rated=RATED)
    assert list(table) == list(COLUMNS)
    assert table[["seed", "metric", "value"]].to_numpy().tolist() == [
        [0, "c_v", 0.5],
        [0, "llm_rating", 2.0],
        [1, "c_v", 0.7],
        [1, "llm_rating", 3.0],
    ]
    assert "llm_rating" not in set(gathered()["metric"])


def test_a_run_stands_in_the_table_once_for_each_of_its_roles():
    table = gathered(runs=[RUN, {**RUN, "block": "corrected"}])
    assert table[["block", "value"]].to_numpy().tolist() == [["x", 0.5], ["corrected", 0.5]]


def test_values_are_written_to_the_last_bit(tmp_path):
    table = gathered([(FOLDERS[0], 5, 0, "c_v", None, 0.1 + 0.2)], runs=[RUN])
    table.to_csv(tmp_path / "scores.csv", index=False)
    assert (tmp_path / "scores.csv").read_text().splitlines()[1].endswith(",c_v,0.30000000000000004")


def test_a_run_without_scores_is_an_error():
    with pytest.raises(TopicbenchError, match=r"scores\.parquet: has no scores of runs/K5/seed1"):
        gathered(ROWS[:2])


def test_a_run_scored_twice_is_an_error():
    with pytest.raises(TopicbenchError, match=r"scores\.parquet: has c_v of runs/K5/seed0 twice"):
        gathered([*ROWS, ROWS[0]])


def test_a_metric_that_only_some_runs_of_a_corpus_have_is_an_error():
    nmi = (FOLDERS[0], 5, 0, "nmi", None, 0.5)
    with pytest.raises(TopicbenchError, match=r"scores\.parquet: lacks nmi of runs/K5/seed1"):
        gathered([*ROWS, nmi])
    heldout = (FOLDERS[0], 5, 0, "heldout_nmi", None, 0.5)
    assert len(gathered([*ROWS, heldout])) == 3


def test_a_run_without_rating_is_an_error():
    with pytest.raises(TopicbenchError, match=r"main\.parquet: has no scores of runs/K5/seed1"):
        gathered(rated=RATED[:1])


def test_what_is_written_beside_the_scores_says_how_metrics_and_judge_are():
    about = {"experiment": "main", "metrics": {}, "judge": {"title": "Judge", "local": True}}
    found = complete(about, CONTEXT, {"auc": 0.75, "n": 200, "seed": 0, "informative": True})
    assert found["metrics"] == definitions(CONTEXT)
    assert found["experiment"] == "main"
    judge = JudgeFacts.model_validate(found["judge"])
    assert (judge.tested, judge.auc, judge.pairs, judge.informative) == (True, 0.75, 200, True)
    assert complete(about, CONTEXT)["judge"] == about["judge"]
    assert complete({**about, "judge": None}, CONTEXT, {"auc": 0.75, "n": 200})["judge"] is None


def test_costs_are_one_row_per_run():
    keys = ("corpus", "vocabulary_size", "method", "variant", "num_topics", "seed", "seconds", "peak_memory_mb")
    keys += ("documents_read", "documents_left_out", "topics_obtained", "topics_of_fewer_words")
    record = dict.fromkeys((*keys, "topics_of_repeated_words", "unused"), 1)
    assert costs([record, record]).shape == (2, 13)
