# What the methods read beside the bag of words. The language model runs once per (corpus, model, prompt): soft
# labels for any vocabulary are one matrix product away from its hidden states.


rule language_model:
    input:
        source=lambda wildcards: files_of(settings.slms[wildcards.slm].folder),
    output:
        directory(paths.LANGUAGE_MODEL),
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
        code=code("language_model"),
        model=lambda wildcards: keys_of(settings.slms[wildcards.slm], ORIGIN_KEYS),
    message:
        "Preparing the language model {wildcards.slm}"
    script:
        "../scripts/language_model.py"


rule hidden_states:
    input:
        documents=paths.DOCUMENTS,
        model=paths.LANGUAGE_MODEL,
    output:
        hidden=paths.HIDDEN_STATES,
        record=paths.EXTRACTION,
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
        # They change how long it takes and no byte of what comes out: resources, which make nothing again.
        batch_tokens=lambda wildcards: settings.slms[wildcards.slm].batch_tokens,
        chunk_documents=lambda wildcards: settings.slms[wildcards.slm].chunk_documents,
    params:
        code=code("hidden_states"),
        model=lambda wildcards: keys_of(settings.slms[wildcards.slm], EXTRACTION_KEYS),
        instruction=lambda wildcards: settings.prompts[wildcards.prompt],
    message:
        "Asking {wildcards.slm} for the themes of {wildcards.corpus} (prompt {wildcards.prompt})"
    script:
        "../scripts/hidden_states.py"


rule vocabulary_logits:
    input:
        hidden=paths.HIDDEN_STATES,
        model=paths.LANGUAGE_MODEL,
        vocabulary=paths.VOCABULARY,
    output:
        logits=paths.VOCABULARY_LOGITS,
        record=paths.record_of(paths.VOCABULARY_LOGITS),
    log:
        "logs/vocabulary_logits/{corpus}-v{size}-{slm}-{prompt}.log",
    benchmark:
        "results/benchmarks/vocabulary_logits/{corpus}-v{size}-{slm}-{prompt}.tsv"
    conda:
        "../../envs/slm.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: memory("vocabulary_logits", wildcards, attempt),
        runtime=lambda wildcards, attempt: minutes("vocabulary_logits", wildcards, attempt),
    params:
        code=code("vocabulary_logits"),
        forms=False,
    message:
        "Restricting the logits of {wildcards.slm} to {wildcards.size} words of {wildcards.corpus}"
    script:
        "../scripts/vocabulary_logits.py"


# The probability of a word as the sum of its surface forms' (word, Word, WORD).
use rule vocabulary_logits as surface_forms with:
    output:
        logits=paths.SURFACE_FORMS,
        record=paths.record_of(paths.SURFACE_FORMS),
    log:
        "logs/surface_forms/{corpus}-v{size}-{slm}-{prompt}.log",
    benchmark:
        "results/benchmarks/surface_forms/{corpus}-v{size}-{slm}-{prompt}.tsv"
    params:
        code=code("vocabulary_logits"),
        forms=True,
    message:
        "Summing the surface forms of {wildcards.size} words of {wildcards.corpus} for {wildcards.slm}"


rule embeddings_of_texts:
    input:
        documents=paths.DOCUMENTS,
        source=lambda wildcards: files_of(settings.encoder.folder),
    output:
        embeddings=paths.TEXT_EMBEDDINGS,
        record=paths.record_of(paths.TEXT_EMBEDDINGS),
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
        code=code("embeddings"),
        encoder=lambda wildcards: keys_of(settings.encoder, ENCODER_KEYS),
    message:
        "Encoding the raw texts of {wildcards.corpus}"
    script:
        "../scripts/embeddings.py"


# The paper's code gives the encoder the vocabulary words of a document, as its bag-of-words string.
use rule embeddings_of_texts as embeddings_of_bags with:
    input:
        tokens=paths.TOKENS,
        vocabulary=paths.VOCABULARY,
        source=lambda wildcards: files_of(settings.encoder.folder),
    output:
        embeddings=paths.BAG_EMBEDDINGS,
        record=paths.record_of(paths.BAG_EMBEDDINGS),
    log:
        "logs/embeddings/{corpus}-v{size}-{encoder}.log",
    benchmark:
        "results/benchmarks/embeddings/{corpus}-v{size}-{encoder}.tsv"
    message:
        "Encoding the bag-of-words strings of {wildcards.corpus} (|V| = {wildcards.size})"


use rule embeddings_of_texts as embeddings_of_words with:
    input:
        vocabulary=paths.VOCABULARY,
        source=lambda wildcards: files_of(settings.encoder.folder),
    output:
        embeddings=paths.WORD_EMBEDDINGS,
        record=paths.record_of(paths.WORD_EMBEDDINGS),
    log:
        "logs/embeddings/{corpus}-v{size}-words-{encoder}.log",
    benchmark:
        "results/benchmarks/embeddings/{corpus}-v{size}-words-{encoder}.tsv"
    message:
        "Encoding the {wildcards.size} words of {wildcards.corpus}"


rule word_vectors:
    input:
        vocabulary=paths.VOCABULARY,
        source=lambda wildcards: files_of(settings.word_vectors[wildcards.vectors].path),
    output:
        vectors=paths.WORD_VECTORS,
        found=paths.WORDS_FOUND,
        record=paths.record_of(paths.WORD_VECTORS),
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
        code=code("word_vectors"),
        vectors=lambda wildcards: keys_of(settings.word_vectors[wildcards.vectors], WORD_VECTOR_KEYS),
    message:
        "Looking up word vectors ({wildcards.vectors}) of {wildcards.corpus}"
    script:
        "../scripts/word_vectors.py"
