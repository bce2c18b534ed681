from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from topicbench.core.errors import TopicbenchError
from topicbench.metrics import clustering
from topicbench.metrics.coherence import c_npmi, c_v, count_windows
from topicbench.metrics.contract import METRICS
from topicbench.metrics.diversity import i_rbo
from topicbench.metrics.retrieval import precision_at
from topicbench.metrics.score import heldout_scores, score_again, score_run

WORDS = [f"w{i:02}" for i in range(40)]


@pytest.fixture(scope="module")
def counts():
    random = np.random.default_rng(0)
    return count_windows([[*random.choice(WORDS, 300)] for _ in range(5)], WORDS, reference="random")


@pytest.fixture
def run():
    random = np.random.default_rng(1)
    topics = [[*random.permutation(WORDS)[:12]] for _ in range(4)]
    return random.dirichlet(np.ones(4), 50).astype(np.float32), topics, random.integers(0, 3, 50)


def test_scores_are_those_of_the_single_metrics_in_the_registrys_order(run, counts):
    theta, topics, labels = run
    scores = score_run(theta, topics, counts, labels, top_words=10)
    shortened = [words[:10] for words in topics]
    elsewhere = ("llm_rating", "seconds", "peak_memory_mb", "c_v_other_counting", "c_v_second", "c_npmi_second")
    assert list(scores) == [name for name in METRICS if name not in elsewhere]
    assert scores["c_v"] == pytest.approx(c_v(shortened, counts[110]).mean())
    assert scores["c_npmi"] == pytest.approx(c_npmi(shortened, counts[10]).mean())
    assert scores["i_rbo"] == i_rbo(shortened)
    assert scores["purity"] == clustering.purity(theta.argmax(axis=1), labels)
    assert scores["precision_at_5"] == precision_at(theta, labels)[5]
    assert all(type(value) is float for value in scores.values())
    assert all(METRICS[name].minimum <= value <= METRICS[name].maximum for name, value in scores.items())


def test_other_identities_are_the_same_formulas_on_other_counts(run, counts):
    _, topics, _ = run
    words = sorted({word for topic in topics for word in topic})
    documents = [words[place:] + words[:place] + words[::2] for place in range(len(words))]
    recounted, second = (count_windows(documents, words, counting=counting) for counting in ("boolean", "gensim"))
    assert score_again(topics, recounted) == {"c_v_other_counting": pytest.approx(c_v(topics, recounted[110]).mean())}
    both = score_again(topics, recounted, second)
    assert both["c_v_second"] == pytest.approx(c_v(topics, second[110]).mean())
    assert both["c_npmi_second"] == pytest.approx(c_npmi(topics, second[10]).mean())
    cut = score_again([topic[:3] for topic in topics], recounted)
    assert score_again(topics, recounted, top_words=3) == cut


def test_without_labels_their_metrics_are_left_out(run, counts):
    theta, topics, _ = run
    assert list(score_run(theta, topics, counts)) == ["c_v", "c_npmi", "i_rbo", "topic_diversity"]


def test_topics_may_be_shorter_than_asked(run, counts):
    theta, topics, labels = run
    shorter = [topics[0][:3], *topics[1:]]
    assert score_run(theta, shorter, counts, labels)["topic_diversity"] == len({w for t in shorter for w in t}) / 39


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
        score_run(theta, topics, counts, labels)


def test_numbers_of_documents_topics_and_labels_must_agree(run, counts):
    theta, topics, labels = run
    with pytest.raises(TopicbenchError, match="theta: has 49 documents, but there are 50 labels"):
        score_run(theta[:49], topics, counts, labels)
    with pytest.raises(TopicbenchError, match="theta: has 50 documents, but there are 49 labels"):
        score_run(theta, topics, counts, labels[:49])
    with pytest.raises(TopicbenchError, match="topics: 3 topics, but theta has 4 columns"):
        score_run(theta, topics[:3], counts, labels)
    with pytest.raises(TopicbenchError, match=r"theta: has shape \(50,\)"):
        score_run(theta[:, 0], topics, counts, labels)


def test_topics_that_cannot_be_scored_are_refused(run, counts):
    theta, topics, labels = run
    with pytest.raises(TopicbenchError, match="topics: the list of topics is empty"):
        score_run(theta, [], counts, labels)
    with pytest.raises(TopicbenchError, match="topic 2: has 1 words"):
        score_run(theta, [*topics[:2], topics[2][:1], topics[3]], counts, labels)
    with pytest.raises(TopicbenchError, match="topic 0: word 'zebra' was not counted"):
        score_run(theta, [["zebra", "w01"], *topics[1:]], counts, labels)


def test_counts_of_another_window_do_not_stand_in(run, counts):
    theta, topics, labels = run
    with pytest.raises(TopicbenchError, match="windows of 10 tokens were not counted"):
        score_run(theta, topics, {110: counts[110]}, labels)


def test_too_few_documents_to_retrieve_are_refused(run, counts):
    theta, topics, labels = run
    with pytest.raises(TopicbenchError, match="theta: precision at 10 needs 10 documents"):
        score_run(theta[:10], topics, counts, labels[:10])


def test_held_out_documents_are_compared_with_as_many_fitted_ones_each_among_themselves():
    random = np.random.default_rng(3)
    theta, inferred = random.dirichlet(np.ones(4), 40), random.dirichlet(np.ones(4), 12)
    order = random.permutation(60)
    fitted, heldout = np.sort(order[:40]), np.sort(order[40:52])
    compared, labels = fitted[::3], random.integers(0, 3, 60)
    scores = heldout_scores(theta, inferred, (fitted, heldout, compared), labels)
    assert scores["heldout_precision_at_5"] == precision_at(inferred, labels[heldout], [5])[5]
    assert scores["fitted_precision_at_5"] == precision_at(theta[::3], labels[compared], [5])[5]
    assert scores["heldout_purity"] == clustering.purity(inferred.argmax(axis=1), labels[heldout])
    assert scores["fitted_purity"] == clustering.purity(theta[::3].argmax(axis=1), labels[compared])


def test_too_few_held_out_documents_are_refused():
    theta = np.full((30, 2), 0.5)
    rows = np.arange(30), np.arange(30, 40), np.arange(12)
    with pytest.raises(TopicbenchError, match="10 heldout documents are too few to retrieve 10 from"):
        heldout_scores(theta, theta[:10], rows, np.zeros(40))


def test_importing_the_metrics_loads_no_heavy_library():
    code = "import sys, topicbench.metrics.score; print(*sys.modules)"
    path = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    loaded = subprocess.run([sys.executable, "-c", code], env=path, capture_output=True, text=True, check=True).stdout
    assert not {"torch", "gensim", "octis", "sklearn", "numba", "pandas"} & set(loaded.split())
