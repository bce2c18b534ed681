"""Soft labels on other backbones: ETM, ECRTM and FASTopic with the proposed model's target, and with its input."""

from __future__ import annotations

import pandas as pd

from topicbench.config.schema import Config
from topicbench.experiments.all import backbone_variants, first_slm
from topicbench.models.contract import methods
from topicbench.views import caption, flawed
from topicbench.views.frame import MAIN_METRICS, select
from topicbench.views.grid import differences, headings
from topicbench.views.render import Section, Table

METRICS = (*MAIN_METRICS, "precision_at_5")


def make(config: Config, frame: pd.DataFrame) -> Table:
    """The table from the scores of experiment "backbones"."""
    scores = select(config, frame, "backbones", METRICS)
    grid = config.experiments.backbones
    corpora = grid.corpora or list(config.corpora)
    shown = config.model_copy(update={"corpora": {name: config.corpora[name] for name in corpora}})
    slm = first_slm(config, grid.slm)
    sections = []
    for backbone in grid.methods:
        plain, *soft = backbone_variants(config, slm, backbone)
        title = methods()[backbone].title
        rows = differences(shown, scores, plain, soft, METRICS, title)
        sections += [Section([], f"Backbone: {title}"), Section(rows)]
    groups, columns = headings(shown, METRICS, "Method")
    n = len(caption.num_topics_of(config, grid)) * len(caption.seeds_of(config, grid))
    return Table(
        name="backbones",
        caption=f"Soft labels of {config.slms[slm].title} on other backbones. {caption.averaged(config, grid)} First "
        "row under each backbone: the method itself, mean; other rows: difference from it. Own input: target and "
        "reconstruction loss are the soft-label model’s, the encoder reads what it always does (bag of words; "
        "embeddings for FASTopic); without this remark it reads hidden states in their place. All rows under a "
        f"backbone are fitted to the same documents. "
        f"{caption.against_original(config, n, 'backbone, corpus and metric')} {caption.setting(config, corpora)} "
        f"Metrics: {caption.metrics(config, METRICS, corpora)}{flawed.sentence(scores)}",
        columns=columns,
        sections=sections,
        groups=groups,
        wide=True,
    )
