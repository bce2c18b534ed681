"""The contract every experiment obeys, and how the workflow finds them.

An experiment is one file in this folder with one subclass of `Experiment`: its section of the configuration, the runs
it asks for, what it checks before any job starts. Its scores are gathered in ``results/experiments/{name}.csv``;
whatever view names it is drawn from them, and it may bring views of its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from pydantic import Field, field_validator

from topicbench.core.discovery import subclasses
from topicbench.core.errors import TopicbenchError
from topicbench.core.sections import Closed, Seed, Topics, unique
from topicbench.experiments.bench import Bench
from topicbench.experiments.runs import Run, Variant
from topicbench.views.contract import View


class Grid(Closed):
    """Numbers of topics and seeds of an experiment; what is left out comes from the top level."""

    num_topics: list[Topics] | None = Field(None, min_length=1, description="K values; null: the top-level num_topics.")
    seeds: list[Seed] | None = Field(None, min_length=1, description="Seeds; null: the top-level seeds.")

    _unique_values = field_validator("num_topics", "seeds")(lambda values: values and unique(values))


@dataclass(frozen=True)
class Row:
    """A variant as a row of an experiment; ``vocabulary_size`` None: the top level's. See `Run` for block and role."""

    variant: Variant
    block: str = ""
    role: str = ""
    vocabulary_size: int | None = None


def over(bench: Bench, section: Any, corpora: Iterable[str], rows: Sequence[Row]) -> list[Run]:
    """The runs of ``rows`` on ``corpora``, for every K and seed of a filled section."""
    return [
        Run(corpus, row.vocabulary_size or bench.vocabulary_size, row.variant, k, seed, row.block, row.role)
        for corpus in corpora
        for row in rows
        for k in section.num_topics
        for seed in section.seeds
    ]


NULLS: Mapping[str, Callable[[Bench], Any]] = {
    "num_topics": lambda bench: bench.num_topics,
    "seeds": lambda bench: bench.seeds,
    "corpus": lambda bench: next(iter(bench.corpora)),
    "corpora": lambda bench: [*bench.corpora],
    "slm": lambda bench: next(iter(bench.slms), None),
    "slms": lambda bench: [*bench.slms],
    "methods": lambda bench: [*bench.methods],
    "prompts": lambda bench: [name for name in bench.prompts if name != "default"],
}
"""What null means for a key of a section."""

NAMED = {"corpus": "corpora", "corpora": "corpora", "slm": "slms", "slms": "slms", "methods": "methods"} | {
    "prompts": "prompts"
}
"""Keys of a section that name entries of the top level, and which."""


class Experiment(ABC):
    """A list of runs; subclass it in a file of its own to add one."""

    name: ClassVar[str]
    """Its key under ``experiments`` and its name in paths."""
    summary: ClassVar[str]
    """One line for the documentation: what it is for, which tables and figures it feeds."""
    section: ClassVar[type[Closed]] = Grid
    """Its section of the configuration; its first line documents it."""
    order: ClassVar[int] = 100
    """Its place among the experiments; those of one place are in alphabetical order."""
    by_default: ClassVar[bool] = False
    """Whether a configuration that does not mention it runs it."""
    rated: ClassVar[bool] = True
    """Whether the judge rates its topics: ratings cost more than all else in comparisons that are not about words."""
    needs_methods: ClassVar[tuple[str, ...]] = ()
    """Methods that must be configured."""
    views: ClassVar[tuple[View, ...]] = ()
    """Views of its own, beside those in `topicbench.views` that name it."""

    @abstractmethod
    def runs(self, bench: Bench, section: Any) -> list[Run]:
        """The runs it asks for, in the order of table rows; ``section`` is filled, see `filled`."""

    def check(self, bench: Bench, section: Any) -> None:  # noqa: B027, most have nothing to check
        """Raise a `TopicbenchError` where ``section``, filled, does not fit the rest of the configuration."""

    def filled(self, bench: Bench, section: Any) -> Any:
        """``section`` with every null that stands for something of the top level replaced; see `NULLS`."""
        keys = [key for key in type(section).model_fields if key in NULLS and getattr(section, key) is None]
        return section.model_copy(update={key: NULLS[key](bench) for key in keys})


@cache
def experiments() -> Mapping[str, Experiment]:
    """All experiments of this folder by name, in their order."""
    found = [experiment() for experiment in subclasses("topicbench.experiments", Experiment, "experiment").values()]
    return {each.name: each for each in sorted(found, key=lambda each: (each.order, each.name))}


def check(experiment: Experiment, bench: Bench, section: Any) -> None:
    """All that can be known before any job starts: named entries exist, methods are there, and its own checks."""
    key = f"experiments.{experiment.name}"
    for method in experiment.needs_methods:
        if method not in bench.methods:
            raise TopicbenchError(key, f"needs the method {method}", f"add {method} to methods, or set it to null")
    for name, top in NAMED.items():
        given, known = getattr(section, name, None), getattr(bench, top)
        for value in [given] if isinstance(given, str) else given or []:
            if value not in known:
                raise TopicbenchError(
                    f"{key}.{name}", f"'{value}' is not configured", f"there are: {', '.join(known) or 'none'}"
                )
    experiment.check(bench, experiment.filled(bench, section))
