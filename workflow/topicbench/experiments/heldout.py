"""Topics of documents a method was not fitted to, beside those it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import Field, field_validator

from topicbench.core.errors import TopicbenchError
from topicbench.core.sections import Name, Seed, unique
from topicbench.experiments.bench import Bench
from topicbench.experiments.contract import Experiment, Grid, Row, over
from topicbench.experiments.runs import Run, Variant, main_variants


class HeldoutSection(Grid):
    """Topics of documents a method was not fitted to, beside those it was."""

    corpora: list[Name] | None = Field(None, min_length=1, description="Corpora with labels; null: all of them.")
    slm: Name | None = Field(None, description="Language model; null: all.")
    methods: list[Name] | None = Field(None, min_length=1, description="Some of methods; null: all of them.")
    share: float = Field(0.2, gt=0, le=0.5, description="Share of the documents kept from the methods.")
    split_seed: Seed = Field(0, description="Seed of their choice.")

    _unique_names = field_validator("corpora", "methods")(lambda values: values and unique(values))


class Heldout(Experiment):
    name = "heldout"
    summary = "results/heldout: scores of documents that a method was not fitted to."
    section = HeldoutSection
    order = 10
    rated = False

    def runs(self, bench: Bench, section: HeldoutSection) -> list[Run]:
        rows = [
            Row(fitted, f"{variant.method}/{variant.name}", role)
            for variant in main_variants(bench, section.slm)
            if variant.method in section.methods
            for role, fitted in (("all", variant), ("heldout", heldout_variant(variant, section)))
        ]
        return over(bench, section, section.corpora, rows)

    def check(self, bench: Bench, section: HeldoutSection) -> None:
        if not bench.labelled:
            raise TopicbenchError("experiments.heldout", "no corpus has labels", "set the experiment to null")
        for name in section.corpora:
            if name not in bench.labelled:
                raise TopicbenchError(
                    "experiments.heldout.corpora", f"'{name}' has no labels", "name corpora with label_column"
                )

    def filled(self, bench: Bench, section: Any) -> Any:
        corpora = section.corpora if section.corpora is not None else bench.labelled
        filled = super().filled(bench, section.model_copy(update={"corpora": corpora}))
        # Null stands for every language model here.
        return filled.model_copy(update={"slm": section.slm})


def heldout_variant(variant: Variant, section: HeldoutSection) -> Variant:
    """``variant`` fitted to part of the documents."""
    return replace(variant, name=f"{variant.name}-heldout", heldout=(section.share, section.split_seed))
