"""Topics of an experiment's runs → the judge's rating of each."""

from topicbench.core.jobs import job

with job(snakemake):
    from functools import partial
    from pathlib import Path

    from topicbench.core.files import written_beside
    from topicbench.metrics.judges.rate import rate
    from topicbench.metrics.score import rate_runs
    from topicbench.metrics.section import Judge

    # Who judges is a parameter; how the judge is asked changes no answer, and comes from the configuration.
    slm = snakemake.params.slm
    local = {"slm_folder": snakemake.input.model[0], "dtype": slm["dtype"], "device": slm["device"]} if slm else {}
    answers = Path(snakemake.output[0]).parent / "answers"
    judge = partial(rate, Judge(**snakemake.config["judge"]), folder=answers, **local)
    ratings = rate_runs(snakemake.params.folders, judge, snakemake.params.top_words)
    with written_beside(snakemake.output[0]) as part:
        ratings.to_parquet(part, index=False)
