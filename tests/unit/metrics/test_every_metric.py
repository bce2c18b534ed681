"""The contract, over every metric there is: bounds, direction, topics' values, needs, definition, clear errors."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.contract import Context, Resources, RunData, definitions, metrics
from topicbench.metrics.windows import count_windows
from topicbench.views.contract import Definition

THEMES = [[f"{theme}word{letter}" for letter in "abcdefghijkl"] for theme in ("sea", "law", "art", "zoo")]
WORDS = [word for theme in THEMES for word in theme]
CONTEXT = Context(
    *(10, "a reference corpus", "gensim", "a second corpus", "boolean", None, "a judge"),
    **{name: f"some {name}" for name in ("encoder", "language_models", "word_vectors")},
)
EVERY = pytest.mark.parametrize("metric", metrics().values(), ids=metrics())


def documents(seed):
    random = np.random.default_rng(seed)
    return [[*map(str, random.permutation(THEMES[number % 4] * 2))] for number in range(40)]


def counted(counting, seed=0):
    return count_windows(documents(seed), WORDS, counting=counting)


def embedded(texts):
    """How many words of each theme a text has."""
    return np.array([[sum(word in text for word in theme) for theme in THEMES] for text in texts], dtype=np.float64)


def rated(topics):
    """3 for words of one theme, 1 for words of every theme."""
    return [1 + 2 * (4 - len({word[:3] for word in words})) / 3 for words in topics]


RESOURCES = Resources(
    counts=counted("gensim"),
    gensim_counts=counted("gensim"),
    boolean_counts=counted("boolean"),
    second_counts=counted("boolean", 1),
    judge=rated,
    encoder=embedded,
    language_models={"model": "folder"},
    word_vectors={"vectors": dict(zip(WORDS, embedded(WORDS), strict=True))},
)


def run_of(topics, theta, labels, record, beta):
    run = RunData(topics, theta, beta, labels, record)
    parts = {"heldout": (theta[::-1], labels[::-1]), "fitted": (theta, labels)}
    return replace(run, heldout=parts, siblings=[replace(run)])


def record_of(num_topics, **wrong):
    counts = {"topics_obtained": num_topics, "topics_of_repeated_words": 0, "topics_of_fewer_words": 0}
    return {"num_topics": num_topics, "seed": 0, **counts, **wrong}


def beta_of(topics):
    return np.array([[words.index(word) + 1 if word in words else 0.5 for word in WORDS] for words in topics])


def good():
    """Each topic one theme, each document one topic, which is its label."""
    labels = np.arange(60) % 4
    topics = [theme[:10] for theme in THEMES]
    return run_of(topics, np.eye(4)[labels] * 0.96 + 0.01, labels, record_of(4), beta_of(topics))


def bad():
    """Topics of all themes that share words, documents in hardly any topic, labels by chance, and all that can fail."""
    random = np.random.default_rng(0)
    topics = [[theme[(place + shift) % 5] for place in range(2) for theme in THEMES] for shift in (0, 0, 1, 1)]
    details = {"loss_per_epoch": [None, 1.0]}
    wrong = {"topics_obtained": 3, "topics_of_repeated_words": 2, "topics_of_fewer_words": 1, "details": details}
    theta = random.dirichlet(np.full(4, 100.0), 60)
    return run_of(topics, theta, random.integers(0, 3, 60), record_of(4, **wrong), beta_of(topics))


def value(metric, run, resources=RESOURCES):
    return metric.of_run(metric.score(run, resources))


def drawn(num_topics, documents, length, labels, seed):
    random = np.random.default_rng(seed)
    topics = [[*map(str, random.permutation(WORDS)[:length])] for _ in range(num_topics)]
    theta = random.dirichlet(np.full(num_topics, 0.3), documents) * random.integers(0, 2, (documents, 1))
    beta = random.normal(size=(num_topics, len(WORDS)))
    return run_of(topics, theta, random.integers(0, labels, documents), record_of(num_topics), beta)


RUNS = st.builds(
    drawn, st.integers(2, 5), st.integers(11, 30), st.integers(2, 10), st.integers(1, 4), st.integers(0, 10**6)
)


@EVERY
@given(run=RUNS)
@settings(max_examples=25, deadline=None)
def test_values_lie_within_the_bounds_and_a_runs_is_the_mean_of_its_topics(metric, run):
    if "language_models" in metric.reads:
        pytest.skip("a language model takes a test of its own")
    scores = metric.score(run, RESOURCES)
    each = np.atleast_1d(scores)
    assert metric.minimum - 1e-9 <= each.min() <= each.max() <= metric.maximum + 1e-9
    assert each.shape == ((len(run.topics),) if metric.per_topic else (1,))
    assert metric.of_run(scores) == pytest.approx(each.mean(), abs=1e-12)
    assert np.array_equal(metric.score(run, RESOURCES), scores), "computed again, it is another"


@EVERY
def test_what_is_better_scores_better(metric):
    better, worse = value(metric, good()), value(metric, bad())
    assert better > worse if metric.higher_is_better else better < worse


@EVERY
def test_it_needs_what_it_declares_and_nothing_else(metric):
    run = good()
    only = [
        type(given)(**{each.name: getattr(given, each.name) for each in fields(given) if each.name in metric.reads})
        for given in (run, RESOURCES)
    ]
    assert value(metric, replace(only[0], topics=run.topics), only[1]) == value(metric, run)
    for need in metric.needs:
        changed = [replace(each, **{need: None}) if hasattr(each, need) else each for each in (run, RESOURCES)]
        assert not metric.is_available(*changed)
    assert metric.is_available(run, RESOURCES)


@EVERY
def test_a_metric_of_the_judge_is_computed_from_the_files_of_a_run(metric):
    # The job that asks the judge reads nothing else.
    assert "judge" not in metric.needs or metric.reads <= {"judge", "topics", "theta", "beta", "record"}


@EVERY
def test_the_definition_names_its_parameters(metric):
    text = metric.definition(CONTEXT)
    assert text
    assert "{" not in text
    assert all(str(parameter) in text for parameter in metric.parameters(CONTEXT).values())


def edge_cases():
    run = good()
    theta, labels = run.theta, run.labels
    yield "one topic", drawn(1, 20, 5, 2, 0)
    yield "two documents", run_of(run.topics, theta[:2], labels[:2], run.record, run.beta)
    yield "a topic of no document", replace(run, theta=np.eye(4)[np.zeros(60, int)])
    yield "documents without topics", run_of(run.topics, np.zeros_like(theta), labels, run.record, run.beta)
    yield "one label", run_of(run.topics, theta, np.zeros(60, int), run.record, run.beta)
    yield "an unknown word", replace(run, topics=[["unknown", "sea"], *run.topics[1:]])


@EVERY
@pytest.mark.parametrize(("name", "run"), edge_cases())
def test_where_it_is_undefined_it_says_so(metric, name, run):
    # Whatever else it raised would end the test.
    with suppress(TopicbenchError):
        assert metric.minimum - 1e-9 <= value(metric, run) <= metric.maximum + 1e-9


def test_definitions_are_what_views_read_and_json_can_hold():
    found = definitions(CONTEXT)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    read = {name: Definition.model_validate(each) for name, each in found.items()}
    for name, metric in metrics().items():
        assert read[name].title == metric.title
        assert (read[name].maximum is None) is (metric.maximum == math.inf)
        assert read[name].needs_labels is ("labels" in metric.needs)
