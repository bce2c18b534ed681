# The tables and figures of the paper. Each module of topicbench.views is one of them.


# Tables 1, 2 and 7 (main), 3 (ablation) and 9 (prompts); and those the paper does not have.
rule table_of_scores:
    input:
        scores=asked(lambda wildcards: plan.table_scores(wildcards.table)),
        calibration=plan.calibration,
    output:
        tex="results/{table}.tex",
        csv="results/{table}.csv",
        md="results/{table}.md",
    log:
        "logs/{table}.log",
    wildcard_constraints:
        table="|".join(TABLES_OF_SCORES),
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        config=settings.model_dump(mode="json"),
    message:
        "Table {wildcards.table}"
    script:
        "../scripts/table_of_scores.py"


# Table 4: the topic that holds most documents of a class.
rule table_of_topics:
    input:
        fits=asked(lambda wildcards: plan.qualitative_fits("results/table4")),
        documents=f"{plan.qualitative_corpus}/documents.parquet",
        vocabulary=f"{plan.qualitative_corpus}/v{settings.vocabulary_size}/vocabulary.txt",
        bow=f"{plan.qualitative_corpus}/v{settings.vocabulary_size}/bow.npz",
        kept=f"{plan.qualitative_corpus}/v{settings.vocabulary_size}/kept.npy",
    output:
        tex="results/table4.tex",
        csv="results/table4.csv",
        md="results/table4.md",
    log:
        "logs/table4.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        config=settings.model_dump(mode="json"),
    message:
        "Table 4"
    script:
        "../scripts/table_of_topics.py"


# Table 5: the corpora as they are read.
rule table_of_corpora:
    input:
        documents=expand("results/corpora/{corpus}/documents.parquet", corpus=settings.corpora),
        kept=expand("results/corpora/{corpus}/v{size}/kept.npy", corpus=settings.corpora, size=settings.vocabulary_size),
    output:
        tex="results/table5.tex",
        csv="results/table5.csv",
        md="results/table5.md",
    log:
        "logs/table5.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        config=settings.model_dump(mode="json"),
    message:
        "Table 5"
    script:
        "../scripts/table_of_corpora.py"


# Tables 6 (the judge's prompt) and 8 (the instructions).
rule table_of_prompts:
    output:
        tex="results/table{number}.tex",
        csv="results/table{number}.csv",
        md="results/table{number}.md",
    log:
        "logs/table{number}.log",
    wildcard_constraints:
        number="6|8",
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
        "../scripts/table_of_prompts.py"


# Figure 1: bag of words against soft label for one document.
rule figure_of_document:
    input:
        unpack(asked(lambda wildcards: plan.figure1_inputs())),
    output:
        pdf="results/figure1.pdf",
        png="results/figure1.png",
        csv="results/figure1.csv",
        caption="results/figure1.txt",
    log:
        "logs/figure1.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        config=settings.model_dump(mode="json"),
    message:
        "Figure 1"
    script:
        "../scripts/figure_of_document.py"


# Figure 2: overview of the method.
rule figure_of_method:
    output:
        pdf="results/figure2.pdf",
        png="results/figure2.png",
        csv="results/figure2.csv",
        caption="results/figure2.txt",
    log:
        "logs/figure2.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        config=settings.model_dump(mode="json"),
    message:
        "Figure 2"
    script:
        "../scripts/figure_of_method.py"


# Figures 3 and 4 (temperature), 5 (vocabulary size) and the mean ranks of the methods.
rule figure_of_scores:
    input:
        scores=asked(lambda wildcards: plan.scores_of(FIGURES[wildcards.item], f"results/figure{wildcards.item}")),
        calibration=plan.calibration,
    output:
        pdf="results/figure{item}.pdf",
        png="results/figure{item}.png",
        csv="results/figure{item}.csv",
        caption="results/figure{item}.txt",
    log:
        "logs/figure{item}.log",
    wildcard_constraints:
        item="3|4|5|_ranks",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        config=settings.model_dump(mode="json"),
    message:
        "Figure {wildcards.item}"
    script:
        "../scripts/figure_of_scores.py"


rule statistics:
    input:
        scores=asked(lambda wildcards: plan.scores_of("main", "results/statistics")),
    output:
        csv="results/statistics.csv",
        md="results/statistics.md",
    log:
        "logs/statistics.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        config=settings.model_dump(mode="json"),
    message:
        "Comparing the best method with each other one"
    script:
        "../scripts/best_against_others.py"


rule paper_comparison:
    input:
        unpack(lambda wildcards: plan.comparison_inputs()),
    output:
        csv="results/paper_comparison.csv",
        ordering="results/paper_ordering.csv",
        md="results/paper_comparison.md",
    log:
        "logs/paper_comparison.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        config=settings.model_dump(mode="json"),
        published=data_file("data/paper"),
    message:
        "Comparing with the published numbers"
    script:
        "../scripts/paper_comparison.py"


rule paper_source:
    input:
        tables=expand("results/{table}.tex", table=plan.tables),
        figures=expand("results/figure{item}.pdf", item=plan.figures),
        captions=expand("results/figure{item}.txt", item=plan.figures),
    output:
        "results/paper.tex",
    log:
        "logs/paper_source.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        config=settings.model_dump(mode="json"),
        tables=plan.tables,
        figures=plan.figures,
    message:
        "Putting all tables and figures into one document"
    script:
        "../scripts/paper_source.py"


# Only asked for where pdflatex is installed.
rule paper:
    input:
        "results/paper.tex",
        tables=expand("results/{table}.tex", table=plan.tables),
        figures=expand("results/figure{item}.pdf", item=plan.figures),
    output:
        "results/paper.pdf",
    log:
        "logs/paper.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    message:
        "Typesetting results/paper.pdf"
    script:
        "../scripts/paper.py"
