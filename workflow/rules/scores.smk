# Metrics of every run, gathered by experiment.


rule reference_counts:
    input:
        reference=lambda wildcards: data_file(plan.references[wildcards.reference].path),
        vocabularies=plan.vocabularies,
    output:
        paths.COUNTS,
    log:
        "logs/reference_counts/{reference}-{counting}.log",
    benchmark:
        "results/benchmarks/reference_counts/{reference}-{counting}.tsv"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: memory("reference_counts", wildcards, attempt),
        runtime=lambda wildcards, attempt: minutes("reference_counts", wildcards, attempt),
    params:
        code=code("reference_counts"),
        reference=lambda wildcards: keys_of(plan.references[wildcards.reference], REFERENCE_KEYS),
    message:
        "Counting word windows in {wildcards.reference} ({wildcards.counting})"
    script:
        "../scripts/reference_counts.py"


# What metrics read beside runs: files for each of their needs that the configuration has something for.
rule score:
    input:
        unpack(asked(plan.score_inputs)),
        documents=paths.DOCUMENTS,
        kept=paths.KEPT,
        palmetto=palmetto_sources(),
        encoder=files_of(settings.encoder.folder) if "encoder" in plan.score_settings else [],
    output:
        paths.SCORES,
    log:
        "logs/score/{corpus}-v{size}-{method}-{variant}.log",
    benchmark:
        "results/benchmarks/score/{corpus}-v{size}-{method}-{variant}.tsv"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: memory("score", wildcards, attempt),
        runtime=lambda wildcards, attempt: minutes("score", wildcards, attempt),
    params:
        code=code("score", *metric_modules()),
        folders=lambda wildcards: [placed(folder) for folder in plan.scored_folders(wildcards)],
        top_words=settings.top_words,
        resources=plan.score_settings,
    message:
        "Scoring {wildcards.method} ({wildcards.variant}) on {wildcards.corpus}"
    script:
        "../scripts/score.py"


rule judge_check:
    input:
        counts=plan.counts(settings.reference),
        model=plan.judge_model,
    output:
        paths.JUDGE_CHECK,
    log:
        "logs/judge_check.log",
    benchmark:
        "results/benchmarks/judge_check.tsv"
    conda:
        "../../envs/slm.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: memory("judge_check", wildcards, attempt),
        runtime=lambda wildcards, attempt: minutes("judge_check", wildcards, attempt),
        gpu=lambda wildcards: gpus("judge_check", wildcards),
    params:
        **plan.judge_settings,
        code=code("judge_check"),
        top_words=settings.top_words,
    message:
        "Testing the judge on coherent and shuffled word sets"
    script:
        "../scripts/judge_check.py"


# All topics of an experiment at once: a local judge is loaded once, and no answer is ever asked for twice.
rule ratings:
    input:
        runs=asked(lambda wildcards: plan.folders(wildcards.experiment)),
        model=plan.judge_model,
    output:
        paths.RATINGS,
    log:
        "logs/ratings/{experiment}.log",
    benchmark:
        "results/benchmarks/ratings/{experiment}.tsv"
    conda:
        "../../envs/slm.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: memory("ratings", wildcards, attempt),
        runtime=lambda wildcards, attempt: minutes("ratings", wildcards, attempt),
        gpu=lambda wildcards: gpus("ratings", wildcards),
    params:
        **plan.judge_settings,
        code=code("ratings", *metric_modules()),
        folders=lambda wildcards: [placed(folder) for folder in plan.folders(wildcards.experiment)],
        top_words=settings.top_words,
    message:
        "Rating the topics of experiment {wildcards.experiment}"
    script:
        "../scripts/ratings.py"


rule experiment_scores:
    input:
        scores=asked(lambda wildcards: plan.experiment_scores(wildcards.experiment)),
        ratings=lambda wildcards: plan.ratings(wildcards.experiment),
        check=plan.judge_check,
    output:
        csv=paths.EXPERIMENT,
        about=paths.ABOUT,
    log:
        "logs/experiment_scores/{experiment}.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("experiment_scores", *metric_modules()),
        runs=asked(lambda wildcards: placed_runs(plan.described_runs(wildcards.experiment))),
        about=lambda wildcards: plan.about(wildcards.experiment),
        context=lambda wildcards: plan.context(wildcards.experiment),
    message:
        "Gathering the scores of experiment {wildcards.experiment}"
    script:
        "../scripts/experiment_scores.py"


rule scores:
    input:
        [paths.EXPERIMENT.format(experiment=experiment) for experiment in plan.experiments],
    output:
        csv=paths.ALL_SCORES.format(kind="csv"),
        parquet=paths.ALL_SCORES.format(kind="parquet"),
        metrics=paths.METRICS,
    log:
        "logs/scores.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("scores", *metric_modules()),
        context=plan.context(),
    message:
        "Gathering the scores of all runs"
    script:
        "../scripts/scores.py"


rule costs:
    input:
        plan.methods_folders,
    output:
        paths.COSTS,
    log:
        "logs/costs.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("costs"),
    message:
        "Gathering training seconds and peak memory of all runs"
    script:
        "../scripts/costs.py"
