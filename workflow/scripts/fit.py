"""Features → all seeds of one configuration of a method."""

from topicbench.core.jobs import job

with job(snakemake):
    from pathlib import Path

    import pandas as pd
    from scipy.sparse import load_npz

    from topicbench.core.protocol import Protocol
    from topicbench.corpora.vocabulary import vocabulary_texts
    from topicbench.core.files import read_lines, read_npy, write_json
    from topicbench.runs.fitting import documents_of, fit_runs, held_out
    from topicbench.models.contract import Inputs, create

    files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
    method = create(wildcards.method, params.settings)
    vocabulary = read_lines(files.vocabulary)
    table = pd.read_parquet(files.tokens)
    tokens = [text.split() for text in table["tokens"]]
    features = {name: read_npy(path, mapped=True) for name, path in files.items() if name in method.needs}
    inputs = Inputs(vocabulary, load_npz(files.bow), vocabulary_texts(tokens, vocabulary), **features)
    kept = read_npy(files.kept)
    manifest = fit_runs(
        method,
        inputs,
        held_out(
            documents_of(method, Protocol(**params.protocol), kept, table["distinct"].to_numpy()),
            len(kept),
            params.heldout,
        ),
        int(wildcards.topics),
        params.seeds,
        Path(snakemake.output[0]).parent,
        list(files),
        params.top_words,
        {
            "corpus": wildcards.corpus,
            "vocabulary_size": int(wildcards.size),
            "variant": wildcards.variant,
            "slm": params.slm,
            "prompt": params.prompt,
            "protocol": params.protocol,
            "inputs": dict(sorted(files.items())),
        },
    )
    write_json(snakemake.output[0], manifest)
