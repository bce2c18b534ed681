"""Soft labels as the target of other methods, each beside the method itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import Field, field_validator

from topicbench.core.errors import TopicbenchError
from topicbench.core.sections import Name, unique
from topicbench.experiments.bench import Bench
from topicbench.experiments.contract import Experiment, Grid, Row, over
from topicbench.experiments.runs import Run, Variant, main_variants, soft_label_variant
from topicbench.models.contract import methods


class BackbonesSection(Grid):
    """Soft labels as the target of other methods, each beside the method itself."""

    corpora: list[Name] | None = Field(None, min_length=1, description="Corpora; null: all.")
    slm: Name | None = Field(None, description="Language model; null: the first.")
    methods: list[Literal["etm", "ecrtm", "fastopic"]] = Field(
        ["etm", "ecrtm", "fastopic"], min_length=1, description="The backbones, each one of methods."
    )

    _unique_names = field_validator("corpora", "methods")(lambda values: values and unique(values))


class Backbones(Experiment):
    name = "backbones"
    summary = "results/backbones: ETM, ECRTM and FASTopic with soft labels as their target."
    section = BackbonesSection
    order = 9

    def runs(self, bench: Bench, section: BackbonesSection) -> list[Run]:
        rows = [
            Row(variant, backbone, role)
            for backbone in section.methods
            for role, variant in variants(bench, section.slm, backbone).items()
        ]
        return over(bench, section, section.corpora, rows)

    def check(self, bench: Bench, section: BackbonesSection) -> None:
        if not bench.slms:
            raise TopicbenchError("experiments.backbones", "needs a language model", "add one to slms")


def variants(bench: Bench, slm: str, backbone: str) -> dict[str, Variant]:
    """A method ("plain"), with soft labels as target ("own-input"), and with hidden states as input too ("soft").

    Where the configuration does not list the soft-label variant it has the backbone's settings.
    """
    plain = next(variant for variant in main_variants(bench, slm) if variant.method == backbone)
    name = f"soft{backbone}"
    if name in bench.methods:
        soft = soft_label_variant(bench, slm, method=name)
    else:
        own, shared = methods()[name].model_fields, methods()[backbone].model_fields
        # A default that differs, differs because the input does.
        kept = {key for key in own if key in shared and own[key].default == shared[key].default}
        settings = {key: value for key, value in plain.settings.items() if key in kept}
        soft = Variant(name, slm, methods()[name].title, settings, slm, "default")
    target_only = replace(
        soft,
        name=f"{soft.name}-own-input",
        title=f"{soft.title}, own input",
        settings={**soft.settings, "input": "own"},
    )
    return {"plain": plain, "own-input": target_only, "soft": soft}
