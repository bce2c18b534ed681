import numpy as np
import pandas as pd
import pytest

from tests.support.synthetic import CONTROLS, LDA, MAIN, about, scores, uncomputed, with_rows
from topicbench.core.errors import TopicbenchError
from topicbench.views.frame import COLUMNS, MAIN_METRICS, available, blocks_of, read, rows_of, samples, select

UNLABELLED = {
    "stackoverflow": {"title": "A", "labelled": False},
    "20newsgroups": {"title": "B", "labelled": True},
}


@pytest.fixture(scope="module")
def given():
    return scores()


def write(given, folder):
    given.rows.to_csv(folder / "main.csv", index=False)
    (folder / "main.json").write_text(given.about.model_dump_json(), encoding="utf-8")
    return folder / "main.csv", folder / "main.json"


def test_selects_every_run_and_metric_in_order(given):
    selected = select(given, MAIN_METRICS)
    assert len(selected) == 2 * len(MAIN) * 6 * len(MAIN_METRICS)
    assert list(selected["metric"][:5]) == [*MAIN_METRICS, MAIN_METRICS[0]]
    assert selected["seed"][:9:4].tolist() == [0, 1, 2]
    assert rows_of(selected) == MAIN


def test_the_order_of_a_methods_runs_does_not_matter(given):
    shuffled = given.rows.sample(frac=1, random_state=3).sort_values(["corpus", "method", "variant"], kind="stable")
    ordered = given.rows.sort_values(["corpus", "method", "variant"], kind="stable")
    pd.testing.assert_frame_equal(
        select(with_rows(given, shuffled), MAIN_METRICS), select(with_rows(given, ordered), MAIN_METRICS)
    )


def test_files_read_back_to_the_same_scores(given, tmp_path):
    found = read(*write(given, tmp_path))
    assert found.about.model_dump(mode="json") == given.about.model_dump(mode="json")
    pd.testing.assert_frame_equal(found.rows, given.rows)
    assert set(found.rows.loc[found.rows["method"] == "lda", "slm"]) == {""}


def broken(given, how):
    frame = given.rows
    place = frame.index[(frame["metric"] == "i_rbo") & (frame["method"] == "lda")][4]
    if how == "missing":
        return with_rows(given, frame.drop(place))
    if how == "twice":
        return with_rows(given, pd.concat([frame, frame.loc[[place]]]))
    frame = frame.copy()
    column, value = {"nan": ("value", np.nan), "infinite": ("value", np.inf), "foreign": ("seed", 77)}[how]
    frame.loc[place, column] = value
    return with_rows(given, frame)


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ("missing", "is missing"),
        ("twice", "appears twice"),
        ("nan", "is not a finite number"),
        ("infinite", "is not a finite number"),
        ("foreign", "asks for no such value"),
    ],
)
def test_incomplete_scores_name_run_and_metric(given, how, problem):
    with pytest.raises(TopicbenchError, match=problem) as error:
        select(broken(given, how), MAIN_METRICS)
    seed = 77 if how == "foreign" else 1
    assert error.value.culprit == f"results/runs/stackoverflow/v2000/lda/default/K10/seed{seed}, metric i_rbo"


def test_a_method_that_lacks_a_corpus_is_an_error(given):
    frame = given.rows[(given.rows["method"] != "lda") | (given.rows["corpus"] != "20newsgroups")]
    with pytest.raises(TopicbenchError, match="20newsgroups/v2000/lda/default/K5/seed0, metric c_v: is missing"):
        select(with_rows(given, frame), ["c_v"])


def test_only_a_control_may_lack_a_corpus():
    given = scores(about(corpora=UNLABELLED, controls=CONTROLS))
    oracle = select(given, ["c_v"]).query("method == 'label-oracle'")
    assert set(oracle["corpus"]) == {"20newsgroups"}


def test_only_the_metrics_asked_for_are_required(given):
    assert set(select(broken(given, "missing"), ["c_v"])["metric"]) == {"c_v"}


@pytest.mark.parametrize(
    ("rows", "metric", "message"),
    [
        (lambda frame: frame[:0], "c_v", "scores of experiment 'main': there are none"),
        (lambda frame: frame.assign(corpus="nowhere"), "c_v", "corpus nowhere: is not described"),
        (lambda frame: frame.drop(columns="role"), "c_v", "lacks the column role"),
        (lambda frame: frame, "beauty", "metric 'beauty': is not among the scores"),
    ],
)
def test_scores_that_cannot_be_selected_from_are_an_error(given, rows, metric, message):
    with pytest.raises(TopicbenchError, match=message):
        select(with_rows(given, rows(given.rows)), [metric])


def test_rating_without_judge_and_labels_without_labels_are_not_required():
    facts = about(corpora=UNLABELLED, metrics=uncomputed("llm_rating"))
    assert not available(facts, "20newsgroups", "llm_rating")
    assert not available(facts, "stackoverflow", "purity")
    assert available(facts, "20newsgroups", "purity")
    selected = select(scores(facts), MAIN_METRICS)
    assert "llm_rating" not in set(selected["metric"])
    assert not ((selected["corpus"] == "stackoverflow") & (selected["metric"] == "purity")).any()


def test_samples_are_of_all_k_and_seeds_or_of_one_k(given):
    selected = select(given, MAIN_METRICS)
    frame = given.rows
    wanted = frame[(frame.corpus == "stackoverflow") & (frame.method == "lda") & (frame.metric == "c_v")]
    np.testing.assert_array_equal(samples(selected)["stackoverflow", "c_v", LDA], wanted["value"])
    np.testing.assert_array_equal(
        samples(selected, 10)["stackoverflow", "c_v", LDA], wanted[wanted.num_topics == 10]["value"]
    )
    assert ("stackoverflow", "nmi", LDA) not in samples(selected)


def test_a_run_that_blocks_share_is_in_each():
    given = scores(about("ablation"))
    blocks = blocks_of(rows_of(select(given, ["c_v"])))
    assert list(blocks) == ["smollm2", "ernie"]
    found = samples(select(given, ["c_v"]))
    last = [found["stackoverflow", "c_v", rows[-1]] for rows in blocks.values()]
    np.testing.assert_array_equal(*last)
    assert last[0].size == 6


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("corpus,metric\n", "lacks the column experiment"),
        ("", "not a CSV file"),
    ],
)
def test_a_file_of_another_shape_is_an_error(given, tmp_path, text, problem):
    csv, json = write(given, tmp_path)
    csv.write_text(text)
    with pytest.raises(TopicbenchError, match=problem):
        read(csv, json)


def test_a_bad_number_is_named_by_line_and_a_missing_file_by_path(given, tmp_path):
    csv, json = write(given, tmp_path)
    lines = csv.read_text(encoding="utf-8").splitlines()[:4]
    lines[2] = ",".join([*lines[2].split(",")[:-1], "high"])
    csv.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(TopicbenchError, match=r"main.csv, line 3, value: 'high' is not a number"):
        read(csv, json)
    with pytest.raises(TopicbenchError, match=r"none\.csv: file not found"):
        read(tmp_path / "none.csv", json)


def test_a_description_that_lacks_something_is_named(given, tmp_path):
    csv, json = write(given, tmp_path)
    json.write_text(json.read_text(encoding="utf-8").replace('"top_words":15', '"words":15'), encoding="utf-8")
    with pytest.raises(TopicbenchError, match=r"main.json: top_words: Field required"):
        read(csv, json)


def test_the_columns_are_documented():
    assert list(scores().rows.columns) == list(COLUMNS)
