from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.coherence import c_npmi
from topicbench.metrics.judges.check import associations, auc, check, make_word_sets
from topicbench.metrics.section import Judge
from topicbench.metrics.windows import count_windows

THEMES = 12
SIZE = 5


def letters(number):
    return chr(97 + number // 26) + chr(97 + number % 26)


@pytest.fixture(scope="module")
def documents():
    rng = np.random.default_rng(0)
    themes = [[f"theme{letters(theme)}word{letters(word)}" for word in range(10)] for theme in range(THEMES)]
    common = [f"common{letters(word)}" for word in range(20)]
    drawn = [
        [*rng.choice(themes[number % THEMES], 6, replace=False), *rng.choice(common, 3, replace=False)]
        for number in range(600)
    ]
    # Words of one document each: the strongest associations, and worthless.
    rare = [[f"rare{letters(2 * number)}", f"rare{letters(2 * number + 1)}"] for number in range(70)]
    return [list(map(str, document)) for document in drawn + rare]


@pytest.fixture(scope="module")
def counts(documents):
    words = [*sorted({word for document in documents for word in document}), "unseen"]
    return count_windows(documents, words, windows=[10], reference="themes")[10]


@pytest.fixture(scope="module")
def word_sets(counts):
    return make_word_sets(counts, pairs=40, size=SIZE, seed=3)


def test_as_many_of_each_kind_without_repetition(word_sets):
    for sets in (word_sets.coherent, word_sets.shuffled):
        assert len(sets) == 40
        assert all(len(words) == len(set(words)) == SIZE for words in sets)


def test_both_kinds_hold_the_same_words_at_the_same_ranks(word_sets):
    for rank in range(SIZE):
        coherent, shuffled = (Counter(words[rank] for words in s) for s in (word_sets.coherent, word_sets.shuffled))
        assert coherent == shuffled


def test_rare_and_unseen_words_take_no_part(word_sets):
    assert not [word for words in word_sets.coherent for word in words if word.startswith(("rare", "unseen"))]


def test_coherent_sets_are_coherent_by_an_independent_measure(word_sets, counts):
    coherent, shuffled = c_npmi(word_sets.coherent, counts), c_npmi(word_sets.shuffled, counts)
    assert auc(coherent, shuffled) > 0.95
    of_one_theme = [len({word[:7] for word in words if word.startswith("theme")}) == 1 for words in word_sets.coherent]
    assert np.mean(of_one_theme) > 0.9


def test_same_seed_same_word_sets(counts, word_sets):
    assert make_word_sets(counts, pairs=40, size=SIZE, seed=3) == word_sets
    assert make_word_sets(counts, pairs=40, size=SIZE, seed=4) != word_sets


def test_npmi_against_the_definition_on_documents(documents, counts):
    # No document is longer than the window, so windows are documents.
    sets = [set(document) for document in documents]
    chosen = np.arange(0, len(counts.words) - 1, 9)
    joint = counts.joint(chosen[:, None], chosen[None, :])
    values = associations(counts.word_counts[chosen], joint, counts.num_windows)
    for left, right in combinations(range(len(chosen)), 2):
        a, b = counts.words[chosen[left]], counts.words[chosen[right]]
        p_a, p_b = (sum(word in s for s in sets) / len(sets) for word in (a, b))
        p_ab = sum(a in s and b in s for s in sets) / len(sets)
        expected = np.log(p_ab / (p_a * p_b)) / -np.log(p_ab) if p_ab else -1.0
        assert values[left, right] == values[right, left] == pytest.approx(expected)


def test_npmi_at_its_ends():
    joint = np.array([[2, 2, 0, 2], [2, 2, 0, 2], [0, 0, 2, 2], [2, 2, 2, 4]])
    values = associations(np.diag(joint), joint, 4)
    assert values[0, 1] == pytest.approx(1)
    assert values[0, 2] == -1
    assert values[3, 3] == 1
    assert values[0, 3] == pytest.approx(0)


def test_too_few_words(counts):
    with pytest.raises(TopicbenchError, match="themes: word sets of 100 words need 400"):
        make_word_sets(counts, pairs=100, size=100)


def test_too_few_sets_is_a_defect_of_the_caller(counts):
    with pytest.raises(ValueError, match="at least 5 sets"):
        make_word_sets(counts, pairs=4, size=SIZE)


def test_sets_that_cannot_be_dealt():
    # Every set is (word, hub) but the hub's own, so that only that one could follow the hub: itself.
    words = [f"word{letters(number)}" for number in range(10)]
    rare = [f"rare{letters(number)}" for number in range(11)]
    documents = [["hub", word] for word in words for _ in range(5)] + [[word] for word in rare]
    counts = count_windows(documents, ["hub", *words, *rare], windows=[10], reference="small")[10]
    with pytest.raises(TopicbenchError, match="small: its most strongly associated words"):
        make_word_sets(counts, pairs=11, size=2)


ratings = st.lists(st.sampled_from([1.0, 1.5, 2.0, 2.0001, 3.0]), min_size=1, max_size=30)


@given(ratings, ratings)
def test_auc_is_scikit_learns(coherent, shuffled):
    expected = roc_auc_score([1] * len(coherent) + [0] * len(shuffled), coherent + shuffled)
    assert auc(coherent, shuffled) == pytest.approx(expected)


@given(ratings, ratings)
def test_auc_turns_round_with_its_arguments(coherent, shuffled):
    assert auc(coherent, shuffled) + auc(shuffled, coherent) == pytest.approx(1)


def test_auc_by_hand():
    assert auc([3, 2], [2, 1]) == 0.875
    assert auc([2, 2], [2, 2]) == 0.5


def test_a_judge_is_not_asked_where_there_can_be_no_word_sets(counts, tmp_path):
    judge = Judge(title="Judge", model="none", base_url="http://127.0.0.1:9")
    result = check(judge, counts, tmp_path, pairs=100, top_words=100)
    assert (result["auc"], result["informative"], result["n"]) == (None, False, 0)
    assert "word sets of 100 words need 400" in result["reason"]
