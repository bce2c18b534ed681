"""The local judge with tiny random models, against the model's own logits one prompt at a time."""

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from topicbench.core.errors import TopicbenchError
from topicbench.features.language_model import prepare
from topicbench.features.section import LanguageModel
from topicbench.metrics.judges import local
from topicbench.metrics.judges.prompt import SYSTEM_PROMPT
from topicbench.metrics.judges.rate import rate
from topicbench.metrics.section import Judge

JUDGE = Judge(title="Tiny", slm="tiny")
TOPICS = [["god", "faith", "belief"], ["file", "a"], ["windows", "dos", "file", "disk", "drive", "ram"], ["x"]]


def tiny(folder, merges=(), context=2048):
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*alphabet, *(a + b for a, b in merges), "<s>"]
    bpe = models.BPE({token: number for number, token in enumerate(tokens)}, list(merges))
    tokenizer = Tokenizer(bpe)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    torch.manual_seed(1)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokens),
            hidden_size=32,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=context,
            initializer_range=0.3,
        )
    )
    model.save_pretrained(folder / "source")
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<s>").save_pretrained(folder / "source")
    prepare(LanguageModel(title="Tiny", folder=str(folder / "source")), folder / "slm")
    return folder / "slm"


@pytest.fixture(scope="module")
def slm(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("parted"))


def own_rating(slm, words, answers, space):
    """Expected rating by the model's own full forward pass."""
    model = LlamaForCausalLM.from_pretrained(slm).eval()
    tokenizer = PreTrainedTokenizerFast.from_pretrained(slm)
    text = f"{SYSTEM_PROMPT}\n\nWords: {', '.join(words)}\nAnswer:{space}"
    with torch.inference_mode():
        last = model(tokenizer(text, return_tensors="pt").input_ids).logits[0, -1].double()
    odds = torch.exp(last[tokenizer.convert_tokens_to_ids(answers)])
    return float((odds * torch.tensor([1, 2, 3])).sum() / odds.sum())


def test_expected_rating_is_that_of_the_models_own_logits(slm, tmp_path):
    ratings = rate(JUDGE, TOPICS, tmp_path, slm, dtype="float32", device="cpu")
    expected = [own_rating(slm, words, ["1", "2", "3"], " ") for words in TOPICS]
    assert ratings == pytest.approx(expected, abs=2e-4)
    assert len(set(ratings)) == len(TOPICS)
    assert all(1 <= rating <= 3 for rating in ratings)


def test_tokeniser_with_a_token_for_space_and_digit(tmp_path):
    slm = tiny(tmp_path, [("Ġ", "1"), ("Ġ", "2"), ("Ġ", "3")])
    ratings = rate(JUDGE, TOPICS, tmp_path / "store", slm, dtype="float32", device="cpu")
    expected = [own_rating(slm, words, ["Ġ1", "Ġ2", "Ġ3"], "") for words in TOPICS]
    assert ratings == pytest.approx(expected, abs=2e-4)


def test_tokeniser_in_which_the_digits_differ_in_form(tmp_path):
    slm = tiny(tmp_path, [("Ġ", "1")])
    with pytest.raises(TopicbenchError, match=r"judge\.slm.*no single token"):
        rate(JUDGE, TOPICS, tmp_path / "store", slm, dtype="float32", device="cpu")


def test_ratings_do_not_depend_on_company_or_order(slm, tmp_path):
    together = rate(JUDGE, TOPICS, tmp_path / "together", slm, dtype="float32", device="cpu")
    turned = rate(JUDGE, TOPICS[::-1], tmp_path / "turned", slm, dtype="float32", device="cpu")[::-1]
    alone = [rate(JUDGE, [words], tmp_path / "alone", slm, dtype="float32", device="cpu")[0] for words in TOPICS]
    assert together == pytest.approx(turned, abs=2e-4)
    assert together == pytest.approx(alone, abs=2e-4)


def test_more_topics_than_a_chunk(slm, tmp_path, monkeypatch):
    expected = rate(JUDGE, TOPICS, tmp_path / "one", slm, dtype="float32", device="cpu")
    monkeypatch.setattr(local, "CHUNK", 3)
    chunked = rate(JUDGE, TOPICS, tmp_path / "two", slm, dtype="float32", device="cpu")
    assert chunked == pytest.approx(expected, abs=2e-4)


def test_rerun_does_not_load_the_model(slm, tmp_path, monkeypatch):
    first = rate(JUDGE, TOPICS + TOPICS, tmp_path, slm, dtype="float32", device="cpu")
    monkeypatch.setattr(local, "load", None)
    assert rate(JUDGE, TOPICS + TOPICS, tmp_path, slm, dtype="float32", device="cpu") == first
    assert first[: len(TOPICS)] == first[len(TOPICS) :]


def test_another_model_file_is_another_judge(slm, tmp_path):
    other = tiny(tmp_path, [("Ġ", "1"), ("Ġ", "2"), ("Ġ", "3")])
    assert local.identity("tiny", slm, "float32", "cpu") != local.identity("tiny", other, "float32", "cpu")
    assert local.identity("tiny", slm, "float32", "cpu") != local.identity("tiny", slm, "bfloat16", "cpu")


def test_topic_that_exceeds_the_context(tmp_path):
    slm = tiny(tmp_path, context=480)
    with pytest.raises(TopicbenchError, match=r"topic 'windows, dos.*context is 480"):
        rate(JUDGE, [["windows", "dos"] * 20], tmp_path / "store", slm, dtype="float32", device="cpu")


def test_expected_rating_by_hand():
    probabilities = local.probabilities_of(np.log(np.array([[1.0, 1.0, 2.0], [1.0, 0.0, 0.0]]) + 1e-30))
    assert [local.expected_rating(row) for row in probabilities] == [2.25, 1.0]
