"""Raw texts, or their vocabulary words, → document embeddings of the sentence encoder."""

from topicbench.core.jobs import job

with job(snakemake):
    import pandas as pd

    from topicbench.features.section import Encoder
    from topicbench.corpora.vocabulary import vocabulary_texts
    from topicbench.features.encoder import embed, record
    from topicbench.core.files import read_lines, write_json, write_npy

    files = snakemake.input
    if hasattr(files, "documents"):
        texts = pd.read_parquet(files.documents)["text"].tolist()
    else:
        tokens = [text.split() for text in pd.read_parquet(files.tokens)["tokens"]]
        texts = vocabulary_texts(tokens, read_lines(files.vocabulary))
    spec = Encoder(**snakemake.params.encoder)
    embeddings = embed(spec, texts, snakemake.params.root)
    write_npy(snakemake.output.embeddings, embeddings)
    write_json(snakemake.output.record, record(spec, embeddings))
