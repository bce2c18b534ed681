import numpy as np
import pandas as pd
import pytest
from table_scores import configuration, scores

from topicbench.core.errors import TopicbenchError
from topicbench.experiments.all import experiment_runs
from topicbench.experiments.runs import main_variants
from topicbench.views.frame import MAIN_METRICS, available, read_scores, sample, select


@pytest.fixture(scope="module")
def config():
    return configuration()


@pytest.fixture(scope="module")
def frame(config):
    return scores(config)


def test_selects_every_run_and_metric_in_order_however_the_rows_lie(config, frame):
    selected = select(config, frame.sample(frac=1, random_state=3), "main", MAIN_METRICS)
    assert len(selected) == len(experiment_runs(config, "main")) * len(MAIN_METRICS)
    pd.testing.assert_frame_equal(selected, select(config, frame, "main", MAIN_METRICS))
    assert list(selected["metric"][:4]) == list(MAIN_METRICS)


def test_a_file_reads_back_to_the_same_values(config, frame, tmp_path):
    frame.to_csv(tmp_path / "main.csv", index=False)
    read = read_scores(tmp_path / "main.csv")
    assert (read["value"].to_numpy() == frame["value"].to_numpy()).all()
    assert set(read.loc[read["method"] == "lda", "slm"]) == {""}
    select(config, read, "main", MAIN_METRICS)


def broken(frame, how):
    place = frame.index[(frame["metric"] == "i_rbo") & (frame["method"] == "lda")][4]
    if how == "missing":
        return frame.drop(place)
    if how == "twice":
        return pd.concat([frame, frame.loc[[place]]])
    frame = frame.copy()
    column, value = {"nan": ("value", np.nan), "infinite": ("value", np.inf), "foreign": ("seed", 77)}[how]
    frame.loc[place, column] = value
    return frame


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ("missing", "is missing"),
        ("twice", "appears twice"),
        ("nan", "is nan"),
        ("infinite", "is inf"),
        ("foreign", "asks for no such value"),
    ],
)
def test_an_incomplete_frame_names_run_and_metric(config, frame, how, problem):
    with pytest.raises(TopicbenchError, match=problem) as error:
        select(config, broken(frame, how), "main", MAIN_METRICS)
    seed = 77 if how == "foreign" else 1
    assert error.value.culprit == f"results/runs/stackoverflow/v2000/lda/default/K10/seed{seed}, metric i_rbo"


def test_only_the_metrics_asked_for_are_required(config, frame):
    selected = select(config, broken(frame, "missing"), "main", ["c_v"])
    assert set(selected["metric"]) == {"c_v"}


def test_an_experiment_left_out_is_an_error(config, frame):
    with pytest.raises(TopicbenchError, match="left out"):
        select(config, frame, "vocabulary", MAIN_METRICS)


def test_rating_without_judge_and_labels_without_labels_are_not_required(frame):
    corpora = {
        "stackoverflow": {"title": "A", "path": "a", "label_column": None},
        "20newsgroups": {"title": "B", "path": "b"},
    }
    config = configuration(judge=None, corpora=corpora)
    assert not available(config, "20newsgroups", "llm_rating")
    assert not available(config, "stackoverflow", "purity")
    assert available(config, "20newsgroups", "purity")
    selected = select(config, frame[frame["metric"] != "llm_rating"], "main", MAIN_METRICS)
    assert not ((selected["corpus"] == "stackoverflow") & (selected["metric"] == "purity")).any()


def test_sample_takes_all_k_and_seeds_or_one_k(config, frame):
    selected = select(config, frame, "main", MAIN_METRICS)
    lda = main_variants(config)[0]
    assert sample(selected, "stackoverflow", lda, "c_v").size == 6
    wanted = frame[(frame.corpus == "stackoverflow") & (frame.method == "lda") & (frame.metric == "c_v")]
    np.testing.assert_array_equal(
        sample(selected, "stackoverflow", lda, "c_v", 10), wanted[wanted.num_topics == 10]["value"]
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("corpus,metric\n", "lacks the column experiment"),
        ("", "not a CSV file"),
    ],
)
def test_a_file_of_another_shape_is_an_error(tmp_path, text, problem):
    (tmp_path / "main.csv").write_text(text)
    with pytest.raises(TopicbenchError, match=problem):
        read_scores(tmp_path / "main.csv")


def test_a_bad_number_is_named_by_line_and_a_missing_file_by_path(tmp_path, frame):
    lines = frame.head(3).to_csv(index=False).splitlines()
    lines[2] = ",".join([*lines[2].split(",")[:-1], "high"])
    (tmp_path / "main.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(TopicbenchError, match=r"main.csv, line 3, value: 'high' is not a number"):
        read_scores(tmp_path / "main.csv")
    with pytest.raises(TopicbenchError, match="file not found"):
        read_scores(tmp_path / "none.csv")
