"""Table 4: for a class, the topic of each method that holds most of its documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import csr_matrix

from topicbench.config.schema import Config
from topicbench.core.errors import TopicbenchError
from topicbench.experiments.all import experiment_runs, first_corpus, qualitative_num_topics
from topicbench.experiments.runs import Run
from topicbench.views import caption
from topicbench.views.render import NOT_AVAILABLE, Cell, Heading, Part, Section, Style, Table

VAGUE_SPREAD = 0.92
VAGUE_LIFT = 2.0
TANGENTIAL_RATIO = 2.0
"""Chosen on 20 Newsgroups, where they mark most of what the authors marked by hand in their Table 4: "think", "way",
"problem" are vague; "sin", "gay", "guns" are tangential; "atheism", "economy" neither."""


@dataclass(frozen=True)
class Fitted:
    """A run's result as stored.

    Attributes:
        run: which.
        theta: n×K.
        topics: K lists of words, most important first.
        documents: whether the rows of theta are all N documents or those kept (with a vocabulary word).
    """

    run: Run
    theta: np.ndarray
    topics: Sequence[Sequence[str]]
    documents: Literal["all", "kept"]


def make(
    config: Config,
    fitted: Sequence[Fitted],
    label_names: Sequence[str],
    vocabulary: Sequence[str],
    bow: csr_matrix,
    kept: np.ndarray,
) -> Table:
    """The table from the runs of experiment "qualitative".

    Args:
        config: names the classes.
        fitted: results of the runs, in any order.
        label_names: N names of classes.
        vocabulary: V words.
        bow: N×V counts.
        kept: bool N, whether a document has a vocabulary word.

    Raises:
        TopicbenchError: a run is missing, or there is no such class.
    """
    results = {result.run: result for result in fitted}
    runs = experiment_runs(config, "qualitative")
    names = np.asarray(label_names, dtype=object)
    rates, classes = class_rates(bow, names)
    columns = {word: column for column, word in enumerate(vocabulary)}
    section = config.experiments.qualitative
    sections = []
    for shown in section.classes:
        if shown not in classes:
            raise TopicbenchError(
                "experiments.qualitative.classes", f"there is no class '{shown}'", f"there are: {', '.join(classes)}"
            )
        rows = []
        for run in runs:
            if run not in results:
                raise TopicbenchError(run.folder, "is missing from the results", "run it, then make the table again")
            rows.append(_row(results[run], names == shown, kept, shown, rates, classes.index(shown), columns))
        sections.append(Section([], f"Class {shown}", major=True))
        for title, ours in (("", False), ("Ours", True)):
            chosen = [row for run, row in zip(runs, rows, strict=True) if (run.variant.slm is not None) == ours]
            sections += [Section(chosen, title)] if chosen else []
    corpus = first_corpus(config, section.corpus)
    return Table(
        name="table4",
        caption=f"For a class, the topic of each method that holds most of its documents (by largest θ), "
        f"K = {qualitative_num_topics(config)}, seed {runs[0].seed}. By rule, from the share of each class’s documents "
        f"that have a word: vague words, {{vague}}, are spread almost evenly over the classes (entropy at least "
        f"{VAGUE_SPREAD:g} of its maximum) and in the class shown less than {VAGUE_LIFT:g} times as frequent as on "
        f"average; tangential words, {{tangential}}, are not vague, and in some other class more than "
        f"{TANGENTIAL_RATIO:g} times as frequent as in the class shown. {caption.setting(config, [corpus])}",
        columns=[Heading("Method"), Heading(f"Top-{config.top_words} topic words")],
        sections=sections,
        alignment=r"lp{0.8\textwidth}",
        wide=True,
    )


def class_rates(bow: csr_matrix, label_names: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Share of each class's documents that have each word (C×V), and the classes in alphabetical order."""
    classes, members = np.unique(np.asarray(label_names, dtype=str), return_inverse=True)
    indicator = csr_matrix((np.ones(len(members)), (members, np.arange(len(members)))))
    return (indicator @ (bow > 0)).toarray() / np.bincount(members)[:, None], classes.tolist()


def style_of(rates: np.ndarray, shown: int) -> Style:
    """Whether a word is vague, tangential or neither for class number ``shown``.

    Args:
        rates: C, the share of each class's documents that have the word; at least two classes.
    """
    if not rates.any():
        return ""
    shares = rates / rates.sum()
    present = shares[shares > 0]
    spread = -(present * np.log(present)).sum() / np.log(len(rates))
    if spread >= VAGUE_SPREAD and rates[shown] < VAGUE_LIFT * rates.mean():
        return "vague"
    return "tangential" if rates.max() > TANGENTIAL_RATIO * rates[shown] else ""


def topic_of_class(theta: np.ndarray, members: np.ndarray) -> tuple[int, int] | None:
    """The topic that is the largest of most members, the first of ties, and of how many.

    Documents without any topic (BERTopic's outliers) do not count; None where no member has a topic.

    Args:
        theta: n×K.
        members: bool n.
    """
    weights = theta[members]
    weights = weights[weights.max(axis=1) > 0]
    if not len(weights):
        return None
    counts = np.bincount(weights.argmax(axis=1), minlength=theta.shape[1])
    return int(counts.argmax()), int(counts.max())


def _row(
    result: Fitted,
    members: np.ndarray,
    kept: np.ndarray,
    shown: str,
    rates: np.ndarray,
    place: int,
    columns: dict[str, int],
) -> list[Cell]:
    variant = result.run.variant
    rows = members if result.documents == "all" else members[kept]
    if len(rows) != len(result.theta):
        raise TopicbenchError(
            result.run.folder,
            f"theta has {len(result.theta)} rows for {len(rows)} documents",
            "delete it and run again",
        )
    record = {"class": shown, "method": variant.method, "variant": variant.name, "title": variant.title}
    found = topic_of_class(result.theta, rows)
    if found is None:
        return [Cell(variant.title), Cell(NOT_AVAILABLE, record={**record, "documents_of_class": int(rows.sum())})]
    topic, held = found
    words = result.topics[topic]
    parts = tuple(Part(word, style_of(rates[:, columns[word]], place)) for word in words)
    styled = {style: " ".join(part.text for part in parts if part.style == style) for style in ("vague", "tangential")}
    record |= {"documents_of_class": int(rows.sum()), "topic": topic, "held": held, "words": " ".join(words), **styled}
    return [Cell(variant.title), Cell(parts, record=record)]
