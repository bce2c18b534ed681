"""Configuration → Figure 2."""

from topicbench.core.jobs import job

with job(snakemake):
    from topicbench.config.schema import Config
    from topicbench.views import figure2, style

    config = Config.model_validate(snakemake.params.config)
    data = figure2.data(config)
    style.write(figure2.draw(data, config), data, figure2.caption(config), *snakemake.output)
