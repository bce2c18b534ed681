# One job fits all seeds of one (corpus, |V|, method, variant, K); see topicbench.runs for why.

from topicbench.fitting import source_hash
from topicbench.models.base import methods


def wanted_fit(wildcards):
    """The fit a path asks for, and its seeds."""
    folder = "results/runs/{corpus}/v{size}/{method}/{variant}/K{topics}".format(**wildcards)
    for fit, seeds in FITS.items():
        if fit.folder == folder:
            return fit, seeds
    raise WorkflowError(f"{folder}: no experiment of the configuration asks for this run")


def fit_inputs(wildcards):
    """The features a fit reads, by name."""
    fit, _ = wanted_fit(wildcards)
    return experiments.fit_inputs(settings, fit)


# The rules differ in nothing but the environment their methods run in.
for environment in sorted({method.environment for method in methods().values()}):

    rule:
        name:
            f"fit_{environment}"
        input:
            unpack(fit_inputs),
        output:
            "results/runs/{corpus}/v{size}/{method}/{variant}/K{topics}/runs.json",
        log:
            "logs/fit/{corpus}-v{size}-{method}-{variant}-K{topics}.log",
        benchmark:
            "results/benchmarks/fit/{corpus}-v{size}-{method}-{variant}-K{topics}.tsv"
        wildcard_constraints:
            method="|".join(name for name, method in methods().items() if method.environment == environment),
        params:
            settings=lambda wildcards: dict(wanted_fit(wildcards)[0].variant.settings),
            seeds=lambda wildcards: wanted_fit(wildcards)[1],
            slm=lambda wildcards: wanted_fit(wildcards)[0].variant.slm,
            prompt=lambda wildcards: wanted_fit(wildcards)[0].variant.prompt,
            protocol=settings.protocol,
            top_words=settings.top_words,
            # A method whose code changes is fitted again.
            source=lambda wildcards: source_hash(methods()[wildcards.method]),
        resources:
            mem_mb=4000,
            runtime=240,
        conda:
            f"../../envs/{environment}.yaml"
        message:
            "Fitting {wildcards.method} ({wildcards.variant}) to {wildcards.corpus}, K = {wildcards.topics}, seeds {params.seeds}"
        script:
            "../scripts/fit.py"
