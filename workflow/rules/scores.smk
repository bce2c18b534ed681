# Metrics of every run, gathered by experiment.


rule reference_counts:
    input:
        reference=lambda wildcards: data_file(plan.references[wildcards.reference].path),
        vocabularies=plan.vocabularies,
    output:
        "results/reference/{reference}/{counting}.npz",
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
        reference=lambda wildcards: plan.references[wildcards.reference].model_dump(mode="json"),
        root=str(ROOT),
    message:
        "Counting word windows in {params.reference[title]} ({wildcards.counting})"
    script:
        "../scripts/reference_counts.py"


rule score:
    input:
        fits=lambda wildcards: plan.scored_fits(wildcards),
        counts=plan.counts,
        recounted=plan.recounted,
        second=plan.second_counts,
        documents="results/corpora/{corpus}/documents.parquet",
        kept="results/corpora/{corpus}/v{size}/kept.npy",
        palmetto=palmetto_sources(),
    output:
        "results/scores/{corpus}/v{size}/{method}/{variant}.json",
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
        top_words=settings.top_words,
        palmetto=settings.reference.palmetto and settings.reference.palmetto.model_dump(mode="json"),
    message:
        "Scoring {wildcards.method} ({wildcards.variant}) on {wildcards.corpus}"
    script:
        "../scripts/score.py"


rule judge_calibration:
    input:
        counts=plan.counts,
        model=plan.judge_model,
    output:
        "results/ratings/calibration.json",
    log:
        "logs/judge_calibration.log",
    benchmark:
        "results/benchmarks/judge_calibration.tsv"
    conda:
        "../../envs/slm.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: memory("judge_calibration", wildcards, attempt),
        runtime=lambda wildcards, attempt: minutes("judge_calibration", wildcards, attempt),
        gpu=lambda wildcards: gpus("judge_calibration", wildcards),
    params:
        judge=settings.judge.model_dump(mode="json") if settings.judge else None,
        slm=settings.slms[settings.judge.slm].model_dump(mode="json") if plan.judge_model else None,
        top_words=settings.top_words,
    message:
        "Testing the judge on coherent and shuffled word sets"
    script:
        "../scripts/judge_calibration.py"


# All topics of an experiment at once: a local judge is loaded once, and no answer is ever asked for twice.
rule ratings:
    input:
        fits=asked(lambda wildcards: plan.experiment_fits(wildcards.experiment)),
        model=plan.judge_model,
    output:
        "results/ratings/{experiment}.json",
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
        judge=settings.judge.model_dump(mode="json") if settings.judge else None,
        slm=settings.slms[settings.judge.slm].model_dump(mode="json") if plan.judge_model else None,
        folders=lambda wildcards: [run["folder"] for run in plan.described_runs(wildcards.experiment)],
    message:
        "Rating the topics of experiment {wildcards.experiment}"
    script:
        "../scripts/ratings.py"


rule experiment_scores:
    input:
        scores=asked(lambda wildcards: plan.experiment_scores(wildcards.experiment)),
        ratings=lambda wildcards: plan.ratings(wildcards.experiment),
    output:
        "results/experiments/{experiment}.csv",
    log:
        "logs/experiment_scores/{experiment}.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        runs=lambda wildcards: plan.described_runs(wildcards.experiment),
    message:
        "Gathering the scores of experiment {wildcards.experiment}"
    script:
        "../scripts/experiment_scores.py"


rule scores:
    input:
        expand("results/experiments/{experiment}.csv", experiment=plan.experiments),
    output:
        csv="results/scores.csv",
        parquet="results/scores.parquet",
    log:
        "logs/scores.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    message:
        "Gathering the scores of all runs"
    script:
        "../scripts/scores.py"


rule costs:
    input:
        [fit.done for fit, _ in plan.fits.values()],
    output:
        "results/costs.csv",
    log:
        "logs/costs.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    message:
        "Gathering training seconds and peak memory of all runs"
    script:
        "../scripts/costs.py"
