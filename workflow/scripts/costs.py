"""Run records → costs.csv."""

import package  # noqa: F401
from topicbench.core.jobs import limit_threads, logged

limit_threads(snakemake.threads)
with logged(snakemake.log[0]):
    from topicbench.core.files import read_json, written_beside
    from topicbench.metrics.gather import costs

    records = [read_json(f"{entry['folder']}/run.json") for path in snakemake.input for entry in read_json(path)]
    with written_beside(snakemake.output[0]) as partial:
        costs(records).to_csv(partial, index=False)
