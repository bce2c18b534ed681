"""Run records → costs.csv."""

from topicbench.core.jobs import job

with job(snakemake):
    from topicbench.core.files import read_json, written_beside
    from topicbench.metrics.gather import costs

    records = [read_json(f"{path}/run.json") for path in snakemake.input]
    with written_beside(snakemake.output[0]) as partial:
        costs(records).to_csv(partial, index=False)
