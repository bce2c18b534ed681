"""Table 4: for a class, the topic of each method that holds most of its documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, load_npz

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json, read_lines, read_npy
from topicbench.views import caption
from topicbench.views.contract import Need, Scores, View
from topicbench.views.frame import Row, rows_of
from topicbench.views.render import NOT_AVAILABLE, Cell, Heading, Part, Section, Style, Table

VAGUE_SPREAD = 0.92
VAGUE_LIFT = 2.0
TANGENTIAL_RATIO = 2.0
"""Chosen on 20 Newsgroups, where they mark most of what the authors marked by hand in their Table 4: "think", "way",
"problem" are vague; "sin", "gay", "guns" are tangential; "atheism", "economy" neither."""


class Table4(View):
    name = "table4"
    label = "Table 4"
    summary = "For a class, each method's topic that holds most of its documents, vague and tangential words marked."
    category = "Reproduction"
    kind = "table"
    order = 4
    experiment = "qualitative"
    needs = ("documents", "vocabulary", "bow", "kept", "runs")
    of_one_corpus = True

    def make(self, scores: Scores) -> Table:
        """The table.

        Raises:
            TopicbenchError: a run's file is missing or of other documents, or there is no such class.
        """
        about, corpus = scores.about, scores.rows["corpus"].iloc[0]
        methods = rows_of(scores.rows)
        runs = list(zip(methods, scores.files["runs"], strict=True))
        corpus_files = _Corpus.read(scores.files)
        sections = []
        for shown in about.section["classes"]:
            rows = [_row(method, Path(folder), corpus_files, shown) for method, folder in runs]
            sections.append(Section([], f"Class {shown}", major=True))
            for title, ours in (("", False), ("Ours", True)):
                chosen = [row for row, method in zip(rows, methods, strict=True) if (method.group == "ours") == ours]
                sections += [Section(chosen, title)] if chosen else []
        return Table(
            name=self.name,
            caption=f"For a class, the topic of each method that holds most of its documents (by largest θ), "
            f"K = {about.num_topics[0]}, seed {about.seeds[0]}. By rule, from the share of each class’s documents "
            f"that have a word: vague words, {{vague}}, are spread almost evenly over the classes (entropy at least "
            f"{VAGUE_SPREAD:g} of its maximum) and in the class shown less than {VAGUE_LIFT:g} times as frequent as on "
            f"average; tangential words, {{tangential}}, are not vague, and in some other class more than "
            f"{TANGENTIAL_RATIO:g} times as frequent as in the class shown. {caption.setting(about, [corpus])}",
            columns=[Heading("Method"), Heading(f"Top-{about.top_words} topic words")],
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


@dataclass(frozen=True)
class _Corpus:
    """Class of each of N documents, sets of documents by name (bool N), `class_rates`, and the columns of words."""

    names: np.ndarray
    documents: Mapping[str, np.ndarray]
    rates: np.ndarray
    classes: Sequence[str]
    columns: Mapping[str, int]

    @classmethod
    def read(cls, files: Mapping[Need, Sequence[Path]]) -> _Corpus:
        frame, kept = pd.read_parquet(files["documents"][0]), read_npy(files["kept"][0])
        names = frame["label_name"].to_numpy(dtype=object)
        documents = {"all": np.ones_like(kept), "kept": kept, "distinct": ~frame["text"].duplicated().to_numpy()}
        columns = {word: column for column, word in enumerate(read_lines(files["vocabulary"][0]))}
        return cls(names, documents, *class_rates(load_npz(files["bow"][0]), names), columns)


def _row(method: Row, folder: Path, corpus: _Corpus, shown: str) -> list[Cell]:
    if shown not in corpus.classes:
        known = f"there are: {', '.join(corpus.classes)}"
        raise TopicbenchError("experiments.qualitative.classes", f"there is no class '{shown}'", known)
    theta, topics = read_npy(folder / "theta.npy"), read_json(folder / "topics.json")
    # Such as "kept-distinct": what the documents a run was fitted to have in common.
    common = read_json(folder / "run.json")["documents"].split("-")
    fitted = np.logical_and.reduce([corpus.documents[name] for name in common])
    members = corpus.names[fitted] == shown
    if len(members) != len(theta):
        problem = f"theta has {len(theta)} rows for {len(members)} documents"
        raise TopicbenchError(folder, problem, "delete it and run again")
    record: dict[str, Any] = {"class": shown, "method": method.method, "variant": method.variant, "title": method.title}
    record["documents_of_class"] = int(members.sum())
    found = topic_of_class(theta, members)
    if found is None:
        return [Cell(method.title), Cell(NOT_AVAILABLE, record=record)]
    topic, held = found
    words, place = topics[topic], corpus.classes.index(shown)
    parts = tuple(Part(word, style_of(corpus.rates[:, corpus.columns[word]], place)) for word in words)
    styled = {style: " ".join(part.text for part in parts if part.style == style) for style in ("vague", "tangential")}
    record |= {"topic": topic, "held": held, "words": " ".join(words), **styled}
    return [Cell(method.title), Cell(parts, record=record)]
