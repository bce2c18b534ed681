"""``python -m topicbench topics`` and ``apply`` on a corpus made here, with the real language model."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from topicbench.__main__ import main
from topicbench.app.cache import cache_folder
from topicbench.app.estimator import SoftLabelTopicModel
from topicbench.app.topic_lists import read_topics
from topicbench.app.topics import describe, settings_of, shortened, stem, typical


@pytest.fixture(scope="module")
def corpus(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("corpus") / "mine.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "body"), *enumerate(texts)])
    return path


@pytest.fixture(scope="module")
def command(cache):
    """Run a command with the tests' cache."""
    return lambda *arguments: main([*map(str, arguments), "--cache", str(cache)])


@pytest.fixture(scope="module")
def finished(corpus, command):
    """The folder of one run; a file of the user's was in it before."""
    folder = corpus.parent / "out"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    assert command(*given(corpus), "--output", folder) == 0
    return folder


def given(corpus):
    fit = ["--set", "num_epochs=60", "--set", "batch_size=16"]
    return ["topics", corpus, "--text-column", "body", "--num-topics", "3", *fit]


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_topics_and_assignments_are_those_of_the_python_interface(finished, fitted, texts):
    theta = np.load(finished / "theta.npy")
    assert theta.tobytes() == fitted.theta_.tobytes()
    assert list(read_topics(finished / "topics.json").values()) == [fitted.topics_]
    documents = rows(finished / "documents.csv")
    assert [int(row["row"]) for row in documents] == list(range(1, len(texts) + 1))
    assert [int(row["topic"]) for row in documents] == theta.argmax(axis=1).tolist()
    assert float(documents[7]["weight"]) == pytest.approx(theta[7].max(), abs=1e-4)
    topics = rows(finished / "topics.csv")
    assert [int(row["documents"]) for row in topics] == np.bincount(theta.argmax(axis=1), minlength=3).tolist()
    assert (finished / "notes.txt").read_text() == "mine"


def test_topics_are_printed_with_their_typical_documents(finished, fitted, corpus, command, texts, capsys):
    assert command(*given(corpus), "--output", finished) == 0
    printed, said = capsys.readouterr()
    for topic, words in enumerate(fitted.topics_):
        assert f"Topic {topic}: " in printed
        assert ", ".join(words) in printed
        best = max(np.flatnonzero(fitted.theta_.argmax(axis=1) == topic), key=lambda row: fitted.theta_[row, topic])
        assert shortened(texts[best]) in printed
    assert f"python -m topicbench apply {finished / 'model'} FILE --text-column body" in printed
    assert "3 topics, 72 documents" in said


def test_a_model_is_applied_to_new_texts(finished, cache, command, tmp_path, capsys):
    new = ["Matlab plot of a matrix", "", "WordPress theme with two sidebars"]
    path = tmp_path / "new.jsonl"
    path.write_text("".join(json.dumps({"body": text}) + "\n" for text in new))
    code = command("apply", finished, path, "--text-column", "body", "--output", tmp_path / "a.csv")
    assert code == 0
    theta = SoftLabelTopicModel.load(finished / "model", cache=cache).transform(new)
    first, empty, last = rows(tmp_path / "a.csv")
    assert (int(first["topic"]), int(last["topic"])) == (theta[0].argmax(), theta[2].argmax())
    assert float(first["weight"]) == pytest.approx(theta[0].max(), abs=1e-4)
    assert (empty["row"], empty["topic"]) == ("2", "")
    assert "WordPress theme with two sidebars" in capsys.readouterr()[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--text-column", "text"), "mine.csv, line 2: no column 'text'\n  there are: id, body"),
        (("--num-topics", "1"), "number of topics: must be an integer >= 2 (given: 1)"),
        (("--num-topics", "400"), "400 topics of 72 documents"),
        (("--language", "zz"), "--language: spaCy has no tokeniser for 'zz'"),
        (("--method", "lda"), "needs inputs other than language-model features"),
        (("--set", "num_epochs"), "--set num_epochs: is not NAME=VALUE"),
        (("--set", "num_epochs=none"), "method.softlabel"),
        (("--threads", "0"), "--threads: is 0"),
        (("--min-length", "0"), "--min-length: is 0"),
    ],
)
def test_what_is_wrong_is_one_message_and_exit_code_one(corpus, command, tmp_path, capsys, options, message):
    code = command("topics", corpus, "--text-column", "body", "--output", tmp_path / "none", *options)
    printed, errors = capsys.readouterr()
    assert code == 1
    assert printed == ""
    assert errors.startswith("topicbench: ")
    assert message in errors
    assert not (tmp_path / "none").exists()


def test_a_text_that_is_none_is_named_by_its_row(command, tmp_path, capsys):
    path = tmp_path / "mine.jsonl"
    path.write_text('{"text": "one"}\n{"text": null}\n')
    assert command("topics", path) == 1
    assert f"{path}, row 2: column 'text' is not text: None" in capsys.readouterr()[1]
    assert command("apply", tmp_path, path) == 1
    path.write_text('{"text": "one"}\n')
    assert command("apply", tmp_path, path) == 1
    assert "holds no model.json" in capsys.readouterr()[1]


def test_typical_documents_show_each_text_once():
    texts = ["a  b", "a b", "c", "d", "e"]
    weights = np.array([0.5, 0.9, 0.9, 0.1, 0.95])
    assert typical(weights, np.array([0, 1, 2, 3]), texts) == [1, 2, 3]
    theta = np.column_stack([weights, 1 - weights])
    shown = describe([["x"], ["y"], ["z"]], np.column_stack([theta, 0 * weights]), texts).splitlines()
    assert [line for line in shown if "opic" in line] == [
        "Topic 0: 4 documents (80%)",
        "Topic 1: 1 documents (20%)",
        "The topic of no document: 2",
    ]


def test_small_helpers(monkeypatch, tmp_path):
    assert stem(tmp_path / "my.posts.csv.gz") == "my.posts"
    assert settings_of(["num_epochs=3", "loss=kl", "hidden_sizes=[5, 5]"]) == {
        "num_epochs": 3,
        "loss": "kl",
        "hidden_sizes": [5, 5],
    }
    assert len(shortened("word " * 50)) <= 90
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "topicbench"
    assert cache_folder(tmp_path / "other") == tmp_path / "other"
