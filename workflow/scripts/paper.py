"""results/paper.tex → results/paper.pdf."""

import package  # noqa: F401
from topicbench.core.jobs import limit_threads, logged

limit_threads(snakemake.threads)
with logged(snakemake.log[0]):
    from pathlib import Path

    from topicbench.views.document import build

    build(Path(snakemake.input[0]).read_text(encoding="utf-8"), snakemake.output[0])
