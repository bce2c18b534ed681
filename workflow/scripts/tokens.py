"""documents.parquet → tokens.parquet."""

from topicbench.core.jobs import job

with job(snakemake):
    import pandas as pd
    from tqdm import tqdm

    from topicbench.corpora.tokens import Tokens, read_stop_words
    from topicbench.corpora.vocabulary import tokenise
    from topicbench.core.files import written_beside

    documents = pd.read_parquet(snakemake.input.documents)
    # Without a file of them, Snakemake gives the empty list.
    stop_words = read_stop_words(snakemake.input.stop_words) if snakemake.input.stop_words else None
    tokens = tokenise(
        tqdm(documents["text"], unit=" documents"),
        snakemake.params.language,
        Tokens(**snakemake.params.tokens),
        stop_words,
    )
    table = pd.DataFrame({"doc_id": documents["doc_id"], "tokens": [" ".join(words) for words in tokens]})
    table["distinct"] = ~documents["text"].duplicated()
    with written_beside(snakemake.output[0]) as partial:
        table.to_parquet(partial, index=False)
