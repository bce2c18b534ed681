"""Raw documents → the language model's last hidden state for each; goes on where a killed job stopped."""

from topicbench.core.jobs import job

with job(snakemake):
    from pathlib import Path

    import pandas as pd

    from topicbench.features.hidden_states import extract
    from topicbench.features.language_model import load

    params, resources = snakemake.params, snakemake.resources
    documents = pd.read_parquet(snakemake.input.documents)
    extract(
        load(snakemake.input.model, params.model["dtype"], params.model["device"]),
        params.instruction,
        documents["text"].tolist(),
        Path(snakemake.output.hidden).parent,
        document_ids=documents["doc_id"].tolist(),
        max_document_tokens=params.model["max_document_tokens"],
        batch_tokens=resources.batch_tokens,
        chunk_documents=resources.chunk_documents,
    )
