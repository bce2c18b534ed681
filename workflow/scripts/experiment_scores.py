"""Scores of an experiment's runs → one long table."""

from topicbench.core.jobs import job

with job(snakemake):
    from topicbench.core.files import read_json, written_beside
    from topicbench.metrics.gather import long_scores

    scores = {path: read_json(path) for path in dict.fromkeys(run["scores"] for run in snakemake.params.runs)}
    ratings = read_json(snakemake.input.ratings[0]) if snakemake.input.ratings else None
    table = long_scores(snakemake.wildcards.experiment, snakemake.params.runs, scores, ratings)
    with written_beside(snakemake.output[0]) as partial:
        table.to_csv(partial, index=False)
