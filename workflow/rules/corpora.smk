# From the source files to documents, tokens, vocabulary and bag of words.


rule documents:
    input:
        lambda wildcards: data_file(settings.corpora[wildcards.corpus].path),
    output:
        "results/corpora/{corpus}/documents.parquet",
    log:
        "logs/documents/{corpus}.log",
    benchmark:
        "results/benchmarks/documents/{corpus}.tsv"
    conda:
        "../../envs/corpora.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: memory("documents", wildcards, attempt),
        runtime=lambda wildcards, attempt: minutes("documents", wildcards, attempt),
    params:
        corpus=lambda wildcards: settings.corpora[wildcards.corpus].model_dump(mode="json"),
        drop_duplicates=settings.protocol.duplicates == "drop",
        root=lambda wildcards: root_of(settings.corpora[wildcards.corpus].path),
    message:
        "Reading the documents of {wildcards.corpus}"
    script:
        "../scripts/documents.py"


rule tokens:
    input:
        documents="results/corpora/{corpus}/documents.parquet",
        stop_words=lambda wildcards: stop_words_of(settings.corpora[wildcards.corpus]),
    output:
        "results/corpora/{corpus}/tokens.parquet",
    log:
        "logs/tokens/{corpus}.log",
    benchmark:
        "results/benchmarks/tokens/{corpus}.tsv"
    conda:
        "../../envs/corpora.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: memory("tokens", wildcards, attempt),
        runtime=lambda wildcards, attempt: minutes("tokens", wildcards, attempt),
    params:
        language=lambda wildcards: settings.corpora[wildcards.corpus].language,
        tokens=lambda wildcards: settings.corpora[wildcards.corpus].tokens.model_dump(mode="json"),
    message:
        "Tokenising {wildcards.corpus}"
    script:
        "../scripts/tokens.py"


rule vocabulary:
    input:
        "results/corpora/{corpus}/tokens.parquet",
    output:
        vocabulary="results/corpora/{corpus}/v{size}/vocabulary.txt",
        bow="results/corpora/{corpus}/v{size}/bow.npz",
        kept="results/corpora/{corpus}/v{size}/kept.npy",
    log:
        "logs/vocabulary/{corpus}-v{size}.log",
    benchmark:
        "results/benchmarks/vocabulary/{corpus}-v{size}.tsv"
    conda:
        "../../envs/corpora.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: memory("vocabulary", wildcards, attempt),
        runtime=lambda wildcards, attempt: minutes("vocabulary", wildcards, attempt),
    params:
        size=lambda wildcards: int(wildcards.size),
    message:
        "Building the vocabulary of the {wildcards.size} most frequent words of {wildcards.corpus}"
    script:
        "../scripts/vocabulary.py"
