"""All tables and figures → results/paper.tex."""

from topicbench.core.jobs import job

with job(snakemake):
    from pathlib import Path

    from topicbench.config.schema import Config
    from topicbench.core.files import write_text
    from topicbench.views.document import latex_source

    tables = [table.removeprefix("table") for table in snakemake.params.tables]
    tables = [int(table) if table.isdigit() else table for table in tables]
    numbers = [int(item) if item.isdigit() else item.strip("_") for item in snakemake.params.figures]
    captions = [Path(path).read_text(encoding="utf-8").strip() for path in snakemake.input.captions]
    source = latex_source(
        Config.model_validate(snakemake.params.config),
        [*zip(tables, snakemake.input.tables, strict=True)],
        [*zip(numbers, snakemake.input.figures, strict=True)],
        dict(zip(numbers, captions, strict=True)),
    )
    write_text(snakemake.output[0], source)
