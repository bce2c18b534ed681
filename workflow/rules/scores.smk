# Metrics of every run, gathered by experiment.


def scored_fits(wildcards):
    """All fits of a variant: they are scored together."""
    folder = "results/runs/{corpus}/v{size}/{method}/{variant}/".format(**wildcards)
    return [fit.done for fit in FITS if fit.folder.startswith(folder)]


def score_files(runs):
    return list(dict.fromkeys(experiments.scores_path(run) for run in runs))


VOCABULARIES = sorted({f"results/corpora/{run.corpus}/v{run.vocabulary_size}/vocabulary.txt" for run in RUNS})


rule reference_counts:
    input:
        reference=data_file(settings.reference.path),
        vocabularies=VOCABULARIES,
    output:
        f"results/reference/{settings.reference.name}/counts.npz",
    log:
        f"logs/reference_counts/{settings.reference.name}.log",
    benchmark:
        f"results/benchmarks/reference_counts/{settings.reference.name}.tsv"
    params:
        reference=settings.reference.model_dump(mode="json"),
        root=workflow.basedir,
    resources:
        mem_mb=4000,
        runtime=120,
    conda:
        "../../envs/analysis.yaml"
    message:
        "Counting word windows in {settings.reference.title}"
    script:
        "../scripts/reference_counts.py"


rule score:
    input:
        fits=scored_fits,
        counts=f"results/reference/{settings.reference.name}/counts.npz",
        documents="results/corpora/{corpus}/documents.parquet",
        kept="results/corpora/{corpus}/v{size}/kept.npy",
    output:
        "results/scores/{corpus}/v{size}/{method}/{variant}.json",
    log:
        "logs/score/{corpus}-v{size}-{method}-{variant}.log",
    benchmark:
        "results/benchmarks/score/{corpus}-v{size}-{method}-{variant}.tsv"
    params:
        top_words=settings.top_words,
    resources:
        mem_mb=3000,
        runtime=60,
    conda:
        "../../envs/analysis.yaml"
    message:
        "Scoring {wildcards.method} ({wildcards.variant}) on {wildcards.corpus}"
    script:
        "../scripts/score.py"


rule experiment_scores:
    input:
        scores=lambda wildcards: score_files(experiments.experiment_runs(settings, wildcards.experiment)),
    output:
        "results/experiments/{experiment}.csv",
    log:
        "logs/experiment_scores/{experiment}.log",
    params:
        runs=lambda wildcards: [
            {"scores": experiments.scores_path(run), **experiments.describe(run)}
            for run in experiments.experiment_runs(settings, wildcards.experiment)
        ],
    resources:
        mem_mb=1000,
        runtime=10,
    conda:
        "../../envs/analysis.yaml"
    message:
        "Gathering the scores of experiment {wildcards.experiment}"
    script:
        "../scripts/experiment_scores.py"


rule scores:
    input:
        [f"results/experiments/{name}.csv" for name in experiments.EXPERIMENTS if getattr(settings.experiments, name)],
    output:
        csv="results/scores.csv",
        parquet="results/scores.parquet",
    log:
        "logs/scores.log",
    resources:
        mem_mb=1000,
        runtime=10,
    conda:
        "../../envs/analysis.yaml"
    message:
        "Gathering the scores of all runs"
    script:
        "../scripts/scores.py"


rule costs:
    input:
        [fit.done for fit in FITS],
    output:
        "results/costs.csv",
    log:
        "logs/costs.log",
    resources:
        mem_mb=1000,
        runtime=10,
    conda:
        "../../envs/analysis.yaml"
    message:
        "Gathering training seconds and peak memory of all runs"
    script:
        "../scripts/costs.py"
