import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import softmax
from transformers import AutoTokenizer

from tests.support.tiny_models import TEXTS
from topicbench.core.errors import TopicbenchError
from topicbench.features.soft_labels import (
    BLOCK,
    Head,
    logits,
    logits_of_forms,
    read_tokenizer,
    soft_target,
    surface_forms,
    vocabulary_tokens,
)

WORDS = sorted({word.lower() for text in TEXTS for word in text.split() if word.isascii() and word.isalpha()})


def test_word_is_the_first_token_after_a_space(bytes_tokenizer):
    tokens = vocabulary_tokens(bytes_tokenizer, WORDS)
    pieces = {word: bytes_tokenizer(f" {word}")["input_ids"] for word in WORDS}
    assert tokens.skipped is None
    assert tokens.ids.tolist() == [pieces[word][0] for word in WORDS]
    assert tokens.multi_token == [word for word in WORDS if len(pieces[word]) > 1]
    firsts = [pieces[word][0] for word in WORDS]
    assert tokens.shared_first_token == [word for word in WORDS if firsts.count(pieces[word][0]) > 1]
    assert tokens.multi_token
    assert tokens.shared_first_token


def test_blank_piece_before_every_word_is_passed_over(metaspace_tokenizer):
    pieces = {word: metaspace_tokenizer(f" {word}", add_special_tokens=False)["input_ids"] for word in WORDS}
    blank = metaspace_tokenizer.convert_tokens_to_ids("▁")
    assert {piece[0] for piece in pieces.values()} == {blank}
    tokens = vocabulary_tokens(metaspace_tokenizer, WORDS)
    assert tokens.skipped == blank
    assert tokens.ids.tolist() == [pieces[word][1] for word in WORDS]
    assert tokens.multi_token == [word for word in WORDS if len(pieces[word]) > 2]
    assert vocabulary_tokens(metaspace_tokenizer, ["list"]).ids.tolist() == [pieces["list"][1]]


def test_one_word_or_one_shared_word_piece_is_not_blank(bytes_tokenizer):
    assert vocabulary_tokens(bytes_tokenizer, ["list"]).skipped is None
    both = vocabulary_tokens(bytes_tokenizer, ["theqa", "theqb"])
    assert both.skipped is None
    assert both.ids[0] == both.ids[1]
    assert both.shared_first_token == ["theqa", "theqb"]


def test_record_counts_all_and_shows_twenty(bytes_tokenizer):
    words = sorted(f"theq{first}{second}" for first in "abcdef" for second in "uvwxyz")
    record = vocabulary_tokens(bytes_tokenizer, words).record()
    assert record["words"] == record["multi_token_words"] == record["shared_first_token_words"] == 36
    assert record["distinct_tokens"] == 1
    assert record["multi_token_examples"] == words[:20]
    json.dumps(record, allow_nan=False)


def test_vocabulary_errors(bytes_tokenizer, metaspace_tokenizer):
    with pytest.raises(TopicbenchError, match="is empty"):
        vocabulary_tokens(bytes_tokenizer, [])
    with pytest.raises(TopicbenchError, match="vocabulary word ''"):
        vocabulary_tokens(metaspace_tokenizer, ["", "list"])


def test_smollm2_tokens(smollm2):
    tokens = vocabulary_tokens(smollm2.tokenizer, ["haskell", "linq", "list"])
    shown = smollm2.tokenizer.convert_ids_to_tokens(tokens.ids.tolist())
    assert shown[2] == "Ġlist"
    assert tokens.skipped is None
    assert "list" not in tokens.multi_token
    assert tokens.multi_token == [
        word for word in ("haskell", "linq", "list") if len(smollm2.tokenizer.tokenize(f" {word}")) > 1
    ]


def test_logits_against_a_plain_product_across_blocks():
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(BLOCK + 3, 8)).astype(np.float32)
    weight, bias = rng.normal(size=(50, 8)).astype(np.float32), rng.normal(size=50).astype(np.float32)
    ids = np.array([7, 3, 7, 49])
    plain = hidden.astype(np.float64) @ weight[ids].astype(np.float64).T
    found = logits(hidden, Head(weight), ids)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, plain, atol=1e-5)
    capped = 5 * np.tanh((plain + bias[ids]) * 0.5 / 5)
    np.testing.assert_allclose(logits(hidden, Head(weight, bias, 0.5, 5.0), ids), capped, atol=1e-5)


def test_logits_of_another_models_hidden_states_are_refused():
    with pytest.raises(TopicbenchError, match="different models"):
        logits(np.zeros((2, 3), np.float32), Head(np.zeros((5, 4), np.float32)), np.array([0]))
    with pytest.raises(TopicbenchError, match="exceed"):
        logits(np.zeros((2, 4), np.float32), Head(np.zeros((5, 4), np.float32)), np.array([5]))


@given(
    values=hnp.arrays(
        np.float32, st.tuples(st.integers(1, 4), st.integers(1, 9)), elements=st.floats(-1e4, 1e4, width=32)
    ),
    temperature=st.floats(0.5, 9),
)
def test_soft_target_is_the_softmax(values, temperature):
    found = soft_target(values, temperature)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, softmax(values.astype(np.float64) / temperature, axis=1), atol=2e-4)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)


def test_soft_target_by_hand_leaves_its_input_alone():
    values = np.array([[0.0, 3 * np.log(3.0)]], dtype=np.float32)
    np.testing.assert_allclose(soft_target(values, 3), [[0.25, 0.75]], rtol=1e-6)
    assert values[0, 0] == 0
    with pytest.raises(TopicbenchError, match="temperature"):
        soft_target(values, 0)


@pytest.mark.parametrize("folder", ["smollm2_folder", "prepared_llama_folder"])
def test_the_tokeniser_read_alone_gives_the_words_of_the_models_the_same_tokens(request, folder):
    path = request.getfixturevalue(folder)
    both = [vocabulary_tokens(read(path), WORDS) for read in (read_tokenizer, AutoTokenizer.from_pretrained)]
    assert both[0].ids.tolist() == both[1].ids.tolist()
    assert both[0].skipped == both[1].skipped


def test_surface_forms_of_smollm2(smollm2):
    words = ["haskell", "linq", "list", "nasa"]
    forms = surface_forms(smollm2.tokenizer, words)
    shown = [sorted(smollm2.tokenizer.convert_ids_to_tokens(tokens.tolist())) for tokens in forms]
    assert shown[2] == ["ĠList", "Ġlist"]
    # Whatever is written in several pieces counts only as the word's own first token.
    assert shown[3] == ["ĠNASA", "Ġnas"]
    own = vocabulary_tokens(smollm2.tokenizer, words).ids
    assert all(token in tokens for token, tokens in zip(own, forms, strict=True))


def test_a_blank_piece_is_no_surface_form(metaspace_tokenizer):
    blank = metaspace_tokenizer.convert_tokens_to_ids("▁")
    forms = surface_forms(metaspace_tokenizer, WORDS)
    assert all(blank not in tokens for tokens in forms)
    assert [tokens.tolist() for tokens in forms] == [sorted(set(tokens.tolist())) for tokens in forms]


def test_probability_of_a_word_is_the_sum_of_its_forms():
    rng = np.random.default_rng(0)
    head = Head(rng.normal(size=(12, 5)).astype(np.float32), rng.normal(size=12).astype(np.float32))
    hidden = rng.normal(size=(BLOCK + 3, 5)).astype(np.float32)
    forms = [np.array([3]), np.array([1, 4, 7]), np.array([0, 3])]
    whole = softmax(logits(hidden, head, np.arange(12)).astype(np.float64), axis=1)
    expected = np.stack([whole[:, tokens].sum(axis=1) for tokens in forms], axis=1)
    found = np.exp(logits_of_forms(hidden, head, forms).astype(np.float64))
    found, expected = (each / each.sum(axis=1, keepdims=True) for each in (found, expected))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_words_of_one_form_have_their_own_logits():
    rng = np.random.default_rng(0)
    head, hidden = Head(rng.normal(size=(9, 4)).astype(np.float32)), rng.normal(size=(7, 4)).astype(np.float32)
    ids = np.array([5, 2, 8])
    np.testing.assert_allclose(
        logits_of_forms(hidden, head, [np.array([i]) for i in ids]), logits(hidden, head, ids), rtol=1e-5, atol=1e-6
    )


def test_a_word_far_below_the_likeliest_keeps_its_logit():
    head = Head(np.array([[0.0], [900.0]], dtype=np.float32))
    found = logits_of_forms(np.ones((1, 1), np.float32), head, [np.array([0]), np.array([1])])
    np.testing.assert_allclose(found, [[0.0, 900.0]], atol=1e-3)
