"""Table 4."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_matrix, save_npz

from tests.support import synthetic
from topicbench.core.errors import TopicbenchError
from topicbench.views import render
from topicbench.views.contract import Scores
from topicbench.views.table4 import Table4, class_rates, style_of, topic_of_class

ABOUT = synthetic.about("qualitative", section={"classes": ["a", "c"]}, num_topics=[2], seeds=[1])
NAMES = ["a", "a", "b", "b", "c", "c"]
BOW = csr_matrix([[1, 2, 0], [3, 1, 0], [1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 0, 4]])
KEPT = np.array([True, True, True, True, True, False])
# Topic 1 holds class a, topic 0 class c.
THETA = np.array([[0.1, 0.9], [0.2, 0.8], [0.9, 0.1], [0.3, 0.7], [0.9, 0.1], [0.6, 0.4]], dtype=np.float32)
TOPICS = [["only_c", "everywhere"], ["mostly_a", "everywhere", "only_c"]]


@pytest.fixture
def scores(tmp_path):
    """Four runs; the baselines were given the kept documents only."""
    files = {
        "documents": [tmp_path / "documents.parquet"],
        "vocabulary": [tmp_path / "vocabulary.txt"],
        "bow": [tmp_path / "bow.npz"],
        "kept": [tmp_path / "kept.npy"],
        "runs": [tmp_path / f"{row.method}-{row.variant}" / "K2" / "seed1" for row in synthetic.MAIN],
    }
    write_documents(files["documents"][0])
    files["vocabulary"][0].write_text("everywhere\nmostly_a\nonly_c\n")
    save_npz(files["bow"][0], BOW)
    np.save(files["kept"][0], KEPT)
    for row, folder in zip(synthetic.MAIN, files["runs"], strict=True):
        folder.mkdir(parents=True)
        write_run(folder, "all", np.ones(6, bool)) if row.slm else write_run(folder, "kept", KEPT)
    made = synthetic.scores(ABOUT)
    return Scores(made.about, made.rows, files)


def write_documents(path, names=NAMES, texts=tuple("abcdef")):
    pd.DataFrame({"label_name": names, "text": texts}).to_parquet(path)


def write_run(folder, documents, rows, theta=THETA):
    np.save(folder / "theta.npy", theta[rows])
    (folder / "topics.json").write_text(json.dumps(TOPICS))
    (folder / "run.json").write_text(json.dumps({"documents": documents}))


def make(scores):
    return Table4().make(scores)


def test_the_topic_that_holds_most_of_the_class_with_its_words_styled(scores):
    table = make(scores)
    assert [s.title for s in table.sections] == ["Class a", "", "Ours", "Class c", "", "Ours"]
    assert [row[0].text for row in table.sections[1].rows] == ["LDA", "ZeroshotTM"]
    assert [row[0].text for row in table.sections[2].rows] == ["SmolLM2-135M", "ERNIE-4.5-0.3B"]
    cell = table.sections[1].rows[0][1]
    assert [(part.text, part.style) for part in cell.parts] == [
        ("mostly_a", ""),
        ("everywhere", "vague"),
        ("only_c", "tangential"),
    ]
    assert (cell.record["topic"], cell.record["held"], cell.record["documents_of_class"]) == (1, 2, 2)
    assert cell.record["vague"] == "everywhere"


def test_rows_of_theta_are_matched_to_documents_kept_or_all(scores):
    table = make(scores)
    kept, everything = table.sections[4].rows[0][1].record, table.sections[5].rows[0][1].record
    assert (kept["documents_of_class"], everything["documents_of_class"]) == (1, 2)
    assert (kept["topic"], everything["topic"]) == (0, 0)


def test_renders_and_states_the_rule(scores):
    table = make(scores)
    assert r"\uline{everywhere}, \textit{only\_c}" in render.to_tex(table)
    assert r"<u>everywhere</u>, *only\_c*" in render.to_md(table)
    assert "entropy at least 0.92" in table.caption
    assert "K = 2, seed 1" in table.caption


def test_documents_without_copies_of_earlier_ones_are_matched_too(scores):
    write_documents(scores.files["documents"][0], texts=["x", "y", "y", "z", "v", "w"])
    rows = KEPT & (np.arange(6) != 2)
    write_run(scores.files["runs"][0], "kept-distinct", rows)
    record = make(scores).sections[1].rows[0][1].record
    assert (record["topic"], record["held"], record["documents_of_class"]) == (1, 2, 2)


def test_a_run_without_its_files_is_named(scores):
    (scores.files["runs"][0] / "theta.npy").unlink()
    with pytest.raises(TopicbenchError, match=r"lda-default/K2/seed1/theta\.npy: file not found"):
        make(scores)


def test_a_class_that_is_not_there_is_named(scores):
    write_documents(scores.files["documents"][0], ["a", "a", "b", "b", "d", "d"])
    with pytest.raises(TopicbenchError, match="there is no class 'c'"):
        make(scores)


def test_theta_of_other_documents_is_an_error_that_names_the_run(scores):
    write_run(scores.files["runs"][0], "all", KEPT)
    with pytest.raises(TopicbenchError, match="seed1: theta has 5 rows for 6 documents"):
        make(scores)


def test_documents_without_topic_do_not_count(scores):
    theta = np.array([[0, 0], [0, 0], [0, 0], [0.2, 0.8]])
    assert topic_of_class(theta, np.array([True] * 4)) == (1, 1)
    assert topic_of_class(theta, np.array([True, True, False, False])) is None
    write_run(scores.files["runs"][0], "kept", KEPT, np.zeros_like(THETA))
    assert make(scores).sections[1].rows[0][1].text == "–"


def test_ties_go_to_the_first_topic():
    assert topic_of_class(np.array([[0.0, 1], [1, 0]]), np.array([True, True])) == (0, 1)


def test_rates_count_documents_not_occurrences_and_forgive_class_size():
    names = np.array(["b", "a", "b", "b"])
    rates, classes = class_rates(csr_matrix([[9], [1], [0], [1]]), names)
    assert classes == ["a", "b"]
    np.testing.assert_allclose(rates, [[1], [2 / 3]])


@pytest.mark.parametrize(
    ("rates", "shown", "style"),
    [
        ([0.2] * 20, 0, "vague"),
        ([0.2] * 19 + [0.5], 19, ""),  # spread evenly, yet the class's own
        ([0.01] * 19 + [0.5], 19, ""),
        ([0.01] * 19 + [0.5], 0, "tangential"),
        ([0.3, 0.2] + [0] * 18, 1, ""),  # another class uses it more, but not twice as often
        ([0.5, 0.2] + [0] * 18, 1, "tangential"),
        ([0.0] * 20, 3, ""),
    ],
)
def test_rule(rates, shown, style):
    assert style_of(np.array(rates), shown) == style


@given(arrays(float, 12, elements=st.floats(0, 1)), st.integers(0, 11), st.permutations(range(12)))
def test_the_rule_does_not_depend_on_the_order_of_the_other_classes(rates, shown, order):
    assert style_of(rates, shown) == style_of(rates[list(order)], order.index(shown))


@given(arrays(float, 8, elements=st.floats(0.001, 1)), st.integers(0, 7))
def test_the_class_of_highest_rate_never_finds_a_word_tangential(rates, shown):
    rates[shown] = rates.max()
    assert style_of(rates, shown) != "tangential"
