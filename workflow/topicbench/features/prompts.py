"""The prompt that asks a language model for a document's topic, and its tokens.

A prompt is always tokenised whole, so its tokens are those the model would be given by any other program: token
boundaries at the seams of instruction, document and suffix are the tokeniser's own. (Tokenising the parts apart would
differ: several tokenisers merge a full stop and the blank line after it into one token.) What the prompts of a corpus
have in common is then found among the tokens.

The document is stripped of white space at both ends, before and after it is cut; else it is the raw text. Words that
look like control tokens (``<|im_end|>``, ``</s>``) are tokenised as the text they are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from topicbench.core.errors import TopicbenchError


@dataclass(frozen=True)
class Prompts:
    """Tokenised prompts of one instruction.

    Attributes:
        ids: N lists of token ids, each a whole prompt.
        shared: how many leading tokens all of them have in common, at most those of the text before the document.
        truncated: rows whose document was cut, ascending.
    """

    ids: list[list[int]]
    shared: int
    truncated: list[int]


def before_document(instruction: str) -> str:
    return f"{instruction}\n\nDocument:"


def prompt(instruction: str, document: str) -> str:
    """The paper's prompt. It ends without a space: after one, tokenisers would expect a word without its space."""
    return f"{before_document(instruction)} {document}\n\nTopic:"


def tokenise(
    tokenizer: Any,
    instruction: str,
    documents: Sequence[str],
    context: int | None = None,
    max_document_tokens: int | None = None,
) -> Prompts:
    """Tokenise the prompt of each document; one that is too long is cut in the document, at a token's end.

    Args:
        tokenizer: a Hugging Face tokeniser.
        instruction: what the model is asked.
        documents: N raw texts.
        context: longest prompt the model takes, in tokens; None: no limit.
        max_document_tokens: longest document in tokens; None: no limit but the context.

    Raises:
        TopicbenchError: the instruction alone fills the context.
    """
    documents = [document.strip() for document in documents]
    # A document of one letter is one token, whichever tokens its neighbours merge into.
    frame = len(encode(tokenizer, [prompt(instruction, "a")])[0]) - 1
    if context is not None and frame >= context:
        raise TopicbenchError(
            f"instruction '{instruction[:60]}'",
            f"takes {frame} tokens, and the model's context is {context}",
            "shorten the instruction",
        )
    limits = [context] if context is not None else []
    limits += [frame + max_document_tokens] if max_document_tokens is not None else []
    ids = encode(tokenizer, [prompt(instruction, document) for document in documents])
    truncated = [row for row, tokens in enumerate(ids) if limits and len(tokens) > min(limits)]
    for row in truncated:
        ids[row] = _cut(tokenizer, instruction, documents[row], min(limits))
    return Prompts(ids, _shared(encode(tokenizer, [before_document(instruction)])[0], ids), truncated)


def encode(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """Token ids of each text with the tokens the tokeniser puts before a text (BOS), but none after it (EOS)."""
    if not texts:
        return []
    bare = _ids(tokenizer, list(texts))
    marked = tokenizer("a", add_special_tokens=True)["input_ids"]
    letter = tokenizer("a", add_special_tokens=False)["input_ids"]
    start = next(i for i in range(len(marked)) if marked[i : i + len(letter)] == letter)
    return [marked[:start] + tokens for tokens in bare]


def _ids(tokenizer: Any, texts: list[str]) -> list[list[int]]:
    return tokenizer(texts, add_special_tokens=False, split_special_tokens=True)["input_ids"]


def _cut(tokenizer: Any, instruction: str, document: str, limit: int) -> list[int]:
    # The longest beginning of the document with which the whole prompt keeps within the limit. Cut after each token
    # of the document where the tokeniser tells their places, after each character where it does not.
    if tokenizer.is_fast:
        encoded = tokenizer(document, add_special_tokens=False, split_special_tokens=True, return_offsets_mapping=True)
        ends = sorted({end for _, end in encoded["offset_mapping"]})
    else:
        ends = list(range(1, len(document) + 1))

    def tokens(end: int) -> list[int]:
        return encode(tokenizer, [prompt(instruction, document[:end].rstrip())])[0]

    fitting = bisect_right(ends, False, key=lambda end: len(tokens(end)) > limit)
    return tokens(ends[fitting - 1] if fitting else 0)


def _shared(prefix: list[int], ids: Sequence[list[int]]) -> int:
    # A prompt is longer than what it shares: something must be left to be computed for it.
    shared = min([len(prefix), *(len(tokens) - 1 for tokens in ids)])
    for tokens in ids:
        while prefix[:shared] != tokens[:shared]:
            shared -= 1
    return shared
