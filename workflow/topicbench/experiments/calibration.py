"""The plain soft-label model against its calibrated soft labels, correction by correction."""

from __future__ import annotations

from typing import Any

from topicbench.experiments.ablation import AblationSection
from topicbench.experiments.bench import Bench
from topicbench.experiments.contract import Experiment, Row, over
from topicbench.experiments.runs import Run, Variant, soft_label_variant
from topicbench.models.contract import create


class CalibrationSection(AblationSection):
    """results/calibration: the plain soft-label model against its calibrated soft labels, correction by correction."""


class Calibration(Experiment):
    name = "calibration"
    summary = "results/calibration: the effect of each correction of soft labels."
    section = CalibrationSection
    order = 8
    rated = False
    needs_methods = ("softlabel", "softlabel+")

    def runs(self, bench: Bench, section: CalibrationSection) -> list[Run]:
        rows = [Row(variant, slm, role) for slm in section.slms for role, variant in variants(bench, slm).items()]
        return over(bench, section, bench.corpora, rows)


def variants(bench: Bench, slm: str) -> dict[str, Variant]:
    """The plain soft-label model ("plain"), its corrections one by one, all that were kept ("softlabel+"), and more.

    Surface forms were not kept: they stand alone, and on top of softlabel+.
    """
    perplexity = vars(create("softlabel+", bench.methods["softlabel+"]))["target_perplexity"]

    def of(suffix: str, title: str, method: str = "softlabel", **changes: Any) -> Variant:
        return soft_label_variant(bench, slm, suffix, title, method=method, **changes)

    return {
        "plain": soft_label_variant(bench, slm),
        "centred": of("centred", "Centred logits", centre=True),
        "standardised": of("standardised", "Standardised states", standardise=True),
        "forms": of("forms", "Surface forms", surface_forms=True),
        "perplexity": of("perplexity", "τ by perplexity", target_perplexity=perplexity),
        "softlabel+": soft_label_variant(bench, slm, method="softlabel+"),
        "softlabel+forms": of("forms", "softlabel+ with surface forms", "softlabel+", surface_forms=True),
    }
