"""Source file → documents.parquet."""

from topicbench.core.jobs import job

with job(snakemake):
    from topicbench.core.files import written_beside
    from topicbench.corpora.documents import read_documents
    from topicbench.corpora.section import Corpus
    from topicbench.sources.paths import inside

    name, given = snakemake.wildcards.corpus, snakemake.params.corpus
    corpus = Corpus(**{**given, "title": name, "path": str(inside(snakemake.input[0], given["path"]))})
    documents = read_documents(corpus, ".", snakemake.params.drop_duplicates)
    with written_beside(snakemake.output[0]) as partial:
        documents.to_parquet(partial, index=False)
