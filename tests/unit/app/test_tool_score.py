"""``python -m topicbench score``: topics from anywhere, as a user gives them."""

import json
import re

import numpy as np
import pytest
from gensim.corpora import Dictionary
from gensim.models.coherencemodel import CoherenceModel

from topicbench.__main__ import main
from topicbench.app import score
from topicbench.app.topic_lists import read_topics
from topicbench.core.errors import TopicbenchError
from topicbench.metrics.windows import tokenise_reference

TEXTS = [
    "The band played a song on the guitar, and the singer forgot the song.",
    "A moon in orbit around a planet: the planet pulls, the moon falls.",
    "The guitar is out of tune; the band waits for the singer.",
    "Every planet has its orbit, not every planet has a moon.",
    "On the moon nobody plays the guitar.",
]
TOPICS = [["band", "guitar", "song", "singer"], ["planet", "moon", "orbit", "guitar"]]


@pytest.fixture
def reference(tmp_path):
    path = tmp_path / "reference.jsonl"
    path.write_text("".join(json.dumps({"body": text}) + "\n" for text in TEXTS), encoding="utf-8")
    return path


@pytest.fixture
def command(tmp_path, reference, capsys):
    """Run the command on a file of topics; its exit code and what it printed."""

    def run(content, *options, name="topics.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        given = ["score", str(path), "--reference", str(reference), "--text-column", "body"]
        code = main([*given, "--cache", str(tmp_path / "cache"), *options])
        return code, *capsys.readouterr()

    return run


def rows(printed, heading):
    table = printed.split(f"## {heading}\n")[1].strip().split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_scores_are_gensims(command):
    code, printed, _ = command(TOPICS)
    assert code == 0
    texts = [tokenise_reference(text) for text in TEXTS]
    for metric, window, column in (("c_v", 110, 2), ("c_npmi", 10, 3)):
        model = CoherenceModel(
            topics=TOPICS, texts=texts, dictionary=Dictionary(texts), coherence=metric, window_size=window, processes=1
        )
        found = [float(row[column]) for row in rows(printed, "topics")]
        np.testing.assert_allclose(found, model.get_coherence_per_topic(), atol=6e-4)


def test_several_models_are_compared_and_what_is_missing_is_said(command):
    code, printed, _ = command({"first": TOPICS, "second": [["band", "Zither", "song"]]})
    assert code == 0
    first, second = rows(printed, "Overall")
    # One of eight words stands in both topics.
    assert (first[0], first[1], first[5], first[6]) == ("first", "2", "0.875", "0")
    assert (second[0], second[1], second[4], second[6]) == ("second", "1", "–", "1")
    assert "does not have (1); they count as related to no word, and lower the coherence" in printed
    assert re.search(r"topics: zither$", printed, re.MULTILINE)
    assert "top 3 to 4 words" in printed


def test_plain_text_is_the_same_as_json(command):
    _, as_json, _ = command(TOPICS)
    text = "band, guitar, song, singer\n\nplanet moon\torbit guitar\n"
    code, as_text, _ = command(text, name="topics.txt")
    assert (code, as_text) == (0, as_json)


def test_counts_are_kept_by_content(command, reference, tmp_path, monkeypatch):
    _, first, _ = command(TOPICS)
    monkeypatch.setattr(score, "count_windows", None)
    assert command(TOPICS)[1] == first
    monkeypatch.undo()
    reference.write_text(json.dumps({"body": "band guitar song singer"}) + "\n")
    assert command(TOPICS)[1] != first
    assert len(list((tmp_path / "cache/counts").iterdir())) == 2


def test_the_first_words_of_each_topic(command):
    _, printed, _ = command(TOPICS, "--top-words", "2")
    assert [row[1] for row in rows(printed, "topics")] == ["band guitar", "planet moon"]


def test_the_reference_is_split_as_its_language_is(command, reference):
    reference.write_text(json.dumps({"body": "北京天气很好"}) + "\n")
    code, printed, _ = command([["天", "气"]], "--language", "zh")
    assert code == 0
    assert rows(printed, "Overall")[0][-1] == "0"
    assert command([["天", "气"]], "--language", "zz")[0] == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[[", "not valid JSON"),
        ([], "topics: is no list of topics"),
        ({}, "names no model"),
        ({"a": "words"}, "a: is no list of topics"),
        ([["a", 1]], "topic 1: is no list of words"),
        ([["a", "b"], ["a"]], "topic 2: has 1 words"),
        ([["a", "b", "A"]], "topic 1: lists the word 'a' more than once"),
    ],
)
def test_what_is_wrong_with_a_file_of_topics_is_said(command, content, message):
    code, printed, errors = command(content)
    assert code == 1
    assert printed == ""
    assert message in errors
    assert "Traceback" not in errors


def test_missing_files_and_columns_are_errors(command, tmp_path, reference):
    with pytest.raises(TopicbenchError, match=r"none\.json: file not found"):
        read_topics(tmp_path / "none.json")
    assert "no column 'text'" in command(TOPICS, "--text-column", "text")[2]
    assert "reference corpus not found" in command(TOPICS, "--reference", str(tmp_path / "none.csv"))[2]
    assert "coherence needs two or more words" in command(TOPICS, "--top-words", "1")[2]
