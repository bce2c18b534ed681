"""Reference corpus → in how many windows the words of all vocabularies, and their pairs, occur."""

from topicbench.core.jobs import job

with job(snakemake):
    from pathlib import Path

    from topicbench.core.files import read_lines, require_checksum
    from topicbench.corpora.reader import stream_rows
    from topicbench.corpora.vocabulary import all_words
    from topicbench.metrics.windows import count_windows, save_counts

    reference, names = snakemake.params.reference, snakemake.wildcards
    path = Path(snakemake.input.reference)
    require_checksum(path, reference["sha256"])
    texts = (text for (text,) in stream_rows(path, [reference["text_column"]]))
    if reference.get("language"):
        texts = all_words(texts, reference["language"])
    words = sorted({word for vocabulary in snakemake.input.vocabularies for word in read_lines(vocabulary)})
    save_counts(snakemake.output[0], count_windows(texts, words, reference=names.reference, counting=names.counting))
