"""Runs of every method → Table 4."""

from topicbench.core.jobs import job

with job(snakemake):
    import pandas as pd
    from scipy.sparse import load_npz

    from topicbench.config.schema import Config
    from topicbench.core.files import read_json, read_lines, read_npy
    from topicbench.views import table4
    from topicbench.views.render import write
    from topicbench.experiments.all import experiment_runs

    config = Config.model_validate(snakemake.params.config)
    fitted = [
        table4.Fitted(
            run,
            read_npy(f"{run.folder}/theta.npy"),
            read_json(f"{run.folder}/topics.json"),
            read_json(f"{run.folder}/run.json")["documents"],
        )
        for run in experiment_runs(config, "qualitative")
    ]
    table = table4.make(
        config,
        fitted,
        pd.read_parquet(snakemake.input.documents)["label_name"].tolist(),
        read_lines(snakemake.input.vocabulary),
        load_npz(snakemake.input.bow),
        read_npy(snakemake.input.kept),
    )
    write(table, *snakemake.output)
