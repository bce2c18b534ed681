"""A source of the registry → its folder, fetched and checked; goes on where a killed job stopped."""

from topicbench.core.jobs import job

with job(snakemake):
    from pathlib import Path

    import topicbench
    from topicbench.sources.section import Source
    from topicbench.sources.fetch import fetch

    params = snakemake.params
    name = snakemake.wildcards.source
    # A relative mirror starts from the checkout. As a parameter its place would fetch everything anew where it moves.
    root = Path(topicbench.__file__).parents[2]
    fetch(name, Source(**params.entry), Path(snakemake.output[0]), Path(params.lock), root)
