"""results/paper.tex → results/paper.pdf."""

from topicbench.core.jobs import job

with job(snakemake):
    from pathlib import Path

    from topicbench.views.document import build

    build(Path(snakemake.input[0]).read_text(encoding="utf-8"), snakemake.output[0])
