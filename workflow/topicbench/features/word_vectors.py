"""Pretrained word vectors of the vocabulary, for ETM and ECRTM (Appendix C)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from topicbench.core.errors import TopicbenchError, brief, explained
from topicbench.core.files import read_npy, require_checksum
from topicbench.features import packaged
from topicbench.features.section import WordVectors


def word_vectors(spec: WordVectors, vocabulary: Sequence[str], root: str | Path = ".") -> tuple[np.ndarray, np.ndarray]:
    """The vectors of the vocabulary's words, looked up as the words are written.

    A word that has none is drawn from a normal distribution with the mean and, in each dimension, the standard
    deviation of the vectors found. Its generator is seeded by ``spec.missing_seed`` and the word, so that the draw
    before scaling is the same in every vocabulary.

    Args:
        spec: where the vectors come from.
        vocabulary: V words.
        root: folder that ``spec.path`` is relative to.

    Returns:
        V×W float32 vectors, and V booleans: which words were found.

    Raises:
        TopicbenchError: vectors that cannot be read or hold NaN, a wrong checksum, or no word found.
    """
    if spec.package:
        rows, matrix = _packaged(spec)
        known = {word: matrix[rows[word]] for word in vocabulary if word in rows}
        dimensions = matrix.shape[1]
    else:
        keyed = _from_file(spec, Path(root)) if spec.path else _from_gensim(spec.gensim)
        known = {word: keyed[word] for word in vocabulary if word in keyed.key_to_index}
        dimensions = keyed.vector_size
    found = np.array([word in known for word in vocabulary], dtype=bool)
    if not found.any():
        raise TopicbenchError(
            _source(spec), f"has a vector for none of the {len(vocabulary)} words of the vocabulary", "use others"
        )
    vectors = np.empty((len(vocabulary), dimensions), dtype=np.float32)
    vectors[found] = [known[word] for word in vocabulary if word in known]
    if not np.isfinite(vectors[found]).all():
        word = next(word for word in known if not np.isfinite(known[word]).all())
        raise TopicbenchError(_source(spec), f"the vector of '{word}' holds NaN or infinity", "fetch the file again")
    mean = vectors[found].mean(axis=0, dtype=np.float64)
    deviation = vectors[found].std(axis=0, dtype=np.float64)
    for column in np.flatnonzero(~found):
        generator = np.random.default_rng([spec.missing_seed, *vocabulary[column].encode()])
        vectors[column] = mean + deviation * generator.standard_normal(dimensions)
    return vectors, found


def record(spec: WordVectors, vocabulary: Sequence[str], found: np.ndarray, examples: int = 20) -> dict[str, Any]:
    """What was looked up where, how many words have no vector, and the first of them."""
    missing = [word for word, has in zip(vocabulary, found, strict=True) if not has]
    return {
        "word_vectors": spec.model_dump(mode="json"),
        "package_version": packaged.version(spec.package) if spec.package else None,
        "words": len(vocabulary),
        "missing": len(missing),
        "missing_examples": missing[:examples],
        "missing_treatment": "normal draw with the mean and per-dimension standard deviation of the vectors found",
    }


def _source(spec: WordVectors) -> str:
    return spec.package.package if spec.package else spec.path or f"gensim: {spec.gensim}"


def _packaged(spec: WordVectors) -> tuple[dict[str, int], np.ndarray]:
    """Row of each word, and the matrix, left on disk. Without a column of rows, words are in the matrix's order."""
    import pandas as pd

    matrix = read_npy(packaged.locate(spec.package), mapped=True)
    path = packaged.locate(spec.index)
    table = pd.read_parquet(path)
    numbers = [name for name in table.columns if pd.api.types.is_integer_dtype(table[name])]
    words = [name for name in table.columns if name not in numbers]
    if len(words) != 1 or len(numbers) > 1:
        raise TopicbenchError(path, f"expected a column of words and at most one of rows; found {[*table.columns]}")
    rows = table[numbers[0]].to_numpy() if numbers else np.arange(len(table))
    if matrix.ndim != 2 or len(rows) == 0 or rows.min() < 0 or rows.max() >= len(matrix):
        raise TopicbenchError(path, f"{len(rows)} words do not fit the rows of a matrix of shape {matrix.shape}")
    return dict(zip(table[words[0]], rows.tolist(), strict=True)), matrix


def _from_file(spec: WordVectors, root: Path) -> Any:
    path = root / spec.path
    require_checksum(path, spec.sha256)
    return _read(path)


def _read(path: Path) -> Any:
    """`KeyedVectors` from word2vec's binary or text, headed or not, also gzipped.

    gensim's own format is a pickle: loading one would run whatever code its maker put in.
    """
    from gensim.models import KeyedVectors
    from gensim.utils import open as gensim_open

    try:
        with gensim_open(str(path), "rb") as file:
            start = file.readline(1 << 16)
            header = start.split()
            headed = len(header) == 2 and all(number.isdigit() for number in header)
            second = file.readline(1 << 20).split() if headed else []
        # Pickles begin with this byte from protocol 2 on, and no header or word does.
        if start[:1] == b"\x80" or path.suffix in (".kv", ".pkl", ".pickle"):
            raise TopicbenchError(
                path,
                "word vectors in gensim's own format are a pickle, which can run any code when it is loaded",
                "if you trust it: KeyedVectors.load(…).save_word2vec_format('vectors.bin', binary=True), and name that",
            )
        binary = headed and not _is_text(second, int(header[1]))
        vectors = KeyedVectors.load_word2vec_format(str(path), binary=binary, no_header=not headed)
        if not vectors.vector_size:
            raise ValueError("its first line is no word with its vector")
        return vectors
    except (ValueError, EOFError, OSError, UnicodeDecodeError, AttributeError, TypeError) as error:
        if (known := explained(error)) is not None:
            raise known from None
        raise TopicbenchError(
            path, f"word vectors cannot be read: {brief(error)}", "expected word2vec's binary or text; fetch it again"
        ) from error


def _is_text(fields: Sequence[bytes], dimensions: int) -> bool:
    """Whether the fields of a line are a word and its vector in digits."""
    try:
        return len([float(field) for field in fields[1:]]) == dimensions
    except ValueError:
        return False


def _from_gensim(name: str) -> Any:
    """`KeyedVectors` by gensim's downloader, which keeps them in its own folder (GENSIM_DATA_DIR).

    Only the file is taken: what the downloader would return runs code that it fetched beside it.
    """
    from gensim import downloader

    try:
        path = downloader.load(name, return_path=True)
    except (ValueError, OSError) as error:
        raise TopicbenchError(
            f"gensim: {name}",
            f"word vectors cannot be downloaded: {brief(error)}",
            "check the name and the connection, or fetch the file elsewhere and give its path instead",
        ) from error
    return _read(Path(path))
