"""Topics of an experiment's runs → the judge's rating of each."""

from topicbench.core.jobs import job

with job(snakemake):
    from itertools import chain
    from pathlib import Path

    from topicbench.metrics.section import Judge
    from topicbench.core.files import read_json, write_json
    from topicbench.metrics.judges.rate import rate

    topics = {folder: read_json(f"{folder}/topics.json") for folder in snakemake.params.folders}
    slm = snakemake.params.slm
    local = {"slm_folder": snakemake.input.model[0], "dtype": slm["dtype"], "device": slm["device"]} if slm else {}
    answers = Path(snakemake.output[0]).parent / "answers"
    ratings = iter(rate(Judge(**snakemake.params.judge), [*chain(*topics.values())], answers, **local))
    result = {}
    for folder, lists in topics.items():
        values = [next(ratings) for _ in lists]
        result[folder] = {"mean": sum(values) / len(values), "topics": values}
    write_json(snakemake.output[0], result)
