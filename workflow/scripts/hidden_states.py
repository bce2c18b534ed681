"""Raw documents → the language model's last hidden state for each; goes on where a killed job stopped."""

from topicbench.core.jobs import job

with job(snakemake):
    from pathlib import Path

    import pandas as pd

    from topicbench.features.section import LanguageModel
    from topicbench.features.hidden_states import extract
    from topicbench.features.language_model import load

    spec = LanguageModel(**snakemake.params.model)
    documents = pd.read_parquet(snakemake.input.documents)
    extract(
        load(snakemake.input.model, spec.dtype, spec.device),
        snakemake.params.instruction,
        documents["text"].tolist(),
        Path(snakemake.output.hidden).parent,
        document_ids=documents["doc_id"].tolist(),
        max_document_tokens=spec.max_document_tokens,
        batch_tokens=spec.batch_tokens,
        chunk_documents=spec.chunk_documents,
    )
