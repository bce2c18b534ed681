"""Configuration → Figure 2."""

import package  # noqa: F401
from topicbench.core.jobs import limit_threads, logged

limit_threads(snakemake.threads)
with logged(snakemake.log[0]):
    from topicbench.config.schema import Config
    from topicbench.views import figure2, style

    config = Config.model_validate(snakemake.params.config)
    data = figure2.data(config)
    style.write(figure2.draw(data, config), data, figure2.caption(config), *snakemake.output)
