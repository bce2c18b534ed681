"""``python -m topicbench score``: Topic words from anywhere, scored over a reference corpus."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from topicbench.app.cache import cache_folder, key
from topicbench.app.topic_lists import FORMATS, read_topics, report, score_topics, words_of
from topicbench.core.data import data_file
from topicbench.core.errors import TopicbenchError
from topicbench.core.files import sha256_of
from topicbench.corpora.reader import read_columns
from topicbench.corpora.tokens import require_language
from topicbench.corpora.vocabulary import all_words
from topicbench.metrics.windows import WindowCounts, count_windows, load_counts, save_counts

WIKIPEDIA = data_file("wikipedia_en_sample.parquet")
WIKIPEDIA_TITLE = "a sample of 7,632 articles of the English Wikipedia"

COUNTS_VERSION = 1
"""Raised when the same reference corpus and words would be counted otherwise."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("topics", type=Path, metavar="FILE", help=FORMATS)
    parser.add_argument("--top-words", type=int, metavar="N", help="score the first N words of each topic (all)")
    parser.add_argument(
        "--reference",
        type=Path,
        metavar="FILE",
        help="CSV, TSV, JSONL or Parquet file of the reference corpus, in the language of the topics (the checkout's "
        "sample of the English Wikipedia)",
    )
    parser.add_argument("--text-column", default="text", metavar="NAME", help="its column of texts (%(default)s)")
    parser.add_argument(
        "--language", metavar="CODE", help="split it by spaCy's tokeniser of this language (runs of letters are words)"
    )
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="where counts are kept (the user's cache folder)")


def run(options: argparse.Namespace) -> None:
    if options.top_words is not None and options.top_words < 2:
        raise TopicbenchError("--top-words", f"is {options.top_words}", "coherence needs two or more words")
    models = read_topics(options.topics, options.top_words)
    path = options.reference or WIKIPEDIA
    if not path.is_file():
        remedy = "check --reference" if options.reference else "give one with --reference"
        raise TopicbenchError(path, "reference corpus not found", remedy)
    counts = cached_counts(path, options.text_column, options.language, words_of(models), cache_folder(options.cache))
    scored = {name: score_topics(topics, counts) for name, topics in models.items()}
    print(report(scored, str(options.reference) if options.reference else WIKIPEDIA_TITLE), end="")


def cached_counts(
    path: Path, text_column: str, language: str | None, words: Sequence[str], cache: Path
) -> dict[int, WindowCounts]:
    """Window counts of a reference corpus, read where the same file and words were counted before."""
    if language:
        require_language(language, "--language")
    name = key([COUNTS_VERSION, sha256_of(path), text_column, language, list(words)])
    stored = cache / "counts" / f"{name}.npz"
    if stored.is_file():
        return load_counts(stored)
    texts = read_columns(path, [text_column])[text_column]
    for row, text in enumerate(texts, start=1):
        if not isinstance(text, str):
            raise TopicbenchError(f"{path}, row {row}", f"column '{text_column}' is not text: {text!r}")
    counts = count_windows(all_words(texts, language) if language else texts, words, reference=path.name)
    save_counts(stored, counts)
    return counts
