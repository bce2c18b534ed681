# From the source files to documents, tokens, vocabulary and bag of words.


rule documents:
    input:
        lambda wildcards: data_file(settings.corpora[wildcards.corpus].path),
    output:
        paths.DOCUMENTS,
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
        code=code("documents"),
        corpus=lambda wildcards: keys_of(settings.corpora[wildcards.corpus], DOCUMENT_KEYS),
        drop_duplicates=settings.protocol.duplicates == "drop",
    message:
        "Reading the documents of {wildcards.corpus}"
    script:
        "../scripts/documents.py"


rule tokens:
    input:
        documents=paths.DOCUMENTS,
        stop_words=lambda wildcards: stop_words_of(settings.corpora[wildcards.corpus]),
    output:
        paths.TOKENS,
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
        code=code("tokens"),
        language=lambda wildcards: settings.corpora[wildcards.corpus].language,
        tokens=lambda wildcards: settings.corpora[wildcards.corpus].tokens.model_dump(mode="json"),
    message:
        "Tokenising {wildcards.corpus}"
    script:
        "../scripts/tokens.py"


rule vocabulary:
    input:
        paths.TOKENS,
    output:
        vocabulary=paths.VOCABULARY,
        bow=paths.BOW,
        kept=paths.KEPT,
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
        code=code("vocabulary"),
    message:
        "Building the vocabulary of the {wildcards.size} most frequent words of {wildcards.corpus}"
    script:
        "../scripts/vocabulary.py"
