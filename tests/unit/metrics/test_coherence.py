from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from gensim.corpora import Dictionary
from gensim.models.coherencemodel import CoherenceModel
from gensim.topic_coherence.text_analysis import WordOccurrenceAccumulator
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import ROOT
from topicbench.core.errors import TopicbenchError
from topicbench.metrics import windows
from topicbench.metrics.coherence import c_npmi, c_v, unseen_words
from topicbench.metrics.windows import count_windows, load_counts, save_counts, tokenise_reference

WIKIPEDIA = ROOT / "data/wikipedia_en_sample.parquet"
WORDS = list("abcdefgh")
TEXTS = st.lists(st.lists(st.sampled_from([*WORDS, "."]), max_size=25), min_size=1, max_size=6)
FUNCTIONS = {"c_v": c_v, "c_npmi": c_npmi}


def gensim_coherence(topics, texts, kind, window):
    model = CoherenceModel(
        topics=topics,
        texts=texts,
        dictionary=Dictionary(texts),
        coherence=kind,
        window_size=window,
        topn=max(map(len, topics)),
        processes=1,
    )
    return np.array(model.get_coherence_per_topic())


def slow_boolean_counts(texts, words, window):
    """Windows, word counts and pair counts by looking at every window."""
    sets = [set(text[start : start + window]) for text in texts for start in range(max(1, len(text) - window + 1))]
    pairs = [sum(v in s and w in s for s in sets) for i, v in enumerate(words) for w in words[i + 1 :]]
    return len(sets), [sum(w in s for s in sets) for w in words], pairs


@given(TEXTS, st.integers(1, 12))
@settings(max_examples=150, deadline=None)
def test_boolean_counts_equal_looking_at_every_window(texts, window):
    counts = count_windows(texts, WORDS, [window], counting="boolean")[window]
    number, singles, pairs = slow_boolean_counts(texts, WORDS, window)
    assert counts.num_windows == number
    assert counts.word_counts.tolist() == singles
    assert counts.pair_counts.tolist() == pairs


@given(TEXTS, st.integers(1, 12))
@settings(max_examples=150, deadline=None)
def test_gensim_counts_equal_those_of_gensim(texts, window):
    dictionary = Dictionary([*texts, WORDS])
    ids = [dictionary.token2id[word] for word in WORDS]
    reference = WordOccurrenceAccumulator(set(ids), dictionary).accumulate(texts, window)
    counts = count_windows(texts, WORDS, [window])[window]
    assert counts.num_windows == reference.num_docs
    places = np.arange(len(WORDS))
    joint = counts.joint(places[:, None].repeat(len(WORDS), 1), places[None].repeat(len(WORDS), 0))
    assert joint.tolist() == [[int(reference[v, w]) for w in WORDS] for v in WORDS]


def test_the_two_ways_of_counting_on_palmettos_own_example():
    # A B C B A C C, window 3. Palmetto's test of its sliding window expects A 4, B 4, A and B 3.
    text = [list("ABCBACC")]
    boolean = count_windows(text, list("AB"), [3], counting="boolean")[3]
    assert (boolean.num_windows, boolean.word_counts.tolist(), boolean.pair_counts.tolist()) == (5, [4, 4], [3])
    # gensim loses B when the first of the two B in "BCB" leaves.
    gensim = count_windows(text, list("AB"), [3])[3]
    assert (gensim.num_windows, gensim.word_counts.tolist(), gensim.pair_counts.tolist()) == (5, [4, 2], [1])


def test_documents_no_longer_than_the_window_and_empty_ones_are_one_window_each():
    counts = count_windows([["a"], [], ["a", "b"], ["a", "b", "c"], list("abcd")], list("abcd"), [3])[3]
    assert counts.num_windows == 6
    assert counts.word_counts.tolist() == [4, 4, 3, 1]


@given(TEXTS, st.sampled_from([2, 3, 5, 10]), st.data())
@settings(max_examples=80, deadline=None)
def test_coherence_equals_gensim_on_random_texts(texts, window, data):
    seen = sorted({word for text in texts for word in text} & set(WORDS))
    if len(seen) < 2:
        return
    lengths = st.integers(2, len(seen))
    topics = [data.draw(st.permutations(seen))[: data.draw(lengths)] for _ in range(3)]
    counts = count_windows(texts, WORDS, [window])[window]
    for kind, function in FUNCTIONS.items():
        np.testing.assert_allclose(
            function(topics, counts), gensim_coherence(topics, texts, kind, window), rtol=0, atol=1e-6
        )


@pytest.fixture(scope="module")
def articles():
    return [tokenise_reference(text) for text in pd.read_parquet(WIKIPEDIA)["text"].iloc[:4000:80]]


@pytest.mark.parametrize(("kind", "window"), [("c_v", 110), ("c_npmi", 10)])
def test_coherence_equals_gensim_on_wikipedia(articles, kind, window):
    frequencies = pd.Series([token for text in articles for token in text if len(token) > 2]).value_counts()
    words = sorted(frequencies.index[50:650])
    order = np.random.default_rng(0).permutation(len(words))
    topics = [[words[place] for place in order[start : start + 15]] for start in range(0, 180, 15)]
    counts = count_windows(articles, words)[window]
    np.testing.assert_allclose(
        FUNCTIONS[kind](topics, counts), gensim_coherence(topics, articles, kind, window), rtol=0, atol=1e-6
    )


def test_batches_do_not_change_the_counts(articles, monkeypatch):
    words = ["city", "state", "war", "world", "music"]
    whole = count_windows(articles, words)
    monkeypatch.setattr(windows, "_BATCH_TOKENS", 1000)
    pieces = count_windows(iter(articles), words)
    for window, counts in whole.items():
        assert counts.num_windows == pieces[window].num_windows
        assert counts.word_counts.tolist() == pieces[window].word_counts.tolist()
        assert counts.pair_counts.tolist() == pieces[window].pair_counts.tolist()
        assert counts.word_counts.min() > 0


def test_texts_are_tokenised_and_token_lists_taken_as_they_are():
    counts = count_windows(["Cats, dogs; cats' Été-owl 3dogs", ["Cats"]], ["cats", "dogs", "été"], [1])[1]
    assert counts.word_counts.tolist() == [2, 2, 1]


def test_tokens_of_the_reference_are_lower_cased_runs_of_letters():
    assert tokenise_reference("The U.S. don't re-use x_1, Åre2go!") == (
        ["the", "u", "s", "don", "t", "re", "use", "x", "åre", "go"]
    )


def slow_coherences(topic, sets):
    """C_V and C_NPMI of a topic by Palmetto's definitions, undefined NPMI being 0."""

    def probability(*words):
        return sum(all(word in s for word in words) for s in sets) / len(sets)

    def npmi(v, w):
        independent = probability(v) * probability(w)
        joint = probability(v, w) + 1e-12
        return np.log(joint / independent) / -np.log(joint) if independent else 0.0

    matrix = np.array([[npmi(v, w) for w in topic] for v in topic])
    whole = matrix.sum(axis=0)
    cosines = [row @ whole / (np.linalg.norm(row) * np.linalg.norm(whole)) if row.any() else 0.0 for row in matrix]
    pairs = [matrix[i, j] for i in range(len(topic)) for j in range(len(topic)) if i != j]
    return np.mean(cosines), np.mean(pairs)


def test_unseen_words_have_npmi_0_as_in_palmetto():
    texts = [list("abcab"), list("bca"), list("cd"), list("dab")]
    sets = [set(text[i : i + 3]) for text in texts for i in range(max(1, len(text) - 2))]
    words = [*"abcd", "x", "y"]
    counts = count_windows(texts, words, [3], counting="boolean")[3]
    topics = [["a", "x", "b", "c"], ["x", "y"], ["c", "d"]]
    expected = np.array([slow_coherences(topic, sets) for topic in topics])
    np.testing.assert_allclose(c_v(topics, counts), expected[:, 0], atol=1e-12)
    np.testing.assert_allclose(c_npmi(topics, counts), expected[:, 1], atol=1e-12)
    assert c_v(topics, counts)[1] == c_npmi(topics, counts)[1] == 0
    assert unseen_words(topics, counts) == ["x", "y"]
    assert unseen_words(topics[2:], counts) == []


def test_a_topic_scores_the_same_beside_longer_ones():
    counts = count_windows([list("abcdeabd"), list("ecab")], list("abcde"), [3])[3]
    for function in FUNCTIONS.values():
        alone = function([["a", "c", "b"]], counts)
        beside = function([["a", "c", "b"], list("edcba")], counts)
        np.testing.assert_allclose(beside[0], alone[0], atol=1e-15)


def test_saved_counts_are_read_back_and_bytes_repeat(tmp_path):
    counts = count_windows([list("abcab"), ["été"]], [*"abc", "été"], [2, 4], reference="tiny", counting="boolean")
    save_counts(tmp_path / "counts.npz", counts)
    save_counts(tmp_path / "again.npz", counts)
    assert (tmp_path / "counts.npz").read_bytes() == (tmp_path / "again.npz").read_bytes()
    read = load_counts(tmp_path / "counts.npz")
    assert list(read) == [2, 4]
    for window, each in counts.items():
        found = read[window]
        assert (found.words, found.window, found.num_windows) == (each.words, window, each.num_windows)
        assert (found.reference, found.counting) == ("tiny", "boolean")
        assert found.word_counts.tolist() == each.word_counts.tolist()
        assert found.pair_counts.tolist() == each.pair_counts.tolist()


def test_a_broken_or_missing_file_of_counts_is_named(tmp_path):
    with pytest.raises(TopicbenchError, match=r"counts\.npz: file not found"):
        load_counts(tmp_path / "counts.npz")
    save_counts(tmp_path / "counts.npz", count_windows([list("ab")], list("ab"), [2]))
    whole = (tmp_path / "counts.npz").read_bytes()
    (tmp_path / "counts.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TopicbenchError, match=r"counts\.npz: not a whole file of counts"):
        load_counts(tmp_path / "counts.npz")
    np.savez(tmp_path / "other.npz", x=np.zeros(2))
    with pytest.raises(TopicbenchError, match=r"other\.npz: not a whole file of counts"):
        load_counts(tmp_path / "other.npz")
    np.save(tmp_path / "array.npy", np.zeros(2))
    with pytest.raises(TopicbenchError, match=r"array\.npy: not a whole file of counts"):
        load_counts(tmp_path / "array.npy")


@pytest.mark.parametrize(
    ("topics", "message"),
    [
        ([], "topics: the list of topics is empty"),
        ([["a", "b"], ["a"]], r"topic 1: has 1 words \(a\); at least 2"),
        ([["a", "b"], []], r"topic 1: has 0 words \(none\)"),
        ([["a", "b", "a"]], "topic 0: lists the word 'a' 2 times"),
        ([["a", "b"], ["a", "zebra"]], "topic 1: word 'zebra' was not counted in the reference corpus tiny"),
    ],
)
@pytest.mark.parametrize("function", [c_v, c_npmi, unseen_words])
def test_topics_that_cannot_be_scored_are_named(function, topics, message):
    counts = count_windows([list("ab")], list("ab"), [2], reference="tiny")[2]
    with pytest.raises(TopicbenchError, match=message):
        function(topics, counts)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"documents": []}, "tiny: has no documents"),
        ({"words": []}, "words: there are no words"),
        ({"words": ["a", "b", "a"]}, "words: 'a' is listed more than once"),
        ({"windows": [0]}, r"windows: \[0\] are not window sizes"),
        ({"windows": []}, "windows: "),
        ({"counting": "other"}, "counting: 'other' is unknown"),
    ],
)
def test_what_cannot_be_counted_is_named(changes, message):
    arguments = {"documents": [["a"]], "words": ["a"], "windows": [2], "reference": "tiny", **changes}
    with pytest.raises(TopicbenchError, match=message):
        count_windows(**arguments)
