"""Scores of the main experiment → the best method against each other one."""

from topicbench.core.jobs import job

with job(snakemake):
    from topicbench.config.schema import Config
    from topicbench.core.files import write_text
    from topicbench.views.frame import read_scores
    from topicbench.views.render import records_csv, records_md
    from topicbench.views.statistics import pairwise

    config = Config.model_validate(snakemake.params.config)
    records = pairwise(config, read_scores(snakemake.input.scores)).to_dict("records")
    write_text(snakemake.output.csv, records_csv(records))
    write_text(snakemake.output.md, records_md(records))
