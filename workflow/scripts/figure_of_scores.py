"""Scores of an experiment → one figure."""

from topicbench.core.jobs import job

with job(snakemake):
    from importlib import import_module

    from topicbench.views import style
    from topicbench.views.frame import read_scores
    from topicbench.views.judged import judged

    item = snakemake.wildcards.item
    figure = import_module("topicbench.views." + ("critical_difference" if item == "_ranks" else f"figure{item}"))
    config = judged(snakemake.params.config, snakemake.input.calibration)
    data = figure.data(config, read_scores(snakemake.input.scores))
    style.write(figure.draw(data, config), data, figure.caption(data, config), *snakemake.output)
