"""Runs of a variant, all K and seeds → their metrics."""

from topicbench.core.jobs import job

with job(snakemake):
    import pandas as pd
    from tqdm import tqdm

    from topicbench.core.files import read_json, read_npy, write_json
    from topicbench.runs.fitting import mask_of
    from topicbench.metrics.coherence import load_counts
    from topicbench.runs.flaws import flaws
    from topicbench.metrics.palmetto import c_v
    from topicbench.metrics.score import heldout_scores, score_again, score_run

    counts, recounted = load_counts(snakemake.input.counts), load_counts(snakemake.input.recounted)
    second = load_counts(snakemake.input.second[0]) if snakemake.input.second else None
    documents = pd.read_parquet(snakemake.input.documents)
    labels = documents["label"].to_numpy() if "label" in documents else None
    kept, distinct = read_npy(snakemake.input.kept), ~documents["text"].duplicated().to_numpy()
    entries = [entry for manifest in snakemake.input.fits for entry in read_json(manifest)]
    palmetto = snakemake.params.palmetto
    scores = []
    for folder in tqdm([entry["folder"] for entry in entries], unit=" runs"):
        record = read_json(f"{folder}/run.json")
        topics = read_json(f"{folder}/topics.json")
        heldout = record.get("heldout")
        rows = read_npy(f"{folder}/rows_fitted.npy") if heldout else mask_of(record["documents"], kept, distinct)
        values = score_run(
            read_npy(f"{folder}/theta.npy"),
            topics,
            counts,
            None if labels is None else labels[rows],
            snakemake.params.top_words,
        )
        values |= score_again(topics, recounted, second, snakemake.params.top_words)
        if heldout and heldout["inferred"] and labels is not None:
            theta, inferred = (read_npy(f"{folder}/{name}.npy") for name in ("theta", "theta_heldout"))
            parts = tuple(read_npy(f"{folder}/rows_{name}.npy") for name in ("fitted", "heldout", "compared"))
            values |= heldout_scores(theta, inferred, parts, labels)
        if palmetto:
            values["c_v"] = float(c_v(topics, palmetto["jar"], palmetto["index"], palmetto["java"]).mean())
        scores.append({"num_topics": record["num_topics"], "seed": record["seed"], **values, **flaws(record)})
    write_json(snakemake.output[0], scores)
