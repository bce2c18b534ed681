"""Table 3: the soft-label model with one or more of its parts replaced, averaged over K and seeds."""

from __future__ import annotations

from typing import ClassVar

from topicbench.views._builders import DifferenceTable
from topicbench.views.contract import Scores
from topicbench.views.frame import MAIN_METRICS


class Table3(DifferenceTable):
    """Ablations."""

    name = "table3"
    label = "Table 3"
    summary = "The soft-label model with one or more of its parts replaced, averaged over K and seeds."
    category = "Reproduction"
    order = 3
    experiment = "ablation"
    metrics = MAIN_METRICS
    stub = "Ablation"
    titles: ClassVar = {"original": "Original"}

    def opening(self, scores: Scores) -> str:
        return "Ablations of the soft-label model."

    def explanation(self, scores: Scores) -> str:
        encoder = scores.about.encoder.title if scores.about.encoder else "the sentence encoder"
        return (
            "Original: mean; other rows: difference from the original. NLL: negative log-likelihood as reconstruction "
            "loss instead of the KL divergence; BoW: bag of words as target instead of soft labels; Embeddings: "
            f"embeddings by {encoder} as input instead of hidden states (with BoW this reads no language model and is "
            "one model, repeated under each)."
        )
