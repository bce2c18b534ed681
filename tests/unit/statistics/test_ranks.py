import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from topicbench.core.errors import TopicbenchError
from topicbench.statistics.ranks import critical_difference, labels, nemenyi, rank_blocks


@pytest.mark.parametrize(("k", "q"), [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (7, 2.949), (10, 3.164)])
def test_critical_values_are_demsars(k, q):
    # Demšar (2006), table 5 (a), alpha = 0.05.
    assert nemenyi(k, 14) == pytest.approx(q * math.sqrt(k * (k + 1) / (6 * 14)), abs=2e-3)


def test_demsars_example():
    # Demšar (2006), section 3.2.2: k = 4, N = 14, CD = 1.25 at alpha 0.05; mean ranks 3.143, 2.000, 2.893, 1.964.
    assert nemenyi(4, 14) == pytest.approx(1.25, abs=0.005)


def test_ranks_hand_worked():
    values = np.array([[0.9, 0.5, 0.5], [0.8, 0.7, 0.6], [0.9, 0.1, 0.2], [0.4, 0.3, 0.2]])
    result = rank_blocks(values, ["a", "b", "c"])
    assert dict(result.mean_ranks) == {"a": 1, "b": 2.375, "c": 2.625}
    assert list(result.mean_ranks) == ["a", "b", "c"]
    assert (result.n_blocks, result.k) == (4, 3)
    reversed_ = rank_blocks(values, ["a", "b", "c"], higher_is_better=False)
    assert reversed_.mean_ranks["a"] == 3


def test_blocks_that_tie_throughout_do_not_differ():
    result = rank_blocks(np.ones((3, 4)), "abcd")
    assert dict(result.mean_ranks) == dict.fromkeys("abcd", 2.5)
    assert result.cliques == (("a", "b", "c", "d"),)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 10), st.integers(1, 12), st.booleans(), st.sampled_from([0.01, 0.05, 0.1]))
def test_scikit_posthocs_agrees_with_the_critical_difference_ties_included(seed, k, n, ties, alpha):
    generator = np.random.default_rng(seed)
    values = generator.integers(0, 4, size=(n, k)).astype(float) if ties else generator.random((n, k))
    result = rank_blocks(values, list(range(k)), alpha=alpha)
    names, means = list(result.mean_ranks), np.array(list(result.mean_ranks.values()))
    np.testing.assert_allclose(means, np.sort(stats.rankdata(-values, axis=1).mean(axis=0)))
    expected = []
    for start in range(k):
        stop = int(np.searchsorted(means, means[start] + result.cd, side="right"))
        if stop - start > 1 and (not expected or stop > expected[-1].stop):
            expected.append(range(start, stop))
    assert result.cliques == tuple(tuple(names[place] for place in group) for group in expected)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 8), st.integers(1, 12))
def test_cliques_are_the_maximal_groups_within_the_critical_difference(seed, k, n):
    values = np.random.default_rng(seed).random((n, k))
    result = rank_blocks(values, list(range(k)))
    ranks = result.mean_ranks
    assert sum(ranks.values()) == pytest.approx(k * (k + 1) / 2)
    for clique in result.cliques:
        assert len(clique) > 1
        assert ranks[clique[-1]] - ranks[clique[0]] <= result.cd + 1e-12
        assert not any(set(clique) < set(other) for other in result.cliques)
    for a in ranks:
        for b in ranks:
            if a != b and abs(ranks[a] - ranks[b]) < result.cd - 1e-9:
                assert any({a, b} <= set(clique) for clique in result.cliques)


def long_frame():
    rows = [
        {
            "corpus": corpus,
            "vocabulary_size": 10,
            "method": method,
            "variant": "default",
            "title": method.upper(),
            "num_topics": k,
            "seed": seed,
            "metric": "c_v",
            "value": level + 0.1 * seed,
        }
        for corpus in ("x", "y")
        for k in (5, 10)
        for method, level in (("a", 0.1), ("b", 0.3), ("c", 0.2))
        for seed in (0, 1)
    ]
    return pd.DataFrame(rows)


def test_blocks_are_corpus_and_k_with_means_over_seeds():
    frame = long_frame()
    # One high seed does not make the best mean.
    frame.loc[(frame.method == "a") & (frame.seed == 1), "value"] = 0.39
    result = critical_difference(frame, "c_v", True)
    assert dict(result.mean_ranks) == {"B": 1, "C": 2, "A": 3}
    assert result.n_blocks == 4
    assert dict(critical_difference(frame, "c_v", False).mean_ranks) == {"A": 1, "C": 2, "B": 3}


def test_a_missing_block_is_named():
    frame = long_frame()
    frame = frame[~((frame.method == "c") & (frame.corpus == "y") & (frame.num_topics == 10))]
    with pytest.raises(TopicbenchError, match=r"c_v of c/default: missing for corpus y, \|V\| = 10, K = 10"):
        critical_difference(frame, "c_v", True)


def test_a_metric_without_values_is_an_error():
    with pytest.raises(TopicbenchError, match="purity: has no values"):
        critical_difference(long_frame(), "purity", True)


def test_titles_that_repeat_are_told_apart():
    frame = long_frame()
    frame["title"] = frame["title"].replace({"B": "A"})
    assert list(labels(frame).values()) == ["A (a/default)", "A (b/default)", "C"]
    assert labels(frame)[("b", "default")] == "A (b/default)"
