"""Source file → documents.parquet."""

from topicbench.core.jobs import job

with job(snakemake):
    from topicbench.corpora.section import Corpus
    from topicbench.corpora.documents import read_documents
    from topicbench.core.files import written_beside

    corpus = Corpus(**snakemake.params.corpus)
    documents = read_documents(corpus, snakemake.params.root, snakemake.params.drop_duplicates)
    with written_beside(snakemake.output[0]) as partial:
        documents.to_parquet(partial, index=False)
