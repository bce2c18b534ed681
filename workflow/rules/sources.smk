# What the configuration names under sources, fetched by ordinary rules: a finished workflow asks no server anything.


rule source:
    output:
        directory(paths.SOURCE),
    log:
        "logs/sources/{source}.log",
    benchmark:
        "results/benchmarks/sources/{source}.tsv"
    # The computing nodes of a cluster often have no way out.
    localrule: True
    conda:
        "../../envs/slm.yaml"
    resources:
        mem_mb=2000,
        runtime=720,
    params:
        entry=lambda wildcards: settings.sources[wildcards.source].model_dump(mode="json"),
        # Checksums taken on trust outlive the folder.
        lock=lambda wildcards: placed(paths.SOURCE_LOCK.format(source=wildcards.source)),
    message:
        "Fetching {wildcards.source}"
    script:
        "../scripts/source.py"
