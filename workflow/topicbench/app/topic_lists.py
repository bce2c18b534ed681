"""Scores of topics from anywhere: lists of words, without documents or a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json
from topicbench.metrics.coherence import c_npmi, c_v, unseen_words
from topicbench.metrics.contract import Context, metrics
from topicbench.metrics.diversity import i_rbo, topic_diversity
from topicbench.metrics.windows import C_NPMI_WINDOW, C_V_WINDOW, WindowCounts

Topics = list[list[str]]

FORMATS = 'a JSON list of lists of words, {"name": list of lists, …}, or a text file with a topic per line'


@dataclass(frozen=True)
class ListScores:
    """Scores of one model's topics.

    Attributes:
        topics: K lists of words as scored, in lower case.
        c_v, c_npmi: K float64, of each topic.
        i_rbo: of all topics; None for a single one.
        topic_diversity: of all topics.
        unseen: words that the reference corpus does not have, sorted; NPMI 0 with every word.
    """

    topics: Topics
    c_v: np.ndarray
    c_npmi: np.ndarray
    i_rbo: float | None
    topic_diversity: float
    unseen: list[str]


def read_topics(path: str | Path, top_words: int | None = None) -> dict[str, Topics]:
    """Topics of one or more models by name, in lower case as reference corpora are read.

    Args:
        path: .json, or a text file with one topic per line, its words separated by white space or commas. Topics
            without a model's name are called by the file's.
        top_words: keep the first words of each topic only; None: all.

    Raises:
        TopicbenchError: the file is missing, of another form, or has a topic of fewer than two words or with a word
            twice; with model, topic or line.
    """
    path = Path(path)
    if not path.is_file():
        raise TopicbenchError(path, "file not found", f"expected {FORMATS}")
    if path.suffix == ".json":
        content = read_json(path)
        models = content if isinstance(content, dict) else {path.stem: content}
    else:
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise TopicbenchError(path, f"not UTF-8 text: {error}", f"expected {FORMATS}") from None
        models = {path.stem: [line.replace(",", " ").split() for line in lines if line.strip()]}
    if not models:
        raise TopicbenchError(path, "names no model", f"expected {FORMATS}")
    return {str(name): _checked(f"{path}, {name}", topics, top_words) for name, topics in models.items()}


def _checked(where: str, topics: Any, top_words: int | None) -> Topics:
    if not isinstance(topics, list) or not topics:
        raise TopicbenchError(where, "is no list of topics", f"expected {FORMATS}")
    checked = []
    for number, words in enumerate(topics, start=1):
        place = f"{where}, topic {number}"
        if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
            raise TopicbenchError(place, "is no list of words", f"expected {FORMATS}")
        lowered = [word.strip().lower() for word in words][:top_words]
        if len(lowered) < 2:
            raise TopicbenchError(place, f"has {len(lowered)} words", "coherence needs two or more")
        repeated = sorted({word for word in lowered if lowered.count(word) > 1})
        if repeated:
            raise TopicbenchError(place, f"lists the word '{repeated[0]}' more than once", "upper case does not count")
        checked.append(lowered)
    return checked


def words_of(models: Mapping[str, Topics]) -> list[str]:
    """The distinct words of all topics, sorted."""
    return sorted({word for topics in models.values() for words in topics for word in words})


def score_topics(topics: Topics, counts: Mapping[int, WindowCounts]) -> ListScores:
    """C_V and C_NPMI of each topic, I-RBO and topic diversity of all.

    Args:
        topics: K lists of two or more distinct lower-case words.
        counts: of a reference corpus, by window size, for windows of 110 and 10 tokens, with all words of the topics.
    """
    return ListScores(
        topics,
        c_v(topics, counts[C_V_WINDOW]),
        c_npmi(topics, counts[C_NPMI_WINDOW]),
        i_rbo(topics) if len(topics) > 1 else None,
        topic_diversity(topics),
        unseen_words(topics, counts[C_V_WINDOW]),
    )


def report(models: Mapping[str, ListScores], reference: str, counting: str = "gensim") -> str:
    """Markdown: a table of each model's topics, one of the models, and how each metric is computed.

    Args:
        models: scores by the model's name.
        reference: title of the reference corpus.
        counting: how its windows were counted.
    """
    parts = []
    for name, scores in models.items():
        rows = [
            (str(number), " ".join(words), _cell("c_v", first), _cell("c_npmi", second))
            for number, (words, first, second) in enumerate(
                zip(scores.topics, scores.c_v, scores.c_npmi, strict=True), start=1
            )
        ]
        parts.append(f"## {name}\n\n" + _table(("Topic", "Words", "C_V", "C_NPMI"), rows))
    whole: list[Sequence[str]] = [
        (
            name,
            str(len(scores.topics)),
            *(
                _cell(metric, value)
                for metric, value in (
                    ("c_v", scores.c_v.mean()),
                    ("c_npmi", scores.c_npmi.mean()),
                    ("i_rbo", scores.i_rbo),
                    ("topic_diversity", scores.topic_diversity),
                )
            ),
            str(len(scores.unseen)),
        )
        for name, scores in models.items()
    ]
    parts.append("## Overall\n\n" + _table(("Model", "Topics", "C_V", "C_NPMI", "I-RBO", "TD", "Unseen words"), whole))
    unseen = sorted({word for scores in models.values() for word in scores.unseen})
    if unseen:
        parts.append(
            f"Words that {reference} does not have ({len(unseen)}); they count as related to no word, and lower the "
            f"coherence of their topics: {', '.join(unseen)}\n"
        )
    lengths = sorted({len(words) for scores in models.values() for words in scores.topics})
    top_words = str(lengths[0]) if len(lengths) == 1 else f"{lengths[0]} to {lengths[-1]}"
    shown = [metrics()[name] for name in ("c_v", "c_npmi", "i_rbo", "topic_diversity")]
    context = Context(top_words, reference, counting)
    lines = [f"* {metric.title}: {metric.definition(context)}" for metric in shown]
    return "\n".join([*parts, "\n".join(lines)]) + "\n"


def _cell(metric: str, value: float | None) -> str:
    return "–" if value is None else f"{value:.{metrics()[metric].decimals}f}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
