"""Table 3: the soft-label model with one or more of its parts replaced, averaged over K and seeds."""

from __future__ import annotations

import pandas as pd

from topicbench.config.schema import Config
from topicbench.experiments.all import ablation_variants
from topicbench.views import caption, flawed
from topicbench.views.frame import MAIN_METRICS, select
from topicbench.views.grid import differences, headings
from topicbench.views.render import Section, Table


def make(config: Config, ablation: pd.DataFrame) -> Table:
    """The table from the scores of experiment "ablation"."""
    scores = select(config, ablation, "ablation", MAIN_METRICS)
    grid = config.experiments.ablation
    sections = []
    for slm in grid.slms or config.slms:
        variants = ablation_variants(config, slm)
        rows = differences(config, scores, variants.pop("original"), list(variants.values()), MAIN_METRICS)
        sections += [Section([], config.slms[slm].title, major=True), Section(rows)]
    groups, columns = headings(config, MAIN_METRICS, "Ablation")
    n = len(caption.num_topics_of(config, grid)) * len(caption.seeds_of(config, grid))
    encoder = config.encoder.title if config.encoder else "the sentence encoder"
    return Table(
        name="table3",
        caption=f"Ablations of the soft-label model. {caption.averaged(config, grid)} Original: mean; other rows: "
        "difference from the original. NLL: negative log-likelihood as reconstruction loss instead of the KL "
        "divergence; BoW: bag of words as target instead of soft labels; Embeddings: embeddings "
        f"by {encoder} as input instead of hidden states (with BoW this reads no language model and is one model, "
        f"repeated under each). {caption.against_original(config, n, 'language model, corpus and metric')} "
        f"{caption.setting(config, config.corpora)} "
        f"Metrics: {caption.metrics(config, MAIN_METRICS, config.corpora)}{flawed.sentence(scores)}",
        columns=columns,
        sections=sections,
        groups=groups,
        wide=True,
    )
