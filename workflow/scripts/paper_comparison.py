"""Scores and corpora → the published numbers beside the measured ones."""

from topicbench.core.jobs import job

with job(snakemake):
    import pandas as pd

    from topicbench.config.schema import Config
    from topicbench.core.files import read_npy, write_text
    from topicbench.views.comparison import compare, ordering
    from topicbench.views.frame import read_scores
    from topicbench.views.render import records_csv, records_md
    from topicbench.views.table5 import count

    config = Config.model_validate(snakemake.params.config)
    files = snakemake.input
    scores = {name: read_scores(path) for name, path in files.items() if name in ("main", "ablation", "prompts")}
    corpora = {
        name: count(pd.read_parquet(documents), read_npy(kept))
        for name, documents, kept in zip(config.corpora, files.documents, files.kept, strict=True)
    }
    compared = compare(config, **scores, corpora=corpora, folder=snakemake.params.published)
    cells, orders = compared.to_dict("records"), ordering(compared).to_dict("records")
    write_text(snakemake.output.csv, records_csv(cells))
    write_text(snakemake.output.ordering, records_csv(orders))
    write_text(
        snakemake.output.md,
        "# Published and measured\n\nWhat differs between the two configurations stands in each row: only rows with an "
        "empty `differs` compare like with like.\n\n## Order of the methods (Kendall's τ-b)\n\n"
        f"{records_md(orders)}\n## Every value\n\n{records_md(cells)}",
    )
