"""Gathered scores, or what else a view needs, → one table or figure."""

from topicbench.core.jobs import job

with job(snakemake):
    from pathlib import Path

    from topicbench.views.write import read_inputs, write
    from topicbench.views.contract import load_view

    view = load_view(snakemake.params.view)
    scores = read_inputs(view, dict(snakemake.input.items()), snakemake.params.about)
    write(view.make(scores), {suffix: Path(path) for suffix, path in snakemake.output.items()})
