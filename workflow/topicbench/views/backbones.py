"""Soft labels on other backbones: ETM, ECRTM and FASTopic with the proposed model's target, and with its input."""

from __future__ import annotations

from topicbench.views._builders import DifferenceTable
from topicbench.views.contract import Scores
from topicbench.views.frame import MAIN_METRICS, Row, rows_of
from topicbench.views.render import Section


class Backbones(DifferenceTable):
    """Soft labels as the target of other methods."""

    name = "backbones"
    label = "Other backbones"
    summary = "Soft labels as the target of ETM, ECRTM and FASTopic, each beside the method itself."
    category = "Beyond the paper"
    order = 33
    experiment = "backbones"
    metrics = (*MAIN_METRICS, "precision_at_5")
    stub = "Method"
    block = "backbone"

    def block_heading(self, scores: Scores, rows: list[Row]) -> Section:
        return Section([], f"Backbone: {rows[0].title}")

    def opening(self, scores: Scores) -> str:
        slm = next(row.slm for row in rows_of(scores.rows) if row.slm)
        return f"Soft labels of {scores.about.language_models[slm].title} on other backbones."

    def explanation(self, scores: Scores) -> str:
        return (
            "First row under each backbone: the method itself, mean; other rows: difference from it. Own input: target "
            "and reconstruction loss are the soft-label model’s, the encoder reads what it always does (bag of words; "
            "embeddings for FASTopic); without this remark it reads hidden states in their place. All rows under a "
            "backbone are fitted to the same documents."
        )
