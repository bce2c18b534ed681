"""Soft labels: a language model's next-token logits over the vocabulary, from stored hidden states.

As the logits are the output head applied to the hidden state, logits over any vocabulary are one matrix product; the
language model itself runs once per (corpus, model, prompt). Paper, section 3.1, Equation 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json, read_npy

GENERAL_TOKENIZERS = ("TokenizersBackend", "PreTrainedTokenizerFast")
"""What transformers calls the class of a tokeniser that is all in tokenizer.json."""
EXAMPLES = 20
BLOCK = 4096


@dataclass(frozen=True)
class Head:
    """A language model's output head: ``softcap(scale · (weight @ hidden + bias))``.

    Attributes:
        weight: T×D float32, row t belongs to token t.
        bias: T float32, or None.
        scale: factor of the logits; 1 for most models.
        softcap: c of c·tanh(logit / c), or None.
    """

    weight: np.ndarray
    bias: np.ndarray | None = None
    scale: float = 1.0
    softcap: float | None = None


@dataclass(frozen=True)
class VocabularyTokens:
    """The token that stands for each word of a vocabulary.

    Attributes:
        ids: V token ids, int64.
        skipped: the leading-space piece that the tokeniser gives every word and that was passed over, or None.
        multi_token: words of more than one token, in vocabulary order.
        shared_first_token: words whose token also stands for another word.
    """

    ids: np.ndarray
    skipped: int | None
    multi_token: list[str]
    shared_first_token: list[str]

    def record(self) -> dict[str, Any]:
        """Counts, and up to 20 examples of each kind, for JSON."""
        return {
            "words": len(self.ids),
            "distinct_tokens": len(np.unique(self.ids)),
            "leading_space_piece": self.skipped,
            "multi_token_words": len(self.multi_token),
            "multi_token_examples": self.multi_token[:EXAMPLES],
            "shared_first_token_words": len(self.shared_first_token),
            "shared_first_token_examples": self.shared_first_token[:EXAMPLES],
        }


def read_tokenizer(folder: str | Path) -> Any:
    """The tokeniser in the folder of a prepared language model.

    Most name the general class, which needs no PyTorch: importing it would take longer than reading the logits.
    """
    settings = read_json(Path(folder) / "tokenizer_config.json")
    if settings.get("tokenizer_class") in GENERAL_TOKENIZERS:
        from transformers import PreTrainedTokenizerFast

        return PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


def vocabulary_tokens(tokenizer: Any, vocabulary: Sequence[str]) -> VocabularyTokens:
    """The first token of " word" for each word; where that is one blank piece for all words, the token after it.

    Raises:
        TopicbenchError: a word gives no token.
    """
    if not len(vocabulary):
        raise TopicbenchError("vocabulary", "is empty")
    pieces = tokenizer([f" {word}" for word in vocabulary], add_special_tokens=False, split_special_tokens=True)
    pieces = pieces["input_ids"]
    skipped = None
    firsts = {tokens[0] if tokens else None for tokens in pieces}
    if len(firsts) == 1 and None not in firsts and not tokenizer.decode(list(firsts)).strip():
        skipped = firsts.pop()
        pieces = [tokens[1:] for tokens in pieces]
    for word, tokens in zip(vocabulary, pieces, strict=True):
        if not tokens:
            raise TopicbenchError(f"vocabulary word '{word}'", "the language model's tokeniser gives no token for it")
    ids = np.array([tokens[0] for tokens in pieces], dtype=np.int64)
    uses = Counter(ids.tolist())
    return VocabularyTokens(
        ids=ids,
        skipped=skipped,
        multi_token=[word for word, tokens in zip(vocabulary, pieces, strict=True) if len(tokens) > 1],
        shared_first_token=[word for word, token in zip(vocabulary, ids.tolist(), strict=True) if uses[token] > 1],
    )


def surface_forms(tokenizer: Any, vocabulary: Sequence[str]) -> list[np.ndarray]:
    """The tokens by which a language model may begin each word: of "word", also "Word" and "WORD".

    The word's own token is that of `vocabulary_tokens`. Another way of writing it counts only where it is one token:
    the first piece of a longer one (" W" of " WORD") begins other words as well.

    Returns:
        V arrays of distinct token ids, int64, ascending.
    """
    own = vocabulary_tokens(tokenizer, vocabulary)
    written = [f" {form}" for word in vocabulary for form in (word.capitalize(), word.upper())]
    pieces = tokenizer(written, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    if own.skipped is not None:
        pieces = [tokens[1:] if tokens[:1] == [own.skipped] else tokens for tokens in pieces]
    forms = []
    for number, token in enumerate(own.ids.tolist()):
        others = [tokens[0] for tokens in pieces[2 * number : 2 * number + 2] if len(tokens) == 1]
        forms.append(np.unique(np.array([token, *others], dtype=np.int64)))
    return forms


def logits_of_forms(hidden: np.ndarray, head: Head, forms: Sequence[np.ndarray]) -> np.ndarray:
    """Logits of words whose probability is the sum of their surface forms': logsumexp over each word's tokens.

    Arguments, result (N×V float32) and errors as of `logits`, with V arrays of token ids.
    """
    tokens, place = np.unique(np.concatenate(forms), return_inverse=True)
    starts = np.concatenate([[0], np.cumsum([len(each) for each in forms])[:-1]])
    result = np.empty((len(hidden), len(forms)), dtype=np.float32)
    for start in range(0, len(hidden), BLOCK):
        block = logits(hidden[start : start + BLOCK], head, tokens)
        result[start : start + BLOCK] = np.logaddexp.reduceat(block[:, place], starts, axis=1)
    return result


def read_head(folder: str | Path) -> Head:
    """The output head of a prepared language model; its weight stays on disk until rows of it are read."""
    folder = Path(folder)
    head = read_json(folder / "prepared.json")["head"]
    bias = read_npy(folder / "head_bias.npy") if head["bias"] else None
    return Head(read_npy(folder / "head.npy", mapped=True), bias, head["scale"], head["softcap"])


def logits(hidden: np.ndarray, head: Head, ids: np.ndarray) -> np.ndarray:
    """Next-token logits of the tokens ``ids``.

    Args:
        hidden: N×D hidden states after the model's final norm.
        head: the model's output head.
        ids: V token ids.

    Returns:
        N×V float32.

    Raises:
        TopicbenchError: hidden states and head are of different models.
    """
    if hidden.ndim != 2 or hidden.shape[1] != head.weight.shape[1]:
        raise TopicbenchError(
            "hidden states",
            f"have shape {hidden.shape}, and the output head takes {head.weight.shape[1]} values",
            "they come from different models; delete the hidden states and run again",
        )
    if len(ids) and not 0 <= ids.min() <= ids.max() < len(head.weight):
        raise TopicbenchError("token ids", f"exceed the output head, which has {len(head.weight)} rows")
    weight = np.ascontiguousarray(head.weight[ids], dtype=np.float32).T
    result = np.empty((len(hidden), len(ids)), dtype=np.float32)
    for start in range(0, len(hidden), BLOCK):
        block = result[start : start + BLOCK]
        np.matmul(np.asarray(hidden[start : start + BLOCK], dtype=np.float32), weight, out=block)
        if head.bias is not None:
            block += head.bias[ids]
        if head.scale != 1:
            block *= np.float32(head.scale)
        if head.softcap is not None:
            block[:] = head.softcap * np.tanh(block / np.float32(head.softcap))
    return result


def soft_target(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Equation 1: softmax(logits / temperature) over the last axis, in float32; rows sum to one."""
    if not temperature > 0:
        raise TopicbenchError("temperature", f"must be above 0 (given: {temperature})")
    scaled = np.asarray(logits, dtype=np.float32) / np.float32(temperature)
    scaled -= scaled.max(axis=-1, keepdims=True)
    np.exp(scaled, out=scaled)
    return scaled / scaled.sum(axis=-1, keepdims=True)
