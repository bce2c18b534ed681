"""Calibrated soft labels against the paper's plain ones, one correction after the other; not in the paper."""

from __future__ import annotations

from typing import ClassVar

from topicbench.views._builders import DifferenceTable
from topicbench.views.contract import Scores


class Calibration(DifferenceTable):
    """Corrections of soft labels."""

    name = "calibration"
    label = "Calibrated soft labels"
    summary = "Calibrated soft labels against the paper's plain ones, one correction after the other."
    category = "Beyond the paper"
    order = 31
    experiment = "calibration"
    metrics = ("c_v", "i_rbo", "topic_diversity", "purity", "nmi", "precision_at_10")
    stub = "Soft labels"
    titles: ClassVar = {"plain": "Plain", "softlabel+": "softlabel+"}

    def opening(self, scores: Scores) -> str:
        return "Calibrated soft labels."

    def explanation(self, scores: Scores) -> str:
        perplexity = scores.about.methods["softlabel+"].settings["target_perplexity"]
        return (
            "Plain: mean of the soft-label model as in the paper; other rows: difference from it. Centred logits: "
            "without each word’s mean logit over the corpus; standardised states: each dimension of the hidden states "
            "with mean 0 and variance 1; surface forms: a word’s probability is that of word, Word and WORD together; "
            f"τ by perplexity: the temperature at which the soft labels’ mean perplexity is {perplexity:g} of the "
            "vocabulary; softlabel+: centred logits, standardised states and τ by perplexity."
        )
