"""Bag of words and soft labels of a corpus → Figure 1."""

from topicbench.core.jobs import job

with job(snakemake):
    import pandas as pd
    from scipy.sparse import load_npz

    from topicbench.config.schema import Config
    from topicbench.core.files import read_lines, read_npy
    from topicbench.models.contract import create
    from topicbench.views import figure1, style

    config = Config.model_validate(snakemake.params.config)
    files = snakemake.input
    data = figure1.data(
        read_lines(files.vocabulary),
        load_npz(files.bow),
        read_npy(files.logits, mapped=True),
        create("softlabel", config.methods.get("softlabel", {})).temperature,
        read_npy(files.vectors),
        read_npy(files.found),
        pd.read_parquet(files.documents),
        read_npy(files.kept),
    )
    style.write(figure1.draw(data, config), data, figure1.caption(data, config), *snakemake.output)
