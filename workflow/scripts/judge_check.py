"""How well the judge tells coherent word sets of the reference corpus from shuffled ones."""

from topicbench.core.jobs import job

with job(snakemake):
    from pathlib import Path

    from topicbench.core.files import write_json
    from topicbench.metrics.judges.check import check
    from topicbench.metrics.section import Judge
    from topicbench.metrics.windows import C_V_WINDOW, load_counts

    # Who judges is a parameter; how the judge is asked changes no answer, and comes from the configuration.
    slm = snakemake.params.slm
    local = {"slm_folder": snakemake.input.model[0], "dtype": slm["dtype"], "device": slm["device"]} if slm else {}
    result = check(
        Judge(**snakemake.config["judge"]),
        load_counts(snakemake.input.counts[0])[C_V_WINDOW],
        Path(snakemake.output[0]).parent / "answers",
        **local,
        top_words=snakemake.params.top_words,
    )
    write_json(snakemake.output[0], result)
