"""tokens.parquet → vocabulary.txt, bow.npz, kept.npy."""

from topicbench.core.jobs import job

with job(snakemake):
    import pandas as pd
    from scipy.sparse import save_npz

    from topicbench.corpora.vocabulary import bag_of_words, build_vocabulary
    from topicbench.core.files import write_npy, write_text, written_beside

    tokens = [text.split() for text in pd.read_parquet(snakemake.input[0])["tokens"]]
    vocabulary = build_vocabulary(tokens, int(snakemake.wildcards.size))
    bow = bag_of_words(tokens, vocabulary)
    write_text(snakemake.output.vocabulary, "".join(f"{word}\n" for word in vocabulary))
    with written_beside(snakemake.output.bow) as partial:
        save_npz(partial, bow)
    write_npy(snakemake.output.kept, bow.getnnz(axis=1) > 0)
