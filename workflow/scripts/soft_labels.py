"""Hidden states and vocabulary → the logits of the vocabulary's words."""

import package  # noqa: F401
from topicbench.jobs import limit_threads, logged

limit_threads(snakemake.threads)
with logged(snakemake.log[0]):
    from topicbench.features.soft_labels import logits, read_head, read_tokenizer, vocabulary_tokens
    from topicbench.files import read_lines, read_npy, write_json, write_npy

    tokens = vocabulary_tokens(read_tokenizer(snakemake.input.model), read_lines(snakemake.input.vocabulary))
    hidden = read_npy(snakemake.input.hidden, mapped=True)
    write_npy(snakemake.output.logits, logits(hidden, read_head(snakemake.input.model), tokens.ids))
    write_json(snakemake.output.record, tokens.record())
