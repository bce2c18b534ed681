"""Vocabulary → the pretrained vectors of its words."""

from topicbench.core.jobs import job

with job(snakemake):
    from topicbench.core.files import read_lines, write_json, write_npy
    from topicbench.features.section import WordVectors
    from topicbench.features.word_vectors import record, word_vectors
    from topicbench.sources.paths import inside

    files, given, name = snakemake.input, snakemake.params.vectors, snakemake.wildcards.vectors
    path = inside(files.source[0], given["path"]) if files.source else None
    spec = WordVectors(**{**given, "title": name, "path": path and str(path)})
    vocabulary = read_lines(files.vocabulary)
    vectors, found = word_vectors(spec, vocabulary, ".")
    write_npy(snakemake.output.vectors, vectors)
    write_npy(snakemake.output.found, found)
    write_json(snakemake.output.record, record(spec, vocabulary, found))
