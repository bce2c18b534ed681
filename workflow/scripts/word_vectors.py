"""Vocabulary → the pretrained vectors of its words."""

import package  # noqa: F401
from topicbench.core.jobs import limit_threads, logged

limit_threads(snakemake.threads)
with logged(snakemake.log[0]):
    from topicbench.features.section import WordVectors
    from topicbench.features.word_vectors import record, word_vectors
    from topicbench.core.files import read_lines, write_json, write_npy

    spec = WordVectors(**snakemake.params.vectors)
    vocabulary = read_lines(snakemake.input.vocabulary)
    vectors, found = word_vectors(spec, vocabulary, snakemake.params.root)
    write_npy(snakemake.output.vectors, vectors)
    write_npy(snakemake.output.found, found)
    write_json(snakemake.output.record, record(spec, vocabulary, found))
