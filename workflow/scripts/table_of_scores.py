"""Scores of an experiment → one table of the paper."""

from topicbench.core.jobs import job

with job(snakemake):
    from importlib import import_module

    import pandas as pd

    from topicbench.views.frame import read_scores
    from topicbench.views.judged import judged
    from topicbench.views.render import write

    table = import_module(f"topicbench.views.{snakemake.wildcards.table}")
    config = judged(snakemake.params.config, snakemake.input.calibration)
    scores = pd.concat([read_scores(path) for path in snakemake.input.scores], ignore_index=True)
    write(table.make(config, scores), *snakemake.output)
