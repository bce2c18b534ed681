"""Scores of an experiment's runs → one long table, and what it is about."""

from topicbench.core.jobs import job

with job(snakemake):
    import pandas as pd

    from topicbench.core.files import read_json, write_json, written_beside
    from topicbench.metrics.contract import Context
    from topicbench.metrics.gather import complete, gather

    runs, given = snakemake.params.runs, snakemake.input
    scores = {path: pd.read_parquet(path) for path in dict.fromkeys(run["scores"] for run in runs)}
    ratings = (given.ratings[0], pd.read_parquet(given.ratings[0])) if given.ratings else None
    table = gather(snakemake.wildcards.experiment, runs, scores, ratings)
    with written_beside(snakemake.output.csv) as partial:
        table.to_csv(partial, index=False)
    check = read_json(given.check[0]) if given.check else None
    write_json(snakemake.output.about, complete(snakemake.params.about, Context(**snakemake.params.context), check))
