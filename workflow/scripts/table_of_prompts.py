"""Configuration → Table 6 or 8."""

from topicbench.core.jobs import job

with job(snakemake):
    from importlib import import_module

    from topicbench.config.schema import Config
    from topicbench.views.render import write

    table = import_module(f"topicbench.views.table{snakemake.wildcards.number}")
    write(table.make(Config.model_validate(snakemake.params.config)), *snakemake.output)
