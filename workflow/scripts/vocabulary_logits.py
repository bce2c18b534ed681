"""Hidden states and vocabulary → the logits of the vocabulary's words, of one token each or of all surface forms."""

from topicbench.core.jobs import job

with job(snakemake):
    from topicbench.features.soft_labels import (
        logits,
        logits_of_forms,
        read_head,
        read_tokenizer,
        surface_forms,
        vocabulary_tokens,
    )
    from topicbench.core.files import read_lines, read_npy, write_json, write_npy

    tokenizer = read_tokenizer(snakemake.input.model)
    vocabulary = read_lines(snakemake.input.vocabulary)
    tokens = vocabulary_tokens(tokenizer, vocabulary)
    hidden, head = read_npy(snakemake.input.hidden, mapped=True), read_head(snakemake.input.model)
    if snakemake.params.forms:
        forms = surface_forms(tokenizer, vocabulary)
        write_npy(snakemake.output.logits, logits_of_forms(hidden, head, forms))
        write_json(snakemake.output.record, {**tokens.record(), "surface_forms": sum(map(len, forms))})
    else:
        write_npy(snakemake.output.logits, logits(hidden, head, tokens.ids))
        write_json(snakemake.output.record, tokens.record())
