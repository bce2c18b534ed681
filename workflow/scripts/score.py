"""Runs of a variant, all K and seeds → their metrics."""

import package  # noqa: F401
from topicbench.jobs import limit_threads, logged

limit_threads(snakemake.threads)
with logged(snakemake.log[0]):
    import pandas as pd
    from tqdm import tqdm

    from topicbench.files import read_json, read_npy, write_json
    from topicbench.scores.coherence import load_counts
    from topicbench.scores.score import score_run

    counts = load_counts(snakemake.input.counts)
    documents = pd.read_parquet(snakemake.input.documents)
    labels = documents["label"].to_numpy() if "label" in documents else None
    kept = read_npy(snakemake.input.kept)
    entries = [entry for manifest in snakemake.input.fits for entry in read_json(manifest)]
    scores = []
    for folder in tqdm([entry["folder"] for entry in entries], unit=" runs"):
        record = read_json(f"{folder}/run.json")
        rows = kept if record["documents"] == "kept" else slice(None)
        scores.append(
            {
                "num_topics": record["num_topics"],
                "seed": record["seed"],
                **score_run(
                    read_npy(f"{folder}/theta.npy"),
                    read_json(f"{folder}/topics.json"),
                    counts,
                    None if labels is None else labels[rows],
                    snakemake.params.top_words,
                ),
            }
        )
    write_json(snakemake.output[0], scores)
