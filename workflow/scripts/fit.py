"""Features → all seeds of one configuration of a method or control."""

from topicbench.core.jobs import job

with job(snakemake):
    from pathlib import Path

    from topicbench.core.protocol import Protocol
    from topicbench.models.contract import create
    from topicbench.runs.fit import Job, fit_runs
    from topicbench.runs.inputs import read_documents, read_fitted, read_inputs

    files, run = dict(snakemake.input.items()), snakemake.params.run
    method = create(run["method"], snakemake.params.settings)
    documents = read_documents(method, Protocol(**run["protocol"]), snakemake.params.heldout, files)
    fit_runs(
        Job(
            method,
            run["num_topics"],
            snakemake.params.seeds,
            documents,
            snakemake.params.top_words,
            list(snakemake.input),
            {**run, "inputs": dict(sorted(files.items()))},
        ),
        read_inputs(method, files),
        Path(snakemake.output[0]).parent,
        read_fitted(files),
    )
