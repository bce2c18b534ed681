"""Documents of every corpus → Table 5."""

from topicbench.core.jobs import job

with job(snakemake):
    import pandas as pd

    from topicbench.config.schema import Config
    from topicbench.core.files import read_npy
    from topicbench.views import table5
    from topicbench.views.render import write

    config = Config.model_validate(snakemake.params.config)
    documents = dict(zip(config.corpora, map(pd.read_parquet, snakemake.input.documents), strict=True))
    kept = dict(zip(config.corpora, map(read_npy, snakemake.input.kept), strict=True))
    write(table5.make(config, documents, kept), *snakemake.output)
