"""The soft-label model with calibrated soft labels: the best configuration found, beside the paper's plain one."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from topicbench.models.softlabel import SoftLabel


class SoftLabelPlus(SoftLabel):
    """Soft labels with corpus-mean logits removed, standardised hidden states, and τ set by the labels' perplexity.

    docs/calibration.md describes the corrections; ``results/calibration.md`` compares each with the plain model.
    """

    name: ClassVar[str] = "softlabel+"
    title: ClassVar[str] = "softlabel+"

    centre: bool = Field(True, description=SoftLabel.model_fields["centre"].description)
    standardise: bool = Field(True, description=SoftLabel.model_fields["standardise"].description)
    target_perplexity: float | None = Field(
        0.85, gt=0, lt=1, description=SoftLabel.model_fields["target_perplexity"].description
    )

    def row_label(self, reads: str) -> str:
        return f"{reads}, softlabel+"
