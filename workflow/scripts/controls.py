"""A control of a corpus → its runs, all K and seeds."""

from topicbench.core.jobs import job

with job(snakemake):
    import numpy as np
    import pandas as pd
    from scipy.sparse import load_npz

    from topicbench.models.controls.build import label_oracle, random_topics, shuffled_documents
    from topicbench.core.files import read_json, read_lines, read_npy, write_json
    from topicbench.runs.fitting import write_run

    files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
    vocabulary, bow, kept = read_lines(files.vocabulary), load_npz(files.bow), read_npy(files.kept)
    manifest = []
    for run in params.runs:
        k, seed, documents = run["num_topics"], run["seed"], "kept"
        if wildcards.control == "random-topics":
            model = random_topics(int(kept.sum()), len(vocabulary), k, seed)
        elif wildcards.control == "shuffled-documents":
            documents = read_json(f"{run['shuffled']}/run.json")["documents"]
            model = shuffled_documents(*(read_npy(f"{run['shuffled']}/{name}.npy") for name in ("theta", "beta")), seed)
        else:
            labels = pd.read_parquet(files.documents, columns=["label"])["label"].to_numpy()
            model = label_oracle(bow[np.flatnonzero(kept)], labels[kept])
        record = {**run, "documents": documents, "documents_left_out": len(kept) - len(model.theta)}
        write_run(run["folder"], model, vocabulary, params.top_words, record)
        manifest.append({"seed": seed, "folder": run["folder"]})
    write_json(snakemake.output[0], manifest)
