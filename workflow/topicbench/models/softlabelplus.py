"""The soft-label model with calibrated soft labels: the best configuration found, beside the paper's plain one."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from topicbench.models.softlabel import SoftLabel


class SoftLabelPlus(SoftLabel):
    """Without the language model's habits: centred logits, standardised hidden states, τ by the labels' perplexity.

    What each correction is and gives is in docs/calibration.md; ``results/calibration.md`` compares them one
    by one with the plain model.
    """

    name: ClassVar[str] = "softlabel+"
    title: ClassVar[str] = "softlabel+"

    centre: bool = Field(True, description=SoftLabel.model_fields["centre"].description)
    standardise: bool = Field(True, description=SoftLabel.model_fields["standardise"].description)
    target_perplexity: float | None = Field(
        0.85, gt=0, lt=1, description=SoftLabel.model_fields["target_perplexity"].description
    )

    def title_on(self, slm: str) -> str:
        return f"{slm}, softlabel+"
