# What the methods read beside the bag of words. The language model runs once per (corpus, model, prompt): soft
# labels for any vocabulary are one matrix product away from its hidden states.


rule language_model:
    input:
        lambda wildcards: source_of(settings.slms[wildcards.slm].folder),
    output:
        directory("results/models/slm/{slm}"),
    log:
        "logs/language_model/{slm}.log",
    benchmark:
        "results/benchmarks/language_model/{slm}.tsv"
    conda:
        "../../envs/slm.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: memory("language_model", wildcards, attempt),
        runtime=lambda wildcards, attempt: minutes("language_model", wildcards, attempt),
    params:
        model=lambda wildcards: settings.slms[wildcards.slm].model_dump(mode="json"),
    message:
        "Preparing the language model {wildcards.slm}"
    script:
        "../scripts/language_model.py"


rule hidden_states:
    input:
        documents="results/corpora/{corpus}/documents.parquet",
        model="results/models/slm/{slm}",
    output:
        hidden="results/features/{corpus}/slm/{slm}/{prompt}/hidden.npy",
        record="results/features/{corpus}/slm/{slm}/{prompt}/extraction.json",
    log:
        "logs/hidden_states/{corpus}-{slm}-{prompt}.log",
    benchmark:
        "results/benchmarks/hidden_states/{corpus}-{slm}-{prompt}.tsv"
    # The longest jobs of all: first in line, so that they do not end alone.
    priority: 10
    conda:
        "../../envs/slm.yaml"
    threads: lambda wildcards: settings.slms[wildcards.slm].threads
    resources:
        mem_mb=lambda wildcards, attempt: memory("hidden_states", wildcards, attempt),
        runtime=lambda wildcards, attempt: minutes("hidden_states", wildcards, attempt),
        gpu=lambda wildcards: gpus("hidden_states", wildcards),
    params:
        model=lambda wildcards: settings.slms[wildcards.slm].model_dump(mode="json"),
        instruction=lambda wildcards: settings.prompts[wildcards.prompt],
    message:
        "Asking {wildcards.slm} for the themes of {wildcards.corpus} (prompt {wildcards.prompt})"
    script:
        "../scripts/hidden_states.py"


rule soft_labels:
    input:
        hidden="results/features/{corpus}/slm/{slm}/{prompt}/hidden.npy",
        model="results/models/slm/{slm}",
        vocabulary="results/corpora/{corpus}/v{size}/vocabulary.txt",
    output:
        logits="results/features/{corpus}/v{size}/soft/{slm}/{prompt}.npy",
        record="results/features/{corpus}/v{size}/soft/{slm}/{prompt}.json",
    log:
        "logs/soft_labels/{corpus}-v{size}-{slm}-{prompt}.log",
    benchmark:
        "results/benchmarks/soft_labels/{corpus}-v{size}-{slm}-{prompt}.tsv"
    conda:
        "../../envs/slm.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: memory("soft_labels", wildcards, attempt),
        runtime=lambda wildcards, attempt: minutes("soft_labels", wildcards, attempt),
    params:
        forms=False,
    message:
        "Restricting the logits of {wildcards.slm} to {wildcards.size} words of {wildcards.corpus}"
    script:
        "../scripts/soft_labels.py"


# The probability of a word as the sum of its surface forms' (word, Word, WORD).
use rule soft_labels as soft_labels_of_forms with:
    output:
        logits="results/features/{corpus}/v{size}/forms/{slm}/{prompt}.npy",
        record="results/features/{corpus}/v{size}/forms/{slm}/{prompt}.json",
    log:
        "logs/soft_labels_of_forms/{corpus}-v{size}-{slm}-{prompt}.log",
    benchmark:
        "results/benchmarks/soft_labels_of_forms/{corpus}-v{size}-{slm}-{prompt}.tsv"
    params:
        forms=True,
    message:
        "Summing the surface forms of {wildcards.size} words of {wildcards.corpus} for {wildcards.slm}"


rule embeddings_of_texts:
    input:
        documents="results/corpora/{corpus}/documents.parquet",
        source=source_of(settings.encoder.folder) if settings.encoder else [],
    output:
        embeddings="results/features/{corpus}/encoder/{encoder}.npy",
        record="results/features/{corpus}/encoder/{encoder}.json",
    log:
        "logs/embeddings/{corpus}-{encoder}.log",
    benchmark:
        "results/benchmarks/embeddings/{corpus}-{encoder}.tsv"
    priority: 5
    conda:
        "../../envs/slm.yaml"
    threads: settings.encoder.threads if settings.encoder else 1
    resources:
        mem_mb=lambda wildcards, attempt: memory("embeddings", wildcards, attempt),
        runtime=lambda wildcards, attempt: minutes("embeddings", wildcards, attempt),
        gpu=lambda wildcards: gpus("embeddings", wildcards),
    params:
        encoder=lambda wildcards: settings.encoder.model_dump(mode="json"),
        root=lambda wildcards: root_of(settings.encoder.folder),
    message:
        "Encoding the raw texts of {wildcards.corpus}"
    script:
        "../scripts/embeddings.py"


# The paper's code gives the encoder the vocabulary words only (SPEC section 7).
use rule embeddings_of_texts as embeddings_of_bags with:
    input:
        tokens="results/corpora/{corpus}/tokens.parquet",
        vocabulary="results/corpora/{corpus}/v{size}/vocabulary.txt",
        source=source_of(settings.encoder.folder) if settings.encoder else [],
    output:
        embeddings="results/features/{corpus}/v{size}/encoder/{encoder}.npy",
        record="results/features/{corpus}/v{size}/encoder/{encoder}.json",
    log:
        "logs/embeddings/{corpus}-v{size}-{encoder}.log",
    benchmark:
        "results/benchmarks/embeddings/{corpus}-v{size}-{encoder}.tsv"
    message:
        "Encoding the bag-of-words strings of {wildcards.corpus} (|V| = {wildcards.size})"


rule word_vectors:
    input:
        vocabulary="results/corpora/{corpus}/v{size}/vocabulary.txt",
        source=lambda wildcards: source_of(settings.word_vectors[wildcards.vectors].path),
    output:
        vectors="results/features/{corpus}/v{size}/words/{vectors}.npy",
        found="results/features/{corpus}/v{size}/words/{vectors}-found.npy",
        record="results/features/{corpus}/v{size}/words/{vectors}.json",
    log:
        "logs/word_vectors/{corpus}-v{size}-{vectors}.log",
    benchmark:
        "results/benchmarks/word_vectors/{corpus}-v{size}-{vectors}.tsv"
    conda:
        "../../envs/slm.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: memory("word_vectors", wildcards, attempt),
        runtime=lambda wildcards, attempt: minutes("word_vectors", wildcards, attempt),
    params:
        vectors=lambda wildcards: settings.word_vectors[wildcards.vectors].model_dump(mode="json"),
        root=lambda wildcards: root_of(settings.word_vectors[wildcards.vectors].path),
    message:
        "Looking up word vectors ({wildcards.vectors}) of {wildcards.corpus}"
    script:
        "../scripts/word_vectors.py"
