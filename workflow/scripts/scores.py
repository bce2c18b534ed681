"""All experiments' scores → scores.csv and scores.parquet, and how their metrics were computed."""

from topicbench.core.jobs import job

with job(snakemake):
    import pandas as pd

    from topicbench.core.files import write_json, written_beside
    from topicbench.metrics.contract import Context, definitions

    # What looks like a number in one experiment is a name in another.
    names = dict.fromkeys(("method", "variant", "title", "block", "role", "prompt"), str)
    table = pd.concat([pd.read_csv(path, dtype=names) for path in snakemake.input], ignore_index=True)
    with written_beside(snakemake.output.csv) as partial:
        table.to_csv(partial, index=False)
    with written_beside(snakemake.output.parquet) as partial:
        table.to_parquet(partial, index=False)
    write_json(snakemake.output.metrics, definitions(Context(**snakemake.params.context)))
