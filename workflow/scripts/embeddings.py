"""Raw texts, their vocabulary words, or the words of the vocabulary, → embeddings of the sentence encoder."""

from topicbench.core.jobs import job

with job(snakemake):
    import pandas as pd

    from topicbench.core.files import read_lines, write_json, write_npy
    from topicbench.corpora.vocabulary import vocabulary_texts
    from topicbench.features.encoder import embed, record
    from topicbench.features.section import Encoder
    from topicbench.sources.paths import inside

    files, given, name = snakemake.input, snakemake.params.encoder, snakemake.wildcards.encoder
    if hasattr(files, "documents"):
        texts = pd.read_parquet(files.documents)["text"].tolist()
    elif hasattr(files, "tokens"):
        tokens = [text.split() for text in pd.read_parquet(files.tokens)["tokens"]]
        texts = vocabulary_texts(tokens, read_lines(files.vocabulary))
    else:
        texts = read_lines(files.vocabulary)
    folder = inside(files.source[0], given["folder"]) if files.source else None
    spec = Encoder(**{**given, "name": name, "title": name, "folder": folder and str(folder)})
    embeddings = embed(spec, texts)
    write_npy(snakemake.output.embeddings, embeddings)
    write_json(snakemake.output.record, record(spec, embeddings))
