"""Vocabulary → the pretrained vectors of its words."""

from topicbench.core.jobs import job

with job(snakemake):
    from topicbench.features.section import WordVectors
    from topicbench.features.word_vectors import record, word_vectors
    from topicbench.core.files import read_lines, write_json, write_npy

    spec = WordVectors(**snakemake.params.vectors)
    vocabulary = read_lines(snakemake.input.vocabulary)
    vectors, found = word_vectors(spec, vocabulary, snakemake.params.root)
    write_npy(snakemake.output.vectors, vectors)
    write_npy(snakemake.output.found, found)
    write_json(snakemake.output.record, record(spec, vocabulary, found))
