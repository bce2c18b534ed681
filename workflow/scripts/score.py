"""Runs of a variant, all K and seeds → their metrics."""

from topicbench.core.jobs import job

with job(snakemake):
    import pandas as pd

    from topicbench.core.files import read_npy, written_beside
    from topicbench.metrics.score import read_resources, score_runs

    resources = read_resources(dict(snakemake.input.items()), **snakemake.params.resources)
    documents, kept = pd.read_parquet(snakemake.input.documents), read_npy(snakemake.input.kept)
    scores = score_runs(snakemake.params.folders, resources, snakemake.params.top_words, documents, kept)
    with written_beside(snakemake.output[0]) as partial:
        scores.to_parquet(partial, index=False)
