"""All tables and figures → results/paper.tex."""

from topicbench.core.jobs import job

with job(snakemake):
    from pathlib import Path

    from topicbench.core.files import write_text
    from topicbench.views.contract import About
    from topicbench.views.document import latex_source

    files = {Path(path).stem: path for path in (*snakemake.input.tables, *snakemake.input.figures)}
    captions = {Path(path).stem: Path(path).read_text(encoding="utf-8").strip() for path in snakemake.input.captions}
    write_text(snakemake.output[0], latex_source(About.model_validate(snakemake.params.about), files, captions))
