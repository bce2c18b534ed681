"""Scores of the main experiment → the best method against each other one."""

import package  # noqa: F401
from topicbench.jobs import limit_threads, logged

limit_threads(snakemake.threads)
with logged(snakemake.log[0]):
    from topicbench.config import Config
    from topicbench.files import write_text
    from topicbench.paper.frame import read_scores
    from topicbench.paper.render import records_csv, records_md
    from topicbench.paper.statistics import pairwise

    config = Config.model_validate(snakemake.params.config)
    records = pairwise(config, read_scores(snakemake.input.scores)).to_dict("records")
    write_text(snakemake.output.csv, records_csv(records))
    write_text(snakemake.output.md, records_md(records))
