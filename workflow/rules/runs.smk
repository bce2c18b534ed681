# One job fits all seeds of one (corpus, |V|, method, variant, K); see topicbench.experiments.runs for why.

# The rules differ in nothing but the environment their methods run in.
for environment in sorted({method.environment for method in methods().values()}):

    rule:
        name:
            f"fit_{environment}"
        input:
            unpack(asked(plan.fit_inputs)),
        output:
            "results/runs/{corpus}/v{size}/{method}/{variant}/K{topics}/runs.json",
        log:
            "logs/fit/{corpus}-v{size}-{method}-{variant}-K{topics}.log",
        benchmark:
            "results/benchmarks/fit/{corpus}-v{size}-{method}-{variant}-K{topics}.tsv"
        wildcard_constraints:
            method="|".join(re.escape(name) for name, method in methods().items() if method.environment == environment),
        conda:
            f"../../envs/{environment}.yaml"
        resources:
            mem_mb=lambda wildcards, attempt: memory("fit", wildcards, attempt),
            runtime=lambda wildcards, attempt: minutes("fit", wildcards, attempt),
            gpu=lambda wildcards: gpus("fit", wildcards),
        params:
            settings=lambda wildcards: dict(plan.fit(wildcards)[0].variant.settings),
            seeds=lambda wildcards: plan.fit(wildcards)[1],
            slm=lambda wildcards: plan.fit(wildcards)[0].variant.slm,
            prompt=lambda wildcards: plan.fit(wildcards)[0].variant.prompt,
            heldout=lambda wildcards: plan.fit(wildcards)[0].variant.heldout,
            protocol=lambda wildcards: protocol_of(settings, plan.fit(wildcards)[0].variant).model_dump(),
            top_words=settings.top_words,
            # A method whose code changes is fitted again.
            source=lambda wildcards: source_hash(methods()[wildcards.method]),
        message:
            "Fitting {wildcards.method} ({wildcards.variant}) to {wildcards.corpus}, K = {wildcards.topics}, seeds {params.seeds}"
        script:
            "../scripts/fit.py"


# What the methods' scores are read against; all K and seeds at once, for they cost next to nothing.
rule controls:
    input:
        unpack(asked(plan.control_inputs)),
    output:
        "results/runs/{corpus}/v{size}/{control}/runs.json",
    log:
        "logs/controls/{corpus}-v{size}-{control}.log",
    benchmark:
        "results/benchmarks/controls/{corpus}-v{size}-{control}.tsv"
    wildcard_constraints:
        control="|".join(CONTROLS),
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: memory("controls", wildcards, attempt),
        runtime=lambda wildcards, attempt: minutes("controls", wildcards, attempt),
    params:
        runs=lambda wildcards: plan.control_runs(wildcards),
        top_words=settings.top_words,
    message:
        "Making the control {wildcards.control} of {wildcards.corpus}"
    script:
        "../scripts/controls.py"
