"""Every method under the paper's protocol, with single corrections, and with all of them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from topicbench.core.errors import TopicbenchError
from topicbench.core.protocol import SWITCHES
from topicbench.core.sections import Name, unique
from topicbench.experiments.ablation import ablation_variants
from topicbench.experiments.bench import Bench
from topicbench.experiments.contract import Experiment, Grid, Row, over
from topicbench.experiments.runs import Run, Variant, main_variants, switched

ABLATIONS = ("nll", "nll-bow", "embeddings")


class ProtocolsSection(Grid):
    """results/protocol: every method under `protocol: paper` and with its switches as in `corrected`."""

    corpora: list[Name] | None = Field(None, min_length=1, description="Corpora; null: all.")
    slm: Name | None = Field(None, description="Language model of the soft-label methods; null: the first.")
    switches: list[Literal[SWITCHES]] = Field(  # type: ignore[valid-type]  # the names are a constant elsewhere
        [*SWITCHES], min_length=1, description="Switches of protocol: each alone, and all of these together."
    )

    _unique_names = field_validator("corpora", "switches")(lambda values: values and unique(values))


class Protocols(Experiment):
    name = "protocol"
    summary = "results/protocol: which of the paper's conclusions hold under the corrected protocol."
    section = ProtocolsSection
    order = 7
    rated = False

    def runs(self, bench: Bench, section: ProtocolsSection) -> list[Run]:
        rows = [
            Row(variant, setting, role)
            for setting in settings(section)
            for role, variant in variants(bench, section, setting).items()
        ]
        return over(bench, section, section.corpora, rows)

    def check(self, bench: Bench, section: ProtocolsSection) -> None:
        if bench.protocol.name != "paper":
            raise TopicbenchError(
                "experiments.protocol",
                f"compares with protocol: paper, and the protocol is {bench.protocol.name}",
                "set protocol: paper, or leave the experiment out",
            )


def settings(section: ProtocolsSection) -> dict[str, tuple[str, ...]]:
    """Name → switches that are as in ``corrected``: paper, every switch alone, and all together (corrected)."""
    return {
        "paper": (),
        **{switch: (switch,) for switch in section.switches},
        "corrected": tuple(section.switches),
    }


def variants(bench: Bench, section: ProtocolsSection, setting: str) -> dict[str, Variant]:
    """The methods, then the ablations of the soft-label model, under one of `settings`, by what they are.

    Ablations are run under ``paper`` and ``corrected`` only.
    """
    switches = settings(section)[setting]
    found = {f"{variant.method}/{variant.name}": variant for variant in main_variants(bench, section.slm)}
    if "softlabel" in bench.methods and setting in ("paper", "corrected"):
        ablated = ablation_variants(bench, section.slm, bench.protocol.corrected(switches))
        found |= {name: ablated[name] for name in ABLATIONS}
    return {name: switched(variant, switches) for name, variant in found.items()}
