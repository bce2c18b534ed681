# One job fits all seeds of one (corpus, |V|, method, variant, K); see topicbench.experiments.runs.Fit for why.

# Outputs cannot depend on a job: a rule for each environment and each list of seeds that a fit has.
for group, fits in plan.fit_groups.items():

    rule:
        name:
            group.name
        input:
            unpack(asked(plan.fit_inputs)),
        output:
            [directory(paths.seed_folder(paths.FIT, seed)) for seed in group.seeds],
        log:
            "logs/fit/{corpus}-v{size}-{method}-{variant}-K{topics}.log",
        benchmark:
            "results/benchmarks/fit/{corpus}-v{size}-{method}-{variant}-K{topics}.tsv"
        wildcard_constraints:
            corpus=paths.one_of(fits),
        conda:
            f"../../envs/{group.environment}.yaml"
        resources:
            mem_mb=lambda wildcards, attempt: memory("fit", wildcards, attempt),
            runtime=lambda wildcards, attempt: minutes("fit", wildcards, attempt),
            gpu=lambda wildcards: gpus("fit", wildcards),
        params:
            code=lambda wildcards: code("fit", type(plan.fit(wildcards)[0].variant.create()).__module__),
            settings=lambda wildcards: plan.fit(wildcards)[0].variant.create().model_dump(mode="json"),
            seeds=group.seeds,
            heldout=lambda wildcards: plan.fit(wildcards)[0].variant.heldout,
            run=lambda wildcards: plan.fit_record(wildcards),
            top_words=settings.top_words,
        message:
            "Fitting {wildcards.method} ({wildcards.variant}) to {wildcards.corpus}, K = {wildcards.topics}, seeds {params.seeds}"
        script:
            "../scripts/fit.py"


# Snakemake would only say that no rule makes it.
rule unknown_run:
    input:
        asked(plan.refuse_run),
    output:
        "results/runs/{run}",
    wildcard_constraints:
        run=paths.none_of((fits, group.seeds) for group, fits in plan.fit_groups.items()),
    localrule: True
