"""The temperature of the soft target: Figures 3 and 4."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from topicbench.core.sections import Name, unique
from topicbench.experiments.bench import Bench
from topicbench.experiments.contract import Experiment, Grid, Row, over
from topicbench.experiments.runs import Run, Variant, soft_label_variant


class TemperatureSection(Grid):
    """Figures 3 and 4: the temperature of the soft target."""

    slm: Name | None = Field(None, description="Language model; null: the first.")
    temperatures: list[Annotated[float, Field(gt=0)]] = Field(
        [0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9], min_length=2, description="Values of tau."
    )

    _unique_values_of_tau = field_validator("temperatures")(unique)


class Temperature(Experiment):
    name = "temperature"
    summary = "Figures 3 and 4."
    section = TemperatureSection
    order = 3
    needs_methods = ("softlabel",)

    def runs(self, bench: Bench, section: TemperatureSection) -> list[Run]:
        rows = [Row(temperature_variant(bench, section.slm, tau), role=f"{tau:g}") for tau in section.temperatures]
        return over(bench, section, bench.corpora, rows)


def temperature_variant(bench: Bench, slm: str, temperature: float) -> Variant:
    return soft_label_variant(bench, slm, f"tau{temperature:g}", f"τ = {temperature:g}", temperature=temperature)
