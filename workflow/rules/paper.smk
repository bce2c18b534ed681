# The tables and figures of the paper, each from the scores of one experiment.

TABLES = {1: "main", 2: "main", 3: "ablation", 7: "main", 9: "prompts"}


def paper_outputs(settings):
    """Every table and figure whose experiment the configuration runs."""
    return [
        f"results/table{number}.{kind}"
        for number, experiment in TABLES.items()
        if getattr(settings.experiments, experiment)
        for kind in ("tex", "csv", "md")
    ]


def scores_of(experiment, item):
    if getattr(settings.experiments, experiment) is None:
        raise WorkflowError(
            f"{item}: the configuration leaves out experiment '{experiment}'; "
            f"give experiments.{experiment} a section (an empty one, {{}}, will do)"
        )
    return f"results/experiments/{experiment}.csv"


rule table_of_scores:
    input:
        lambda wildcards: scores_of(TABLES[int(wildcards.number)], f"results/table{wildcards.number}"),
    output:
        tex="results/table{number}.tex",
        csv="results/table{number}.csv",
        md="results/table{number}.md",
    log:
        "logs/table{number}.log",
    wildcard_constraints:
        number="|".join(map(str, TABLES)),
    params:
        config=settings.model_dump(mode="json"),
    resources:
        mem_mb=1000,
        runtime=10,
    conda:
        "../../envs/analysis.yaml"
    message:
        "Table {wildcards.number}"
    script:
        "../scripts/table_of_scores.py"
