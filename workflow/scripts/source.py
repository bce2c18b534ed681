"""A source of the registry → its folder, fetched and checked; goes on where a killed job stopped."""

from topicbench.core.jobs import job

with job(snakemake):
    from pathlib import Path

    from topicbench.sources.section import Source
    from topicbench.sources.fetch import fetch

    params = snakemake.params
    name = snakemake.wildcards.source
    fetch(name, Source(**params.entry), Path(snakemake.output[0]), Path(params.lock), Path(params.root))
