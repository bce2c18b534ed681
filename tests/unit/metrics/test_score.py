"""Scoring runs: all metrics at once, from arrays and from the files of runs."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from topicbench.core.errors import TopicbenchError
from topicbench.metrics import clustering, score
from topicbench.metrics.coherence import c_npmi, c_v
from topicbench.metrics.contract import Metric, Resources, RunData, metrics
from topicbench.metrics.diversity import i_rbo
from topicbench.metrics.retrieval import precision_at
from topicbench.metrics.score import frame, rate_runs, read_resources, score_run, score_runs
from topicbench.metrics.windows import count_windows, save_counts

WORDS = [f"w{i:02}" for i in range(40)]
WITHOUT_LABELS = ["c_v", "c_npmi", "c_v_gensim", "c_v_boolean", "i_rbo", "topic_diversity"]


@pytest.fixture(scope="module")
def counts():
    random = np.random.default_rng(0)
    documents = [[*random.choice(WORDS, 300)] for _ in range(5)]
    return {way: count_windows(documents, WORDS, reference="random", counting=way) for way in ("gensim", "boolean")}


@pytest.fixture
def run():
    random = np.random.default_rng(1)
    topics = [[*map(str, random.permutation(WORDS)[:12])] for _ in range(4)]
    return random.dirichlet(np.ones(4), 50).astype(np.float32), topics, random.integers(0, 3, 50)


def scored(run, ways, **changes):
    theta, topics, labels = run
    given = {"counts": ways["gensim"], "gensim_counts": ways["gensim"], "boolean_counts": ways["boolean"]}
    data = RunData(topics=[words[:10] for words in topics], theta=theta, labels=labels)
    return score_run(data, Resources(**{**given, **changes}), metrics().values())


def test_scores_are_those_of_the_single_metrics_in_their_order(run, counts):
    theta, topics, labels = run
    scores = scored(run, counts)
    shortened = [words[:10] for words in topics]
    of_labels = [name for name, metric in metrics().items() if metric.needs == {"theta", "labels"}]
    assert list(scores) == [name for name in metrics() if name in (*WITHOUT_LABELS, *of_labels)]
    assert scores["c_v"].tolist() == c_v(shortened, counts["gensim"][110]).tolist()
    assert scores["c_npmi"].tolist() == c_npmi(shortened, counts["gensim"][10]).tolist()
    assert scores["i_rbo"] == i_rbo(shortened)
    assert scores["purity"] == clustering.purity(theta.argmax(axis=1), labels)
    assert scores["precision_at_5"] == precision_at(theta, labels)[5]
    assert all(type(value) is (np.ndarray if metrics()[name].per_topic else float) for name, value in scores.items())


def test_other_coherences_are_the_same_formulas_on_other_counts(run, counts):
    _, topics, _ = run
    shortened = [words[:10] for words in topics]
    second = count_windows([WORDS[place:] + WORDS[::2] for place in range(40)], WORDS)
    scores = scored(run, counts, counts=counts["boolean"], second_counts=second)
    assert scores["c_v_boolean"].tolist() == c_v(shortened, counts["boolean"][110]).tolist() == scores["c_v"].tolist()
    assert scores["c_v_gensim"].tolist() == c_v(shortened, counts["gensim"][110]).tolist()
    assert scores["c_v_second"].tolist() == c_v(shortened, second[110]).tolist()
    assert scores["c_npmi_second"].tolist() == c_npmi(shortened, second[10]).tolist()


def test_without_labels_their_metrics_are_left_out(run, counts):
    assert list(scored((*run[:2], None), counts)) == WITHOUT_LABELS


def test_topics_may_be_shorter_than_asked(run, counts):
    theta, topics, labels = run
    shorter = [topics[0][:3], *(words[:10] for words in topics[1:])]
    expected = len({word for words in shorter for word in words}) / 33
    assert scored((theta, shorter, labels), counts)["topic_diversity"] == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.nan, r"theta: holds NaN in row 3 \(1 such rows\)"),
        (np.inf, "theta: holds an infinite value in row 3"),
        (-0.1, "theta: holds a negative value in row 3"),
    ],
)
def test_broken_theta_is_refused(run, counts, value, message):
    theta, topics, labels = run
    theta[3, 1] = value
    with pytest.raises(TopicbenchError, match=message):
        scored((theta, topics, labels), counts)


def test_numbers_of_documents_topics_and_labels_must_agree(run, counts):
    theta, topics, labels = run
    with pytest.raises(TopicbenchError, match="theta: has 49 documents, but there are 50 labels"):
        scored((theta[:49], topics, labels), counts)
    with pytest.raises(TopicbenchError, match="theta: has 50 documents, but there are 49 labels"):
        scored((theta, topics, labels[:49]), counts)
    with pytest.raises(TopicbenchError, match="topics: 3 topics, but theta has 4 columns"):
        scored((theta, topics[:3], labels), counts)
    with pytest.raises(TopicbenchError, match=r"theta: has shape \(50,\)"):
        scored((theta[:, 0], topics, labels), counts)


def test_topics_that_cannot_be_scored_are_refused(run, counts):
    theta, topics, labels = run
    with pytest.raises(TopicbenchError, match="topics: the list of topics is empty"):
        scored((theta, [], labels), counts)
    with pytest.raises(TopicbenchError, match="topic 2: has 1 words"):
        scored((theta, [*topics[:2], topics[2][:1], topics[3]], labels), counts)
    with pytest.raises(TopicbenchError, match="topic 0: word 'zebra' was not counted"):
        scored((theta, [["zebra", "w01"], *topics[1:]], labels), counts)


def test_counts_of_another_window_do_not_stand_in(run, counts):
    with pytest.raises(TopicbenchError, match="windows of 10 tokens were not counted"):
        scored(run, counts, counts={110: counts["gensim"][110]})


def test_too_few_documents_to_retrieve_are_refused(run, counts):
    theta, topics, labels = run
    with pytest.raises(TopicbenchError, match="theta: precision at 10 needs 10 documents"):
        scored((theta[:10], topics, labels[:10]), counts)


def heldout(part, name, parts):
    run = RunData(topics=[["a", "b"]], heldout=parts, labels=np.zeros(1))
    return metrics()[f"{part}_{name}"].score(run, Resources())


def test_held_out_documents_are_compared_with_fitted_ones_each_among_themselves():
    random = np.random.default_rng(3)
    parts = {
        part: (random.dirichlet(np.ones(4), size), random.integers(0, 3, size))
        for part, size in (("heldout", 12), ("fitted", 14))
    }
    for part, (theta, labels) in parts.items():
        assert heldout(part, "precision_at_5", parts) == precision_at(theta, labels, [5])[5]
        assert heldout(part, "purity", parts) == clustering.purity(theta.argmax(axis=1), labels)


def test_too_few_held_out_documents_are_refused():
    parts = {"heldout": (np.full((10, 2), 0.5), np.zeros(10)), "fitted": (np.full((12, 2), 0.5), np.zeros(12))}
    with pytest.raises(TopicbenchError, match="10 heldout documents are too few to retrieve 10 from"):
        heldout("heldout", "purity", parts)


def test_a_record_says_what_a_run_obtained_less_than_asked_for():
    record = {"num_topics": 5, "topics_obtained": 3, "topics_of_repeated_words": 1, "topics_of_fewer_words": 2}
    record["details"] = {"prior_per_epoch": [1.0, None], "loss_per_epoch": [None, 3.0]}
    of_record = {name: metric for name, metric in metrics().items() if metric.needs == {"record"}}
    assert {name: metric.score(RunData(record=record), Resources()) for name, metric in of_record.items()} == {
        "topics_missing": 2,
        "topics_of_repeated_words": 1,
        "topics_of_fewer_words": 2,
        "epochs_without_loss": 2,
    }


@pytest.fixture
def files(run, tmp_path):
    """Two seeds of a run on 60 documents of which 50 were kept, and one that held 12 of those out: their folders."""
    theta, topics, _ = run
    counts = {"topics_obtained": 4, "topics_of_repeated_words": 0, "topics_of_fewer_words": 0}
    for folder, seed in (("plain", 0), ("plain", 1), ("split", 0)):
        path = tmp_path / f"{folder}/K4/seed{seed}"
        path.mkdir(parents=True)
        record = {"num_topics": 4, "seed": seed, "documents": "kept", **counts}
        if folder == "split":
            record["heldout"] = {"inferred": True}
            order = np.random.default_rng(seed).permutation(np.arange(10, 60))
            for name, rows in (("heldout", order[:12]), ("fitted", order[12:]), ("fitted_sample", order[12:24])):
                np.save(path / f"rows_{name}.npy", np.sort(rows))
            np.save(path / "theta_heldout.npy", theta[:12])
        np.save(path / "theta.npy", theta[12:] if folder == "split" else np.roll(theta, seed, axis=0))
        (path / "topics.json").write_text(json.dumps(topics))
        (path / "run.json").write_text(json.dumps(record))
    return [str(tmp_path / name) for name in ("plain/K4/seed0", "plain/K4/seed1", "split/K4/seed0")]


@pytest.fixture
def corpus(run):
    """60 documents, ten of which have no vocabulary word."""
    labels = np.concatenate([np.full(10, 9), run[2]])
    return pd.DataFrame({"text": [f"text {number}" for number in range(60)], "label": labels}), np.arange(60) >= 10


def test_files_become_a_row_per_run_and_metric_and_one_per_topic(run, counts, files, corpus):
    resources = Resources(counts=counts["gensim"])
    table = score_runs(files, resources, 10, *corpus)
    assert table["topic"].dtype == "Int64"
    assert list(table["folder"].unique()) == files
    theta, topics, labels = run
    of_run = table[table["topic"].isna()].set_index(["folder", "metric"])["value"]
    assert of_run[files[0], "purity"] == clustering.purity(theta.argmax(axis=1), labels)
    expected = c_v([words[:10] for words in topics], counts["gensim"][110])
    found = table[(table["folder"] == files[0]) & (table["metric"] == "c_v")]
    assert found["topic"].tolist() == [pd.NA, 0, 1, 2, 3]
    assert found["value"].tolist() == [expected.mean(), *expected]
    assert set(table.loc[table["topic"].notna(), "metric"]) == {"c_v", "c_npmi"}
    # What is held out is scored among itself, and the rest by its own labels.
    read = {name: np.load(f"{files[2]}/rows_{name}.npy") for name in ("heldout", "fitted", "fitted_sample")}
    label = corpus[0]["label"].to_numpy()
    assert of_run[files[2], "purity"] == clustering.purity(theta[12:].argmax(axis=1), label[read["fitted"]])
    assert of_run[files[2], "heldout_purity"] == clustering.purity(theta[:12].argmax(axis=1), label[read["heldout"]])
    compared = theta[12:][np.isin(read["fitted"], read["fitted_sample"])]
    assert of_run[files[2], "fitted_precision_at_5"] == precision_at(compared, label[read["fitted_sample"]])[5]
    assert (files[0], "heldout_purity") not in of_run


def test_a_corpus_without_labels_has_no_metrics_of_them(counts, files, corpus):
    table = score_runs(files, Resources(counts=counts["gensim"]), 10, corpus[0][["text"]], corpus[1])
    assert {name for name, metric in metrics().items() if metric.needs_labels} & set(table["metric"]) == set()


def test_scores_are_kept_to_the_last_bit(counts, files, corpus, tmp_path):
    table = score_runs(files, Resources(counts=counts["gensim"]), 10, *corpus)
    table.to_parquet(tmp_path / "scores.parquet", index=False)
    read = pd.read_parquet(tmp_path / "scores.parquet")
    assert read["topic"].dtype == "Int64"
    assert read.equals(table)


def test_a_metric_of_several_seeds_sees_the_other_ones(files, corpus, monkeypatch):
    spread = Metric("seeds", "S", "how", frozenset({"siblings"}), lambda run, resources: 1 + len(run.siblings))
    monkeypatch.setattr(score, "metrics", lambda: {"seeds": spread})
    monkeypatch.setattr(score, "all_needs", lambda: frozenset({"theta", "siblings"}))
    table = score_runs(files, Resources(), 10, *corpus)
    assert table[["folder", "value"]].to_numpy().tolist() == [[files[0], 2], [files[1], 2]]


def test_the_judge_is_asked_once_for_all_topics(files):
    asked = []

    def judge(topics):
        asked.append(topics)
        return [len(words[0]) / 2 + place / 8 for place, words in enumerate(topics)]

    table = rate_runs(files, judge, 3)
    assert [len(topics) for topics in asked] == [4]
    assert all(len(words) == 3 for words in asked[0])
    assert set(table["metric"]) == {"llm_rating"}
    assert table["value"].tolist() == 3 * [1.6875, 1.5, 1.625, 1.75, 1.875]


def test_resources_are_read_from_files_that_are_there(counts, tmp_path):
    for name in ("gensim", "boolean"):
        save_counts(tmp_path / f"{name}.npz", counts[name])
    np.save(tmp_path / "glove.npy", np.eye(2))
    (tmp_path / "vocabulary.txt").write_text("one\ntwo\n")
    files = {f"{name}_counts": str(tmp_path / f"{name}.npz") for name in ("gensim", "boolean")}
    files |= {"second_counts": [], "documents": "documents.parquet", "language_models": [str(tmp_path / "smollm2")]}
    files |= {"word_vectors": [str(tmp_path / "glove.npy")], "vocabulary": str(tmp_path / "vocabulary.txt")}
    found = read_resources(files, "boolean", {"title": "Index", "jar": "palmetto.jar", "index": "index"})
    assert found.counts is found.boolean_counts
    assert found.gensim_counts[110].counting == "gensim"
    assert found.second_counts is found.judge is found.encoder is None
    assert found.palmetto.title == "Index"
    assert found.language_models == {"smollm2": str(tmp_path / "smollm2")}
    assert found.word_vectors["glove"]["two"].tolist() == [0, 1]
    encoder = {"name": "encoder", "title": "Encoder", "folder": "encoder"}
    found = read_resources({"encoder": [str(tmp_path / "encoder")]}, "gensim", encoder=encoder)
    assert found.encoder.args[0].folder == str(tmp_path / "encoder")


def test_no_rows_are_a_table_too():
    assert list(frame([])) == ["folder", "num_topics", "seed", "metric", "topic", "value"]


def test_importing_the_metrics_loads_no_heavy_library():
    code = "import sys, topicbench.metrics.score; print(*sys.modules)"
    path = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    loaded = subprocess.run([sys.executable, "-c", code], env=path, capture_output=True, text=True, check=True).stdout
    assert not {"torch", "gensim", "octis", "sklearn", "numba", "pandas"} & set(loaded.split())
