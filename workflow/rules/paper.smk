# The tables and figures of the paper, each from the scores of one experiment.


rule table_of_scores:
    input:
        lambda wildcards: plan.scores_of(TABLES[int(wildcards.number)], f"results/table{wildcards.number}"),
    output:
        tex="results/table{number}.tex",
        csv="results/table{number}.csv",
        md="results/table{number}.md",
    log:
        "logs/table{number}.log",
    wildcard_constraints:
        number="1|2|3|7|9",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        config=settings.model_dump(mode="json"),
    message:
        "Table {wildcards.number}"
    script:
        "../scripts/table_of_scores.py"
