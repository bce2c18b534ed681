"""Calibrated soft labels against the paper's plain ones, one correction after the other; not in the paper."""

from __future__ import annotations

import pandas as pd

from topicbench.config.schema import Config
from topicbench.experiments.all import calibration_variants
from topicbench.models.contract import create
from topicbench.views import caption, flawed
from topicbench.views.frame import select
from topicbench.views.grid import differences, headings
from topicbench.views.render import Cell, Section, Table

METRICS = ("c_v", "i_rbo", "topic_diversity", "purity", "nmi", "precision_at_10")


def make(config: Config, calibration: pd.DataFrame) -> Table:
    """The table from the scores of experiment "calibration"."""
    scores = select(config, calibration, "calibration", METRICS)
    grid = config.experiments.calibration
    sections = []
    for slm in grid.slms or config.slms:
        variants = calibration_variants(config, slm)
        titles = ["Plain", *(variant.title for name, variant in variants.items() if name != "plain")]
        titles[titles.index(variants["softlabel+"].title)] = "softlabel+"
        rows = differences(config, scores, variants.pop("plain"), list(variants.values()), METRICS)
        rows = [[Cell(title), *row[1:]] for title, row in zip(titles, rows, strict=True)]
        sections += [Section([], config.slms[slm].title, major=True), Section(rows)]
    groups, columns = headings(config, METRICS, "Soft labels")
    n = len(caption.num_topics_of(config, grid)) * len(caption.seeds_of(config, grid))
    plus = create("softlabel+", config.methods["softlabel+"])
    return Table(
        name="calibration",
        caption=f"Calibrated soft labels. {caption.averaged(config, grid)} Plain: mean of the soft-label model as in "
        "the paper; other rows: difference from it. Centred logits: without each word’s mean logit over the corpus; "
        "standardised states: each dimension of the hidden states with mean 0 and variance 1; surface forms: a word’s "
        "probability is that of word, Word and WORD together; τ by perplexity: the temperature at which the soft "
        f"labels’ mean perplexity is {plus.target_perplexity:g} of the vocabulary; softlabel+: centred logits, "
        "standardised states and τ by perplexity. "
        f"{caption.against_original(config, n, 'language model, corpus and metric')} "
        f"{caption.setting(config, config.corpora)} "
        f"Metrics: {caption.metrics(config, METRICS, config.corpora)}{flawed.sentence(scores)}",
        columns=columns,
        sections=sections,
        groups=groups,
        wide=True,
    )
