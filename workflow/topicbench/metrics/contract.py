"""The contract every metric obeys, and how they are found.

A metric is one entry of the tuple ``METRICS`` of a file in this folder. It says what it is called, how it is computed,
which way is better, what it needs, and computes its value; nothing is registered anywhere else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from string import Formatter
from types import MappingProxyType
from typing import Any, Literal, TypeVar, get_args

import numpy as np

from topicbench.core.discovery import instances
from topicbench.core.errors import TopicbenchError
from topicbench.metrics.section import Judge, Palmetto, Reference
from topicbench.metrics.windows import WindowCounts

T = TypeVar("T")

Need = Literal[
    "topics",
    "theta",
    "beta",
    "labels",
    "record",
    "heldout",
    "siblings",
    "counts",
    "gensim_counts",
    "boolean_counts",
    "second_counts",
    "palmetto",
    "judge",
    "encoder",
    "language_models",
    "word_vectors",
]
"""What a metric may read: the fields of `RunData` and of `Resources`."""


@dataclass(frozen=True, eq=False)
class RunData:
    """What a run gave; None: there is none, or the metric does not need it.

    Attributes:
        topics: K lists of words, most important first, cut to the configured number of words.
        theta: N×K, finite and non-negative; a method may leave a row's mass out.
        beta: K×V, larger is more typical of the topic; methods differ in its scale.
        labels: N labels, of a corpus that has any.
        record: the content of ``run.json``.
        heldout: θ and labels of documents "heldout" from the method, and of about as many "fitted" ones.
        siblings: the runs of the same method and K with other seeds, where there are any.
    """

    topics: Sequence[Sequence[str]] | None = None
    theta: np.ndarray | None = None
    beta: np.ndarray | None = None
    labels: np.ndarray | None = None
    record: Mapping[str, Any] | None = None
    heldout: Mapping[str, tuple[np.ndarray, np.ndarray]] | None = None
    siblings: Sequence[RunData] | None = None
    _shared: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """``compute()``, done once for all metrics of the run that ask for ``key``."""
        if key not in self._shared:
            self._shared[key] = compute()
        return self._shared[key]


@dataclass(frozen=True, eq=False)
class Resources:
    """What is the same for all runs; None: the configuration has none, or the metric does not need it.

    Attributes:
        counts: windows of the reference corpus by size in tokens, counted as the configuration says.
        gensim_counts, boolean_counts: the same, counted in one way whatever the configuration says.
        second_counts: windows of the second reference corpus.
        palmetto: the settings of Palmetto.
        judge: K lists of words → K ratings of 1 to 3.
        encoder: texts → one embedding each, N×E.
        language_models: the folder of each prepared language model, by its name.
        word_vectors: vectors of the vocabulary by word, by the vectors' name.
    """

    counts: Mapping[int, WindowCounts] | None = None
    gensim_counts: Mapping[int, WindowCounts] | None = None
    boolean_counts: Mapping[int, WindowCounts] | None = None
    second_counts: Mapping[int, WindowCounts] | None = None
    palmetto: Palmetto | None = None
    judge: Callable[[Sequence[Sequence[str]]], Sequence[float]] | None = None
    encoder: Callable[[Sequence[str]], np.ndarray] | None = None
    language_models: Mapping[str, str] | None = None
    word_vectors: Mapping[str, Mapping[str, np.ndarray]] | None = None


@dataclass(frozen=True)
class Context:
    """What of the configuration a definition names, by title; None: not configured.

    Attributes:
        top_words: words per topic; a range such as "5 to 10" where lists differ.
        reference, counting: the reference corpus, and how its windows are counted.
        second_reference, second_counting: the same of the second one.
        palmetto: the index C_V is computed over in place of the reference corpus.
        judge: who rates topics.
        encoder: the sentence encoder.
        language_models, word_vectors: titles joined by commas.
    """

    top_words: int | str
    reference: str
    counting: str = "gensim"
    second_reference: str | None = None
    second_counting: str | None = None
    palmetto: str | None = None
    judge: str | None = None
    encoder: str | None = None
    language_models: str | None = None
    word_vectors: str | None = None


CONFIGURED_BY: Mapping[Need, str] = {
    "second_counts": "second_reference",
    **{need: need for need in ("palmetto", "judge", "encoder", "language_models", "word_vectors")},
}
"""The field of `Context` that says whether the configuration has what a metric needs."""


@dataclass(frozen=True, eq=False)
class Metric:
    """One metric.

    Attributes:
        name: its key in scores.
        title: its name in plain text, as in the paper's tables.
        how: how it is computed, in words; ``{…}`` stands for a field of `Context` or an entry of ``constants``. A
            function of the context where the words depend on it.
        needs: what it cannot be computed without; where one of them is missing, it is left out.
        function: computes it from what it needs: a number, or K of them where it is a metric of single topics.
        latex: its title in LaTeX, where that differs.
        minimum, maximum: bounds of its values; infinity where it has none.
        higher_is_better: direction.
        decimals: digits after the point in tables.
        per_topic: whether ``function`` gives one value per topic, of which the run's is the ``average``.
        optional: what else it reads where there is any.
        constants: numbers of its own that ``how`` names.
        average: K values → the run's value.
    """

    name: str
    title: str
    how: str | Callable[[Context], str]
    needs: frozenset[Need]
    function: Callable[[RunData, Resources], float | np.ndarray]
    latex: str = ""
    minimum: float = 0.0
    maximum: float = 1.0
    higher_is_better: bool = True
    decimals: int = 3
    per_topic: bool = False
    optional: frozenset[Need] = frozenset()
    constants: Mapping[str, Any] = field(default_factory=dict)
    average: Callable[[np.ndarray], float] = np.mean

    def __post_init__(self) -> None:
        object.__setattr__(self, "latex", self.latex or self.title)
        if unknown := self.reads - set(get_args(Need)):
            raise ValueError(f"metric {self.name} needs {min(unknown)}; there are {', '.join(get_args(Need))}")

    @property
    def reads(self) -> frozenset[Need]:
        """All it needs or reads."""
        return frozenset(self.needs) | self.optional

    @property
    def needs_labels(self) -> bool:
        """Whether a corpus without labels has none of it."""
        return "labels" in self.needs

    def parameters(self, context: Context) -> dict[str, Any]:
        """Everything its definition names, by name."""
        values = {**asdict(context), **self.constants}
        return {name: values[name] for _, name, _, _ in Formatter().parse(self._how(context)) if name}

    def definition(self, context: Context) -> str:
        """How it is computed, in full: parameters, reference corpus, judge.

        Raises:
            TopicbenchError: the context leaves out what it names.
        """
        parameters = self.parameters(context)
        for name, value in parameters.items():
            if value is None:
                raise TopicbenchError(self.name, f"the {name.replace('_', ' ')} is not named", "give its title")
        return self._how(context).format_map(parameters)

    def is_configured(self, context: Context) -> bool:
        """Whether the configuration has what it needs beside runs."""
        return all(getattr(context, CONFIGURED_BY[need]) for need in self.needs if need in CONFIGURED_BY)

    def is_available(self, run: RunData, resources: Resources) -> bool:
        """Whether all it needs is there."""
        given = {**vars(run), **vars(resources)}
        return all(given[need] is not None for need in self.needs)

    def score(self, run: RunData, resources: Resources) -> float | np.ndarray:
        """Its value, or K float64 where it is `per_topic`; it is shown nothing that it does not declare.

        Raises:
            TopicbenchError: it is not defined for this run, or gave no finite number (one per topic).
        """
        found = np.asarray(self.function(_only(run, self.reads), _only(resources, self.reads)), dtype=np.float64)
        expected = (len(run.topics),) if self.per_topic else ()
        if found.shape != expected or not np.isfinite(found).all():
            raise TopicbenchError(
                f"metric {self.name}", f"gave {found.tolist()}, expected finite numbers of shape {expected}"
            )
        return found if self.per_topic else float(found)

    def of_run(self, values: float | np.ndarray) -> float:
        """The run's value, from what `score` gave."""
        return float(self.average(np.asarray(values))) if self.per_topic else float(values)

    def _how(self, context: Context) -> str:
        return self.how if isinstance(self.how, str) else self.how(context)


@cache
def metrics() -> Mapping[str, Metric]:
    """All metrics by name, in the order in which scores list them."""
    return MappingProxyType(instances("topicbench.metrics", "METRICS", Metric, "metric"))


def all_needs() -> frozenset[Need]:
    """What the metrics read between them: what has to be there before runs are scored."""
    return frozenset().union(*(metric.reads for metric in metrics().values()))


def context_of(
    top_words: int, reference: Reference, second: Reference | None = None, judge: Judge | None = None, **titles: Any
) -> Context:
    """The context of a configuration; ``titles``: of encoder, language models and word vectors."""
    return Context(
        top_words,
        reference.title,
        reference.counting,
        second.title if second else None,
        second.counting if second else None,
        reference.palmetto.title if reference.palmetto else None,
        judge.title if judge else None,
        **titles,
    )


def definitions(context: Context) -> dict[str, dict[str, Any]]:
    """Every metric as it is computed under ``context``, in plain values for JSON; infinite bounds are None."""
    found = {}
    for name, metric in metrics().items():
        computed = metric.is_configured(context)
        found[name] = {
            "title": metric.title,
            "latex": metric.latex,
            "definition": metric.definition(context) if computed else "",
            "minimum": metric.minimum if np.isfinite(metric.minimum) else None,
            "maximum": metric.maximum if np.isfinite(metric.maximum) else None,
            "higher_is_better": metric.higher_is_better,
            "decimals": metric.decimals,
            "needs_labels": metric.needs_labels,
            "computed": computed,
            "parameters": metric.parameters(context) if computed else {},
        }
    return found


def require_topics(topics: Sequence[Sequence[str]], fewest_words: int) -> None:
    """Raise a `TopicbenchError` unless there are topics, each of ``fewest_words`` or more words without repetition."""
    if not len(topics):
        raise TopicbenchError("topics", "the list of topics is empty")
    for number, words in enumerate(topics):
        if len(words) < fewest_words:
            raise TopicbenchError(
                f"topic {number}",
                f"has {len(words)} words ({', '.join(words) or 'none'}); at least {fewest_words} are needed",
                "the topic has collapsed: try another seed or fewer topics",
            )
        if len(set(words)) < len(words):
            word, times = Counter(words).most_common(1)[0]
            raise TopicbenchError(f"topic {number}", f"lists the word '{word}' {times} times")


def _only(given: Any, needs: frozenset[Need]) -> Any:
    """``given`` without what is not among ``needs``."""
    names = {each.name for each in fields(given)}
    return replace(given, **dict.fromkeys(names & set(get_args(Need)) - needs))
