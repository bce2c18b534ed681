"""The contract every table and figure obeys, and how the workflow finds them.

A view is one file in this folder with one subclass of `View`. It sees gathered scores and what was written with them
(`Scores`), and no configuration: the same view makes a table of results that somebody contributed.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict

from topicbench.core.discovery import subclasses
from topicbench.core.protocol import Protocol

Kind = Literal["table", "figure", "records"]
"""A `topicbench.views.render.Table`, a `Drawing`, or `Records`."""

SUFFIXES: Mapping[Kind, tuple[str, ...]] = {
    "table": ("tex", "csv", "md"),
    "figure": ("pdf", "png", "csv", "txt"),
    "records": ("csv", "md"),
}
"""The files of a view, by kind; a figure's ``txt`` is its caption."""

Need = Literal["documents", "vocabulary", "bow", "kept", "logits", "word_vectors", "found", "runs"]
"""What a view may read beside scores: files of one corpus (of every corpus where it is about no experiment), or the
folders of its experiment's runs."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Definition(_Part):
    """A metric as it was computed.

    Attributes:
        title, latex: its name, in plain text and in LaTeX.
        definition: how it was computed, in words: parameters, reference corpus, model.
        minimum, maximum: bounds of its values; None: none.
        higher_is_better: direction.
        decimals: digits after the point in tables.
        needs_labels: whether a corpus without labels has none of it.
        computed: False where it could not be, for want of a judge or a second reference corpus.
        parameters: what ``definition`` is made from, for comparison with other results.
    """

    title: str
    latex: str
    definition: str
    minimum: float | None
    maximum: float | None
    higher_is_better: bool
    decimals: int
    needs_labels: bool
    computed: bool = True
    parameters: Mapping[str, Any] = {}


class CorpusFacts(_Part):
    """A corpus as it was read."""

    title: str
    labelled: bool
    sample: int | None = None
    sample_seed: int | None = None
    strip: Sequence[str] = ()


class ModelFacts(_Part):
    """A language model, encoder or set of word vectors: its title, the names it goes by, what of it was changed."""

    title: str
    names: Sequence[str] = ()
    quantised: bool = False
    max_document_tokens: int | None = None


class MethodFacts(_Part):
    """A topic model as configured.

    Attributes:
        title: its name in tables.
        needs: what it reads beside the bag of words.
        settings: all its hyperparameters.
        paper: the paper's values of them.
        ours: whether it reads a language model, as the paper's model does and no baseline.
    """

    title: str
    needs: Sequence[str]
    settings: Mapping[str, Any]
    paper: Mapping[str, Any]
    ours: bool


class JudgeFacts(_Part):
    """Who rated the topics, and how well it tells coherent word sets from shuffled ones.

    Attributes:
        title, model: its name, and its model's at an endpoint.
        local: whether it is a language model of this configuration.
        tested: whether it was put to the test.
        auc: area under the ROC curve; None where it was not tested, or the vocabularies are too small for a test.
        pairs: coherent word sets in the test, and as many shuffled ones.
        informative_auc: area from which it counts as informative.
    """

    title: str
    local: bool
    model: str | None = None
    auc: float | None = None
    pairs: int = 0
    tested: bool = False
    informative_auc: float = 0.7

    @property
    def informative(self) -> bool:
        """Whether the test says that its ratings mean something."""
        return self.auc is not None and self.auc >= self.informative_auc


class About(_Part):
    """What was written with gathered scores: all that a caption says and a comparison needs.

    Attributes:
        experiment: whose scores; empty for a view about no experiment.
        section: the experiment's settings.
        num_topics, seeds: its grid.
        protocol: the protocol of the configuration.
        vocabulary_size, top_words: |V| and words per topic.
        corpora, language_models, word_vectors, methods, prompts: by name, in the order of the configuration.
        encoder: the sentence encoder of the contextual baselines.
        controls: title → what it is.
        metrics: by name.
        judge: who rated topics.
    """

    experiment: str
    section: Mapping[str, Any]
    num_topics: Sequence[int]
    seeds: Sequence[int]
    protocol: Protocol
    vocabulary_size: int
    top_words: int
    corpora: Mapping[str, CorpusFacts]
    language_models: Mapping[str, ModelFacts]
    word_vectors: Mapping[str, ModelFacts]
    encoder: ModelFacts | None
    methods: Mapping[str, MethodFacts]
    prompts: Mapping[str, str]
    controls: Mapping[str, str]
    metrics: Mapping[str, Definition]
    judge: JudgeFacts | None

    @property
    def corrects(self) -> bool:
        """Whether p-values corrected after Holm decide rather than plain ones."""
        return self.protocol.correction == "holm"


@dataclass(frozen=True)
class Scores:
    """Gathered scores of an experiment.

    Attributes:
        about: see `About`.
        rows: one row per run and metric, columns as `topicbench.views.frame.COLUMNS` says; empty for a view about no
            experiment.
        files: the files of the view's `View.needs`, by need; several where it needs them of several corpora.
        others: scores of further experiments (`View.others`), by name.
    """

    about: About
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    files: Mapping[Need, Sequence[Path]] = field(default_factory=dict)
    others: Mapping[str, Scores] = field(default_factory=dict)


@dataclass(frozen=True)
class Drawing:
    """A figure (matplotlib's), the numbers it draws, and its caption."""

    figure: Any
    data: pd.DataFrame
    caption: str


@dataclass(frozen=True)
class Records:
    """Rows of plain values, and the Markdown to show (None: a table of them)."""

    rows: Sequence[Mapping[str, Any]]
    md: str | None = None
    further: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


class View(ABC):
    """A table or a figure; subclass it in a file of its own to add one."""

    name: ClassVar[str]
    """Stem of its files in ``results/``."""
    label: ClassVar[str]
    """What it is called in reports, such as "Table 1"."""
    summary: ClassVar[str]
    """One sentence for reports and documentation."""
    category: ClassVar[str]
    """Where reports list it: "Reproduction", "Beyond the paper", …"""
    kind: ClassVar[Kind]
    order: ClassVar[int] = 100
    """Its place among the views; those of one place are in alphabetical order."""
    experiment: ClassVar[str | None] = None
    """Whose scores it is made from; a configuration that leaves this out leaves the view out."""
    others: ClassVar[tuple[str, ...]] = ()
    """Further experiments it reads where they are run."""
    needs: ClassVar[tuple[Need, ...]] = ()
    """What it reads beside scores."""
    of_one_corpus: ClassVar[bool] = False
    """Whether the files of ``needs`` are those of one corpus, named by `About.section`, and not of every corpus."""
    wide: ClassVar[bool] = False
    """Whether a figure spans both columns of a two-column page."""

    @abstractmethod
    def make(self, scores: Scores) -> Any:
        """The view, as its ``kind`` says.

        Raises:
            TopicbenchError: a value is missing, repeated or not finite; the culprit is run and metric.
        """

    def requires(self, about: About) -> str:
        """What the configuration lacks for this view, in words; empty where it lacks nothing."""
        return ""

    def outputs(self) -> dict[str, str]:
        """File name by suffix, below ``results/``."""
        return {suffix: f"{self.name}.{suffix}" for suffix in SUFFIXES[self.kind]}


def load_view(place: str) -> View:
    """The view whose class stands at ``place``: module and name, joined by a colon."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)()


@cache
def views() -> Mapping[str, View]:
    """All views of this folder by name, in their order."""
    found = [view() for view in subclasses("topicbench.views", View, "view").values()]
    return {view.name: view for view in sorted(found, key=lambda view: (view.order, view.name))}
