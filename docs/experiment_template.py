"""How long the soft-label model is trained, and what that changes.

Not in the paper, which trains every model for 100 epochs.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from topicbench.core.errors import TopicbenchError
from topicbench.core.sections import Name, unique
from topicbench.experiments.bench import Bench
from topicbench.experiments.contract import Experiment, Grid, Row, over
from topicbench.experiments.runs import Run, soft_label_variant
from topicbench.views._builders import DifferenceTable
from topicbench.views.contract import Scores


class EpochsSection(Grid):
    """results/epochs: the soft-label model trained for longer and for shorter."""

    slm: Name | None = Field(None, description="Language model; null: the first.")
    epochs: list[Annotated[int, Field(ge=1, strict=True)]] = Field(
        [25, 50, 100, 200], min_length=2, description="Epochs; the others are compared with the first."
    )

    _unique_epochs = field_validator("epochs")(unique)


class EpochsTable(DifferenceTable):
    name = "epochs"
    label = "Table of epochs"
    summary = "What longer training of the soft-label model changes."
    category = "Beyond the paper"
    experiment = "epochs"
    metrics = ("c_v", "purity", "precision_at_10")
    stub = "Epochs"

    def opening(self, scores: Scores) -> str:
        return "The soft-label model by the number of training epochs."

    def explanation(self, scores: Scores) -> str:
        return "First row: mean; other rows: difference from it."


class Epochs(Experiment):
    name = "epochs"
    summary = "The table epochs."
    section = EpochsSection
    views = (EpochsTable(),)
    rated = False
    needs_methods = ("softlabel",)

    def runs(self, bench: Bench, section: EpochsSection) -> list[Run]:
        rows = [
            Row(
                soft_label_variant(bench, section.slm, f"epochs{number}", f"{number} epochs", num_epochs=number),
                block=section.slm,
                role=str(number),
            )
            for number in section.epochs
        ]
        return over(bench, section, bench.corpora, rows)

    def check(self, bench: Bench, section: EpochsSection) -> None:
        if max(section.epochs) > 10_000:
            raise TopicbenchError(
                "experiments.epochs.epochs", f"{max(section.epochs)} epochs never end", "give 10,000 or fewer"
            )
