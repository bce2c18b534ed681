"""The soft-label model with one or more of its parts replaced: Table 3."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from topicbench.core.protocol import Protocol
from topicbench.core.sections import Name
from topicbench.experiments.bench import Bench
from topicbench.experiments.contract import Experiment, Grid, Row, over
from topicbench.experiments.runs import Run, Variant, soft_label_variant

TITLES = {
    "nll": "NLL",
    "nll-bow": "NLL + BoW",
    "embeddings": "Embeddings",
    "nll-bow-embeddings": "NLL + BoW + Embeddings",
}


class AblationSection(Grid):
    """Table 3: the soft-label model with one or more of its parts replaced."""

    slms: list[Name] | None = Field(None, min_length=1, description="Language models; null: all.")


class Ablation(Experiment):
    name = "ablation"
    summary = "Table 3."
    section = AblationSection
    order = 2
    needs_methods = ("softlabel",)

    def runs(self, bench: Bench, section: AblationSection) -> list[Run]:
        rows = [
            Row(variant, slm, role) for slm in section.slms for role, variant in ablation_variants(bench, slm).items()
        ]
        return over(bench, section, bench.corpora, rows)


def ablations(protocol: Protocol) -> dict[str, dict[str, Any]]:
    """Table 3's ablations: name → settings over the unablated model.

    The paper's "standard negative log-likelihood from ProdLDA" has neither a weight lambda nor a temperature of the
    student. With ``nll_target: softmax`` the target is a distribution, whose likelihood keeps lambda: unweighted it
    would be of the size of the prior's term alone.
    """
    nll: dict[str, Any] = {"loss": "nll", "student_temperature": 1.0}
    if protocol.nll_target == "raw_logits":
        soft = {**nll, "nll_weights": "raw_logits", "loss_weight": 1.0}
    else:
        soft = {**nll, "nll_weights": "softmax", "temperature": 1.0}
    bow = {**nll, "target": "bow", "loss_weight": 1.0}
    return {
        "nll": soft,
        "nll-bow": bow,
        "embeddings": {"input": "embeddings"},
        "nll-bow-embeddings": {**bow, "input": "embeddings"},
    }


def ablation_variants(bench: Bench, slm: str, protocol: Protocol | None = None) -> dict[str, Variant]:
    """The unablated model ("original") and its ablations on ``slm``, in the order of Table 3.

    ``protocol`` says what they are where it is not the configuration's.
    """
    variants = {"original": soft_label_variant(bench, slm)}
    for name, changes in ablations(protocol or bench.protocol).items():
        variants[name] = soft_label_variant(bench, slm, name, TITLES[name], **changes)
    return variants
