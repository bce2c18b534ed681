"""A local causal language model as judge, for those without a key.

Small models repeat one favoured number whatever the topic; the probabilities behind it still move. The rating is
therefore the expected one, over the probabilities of "1", "2" and "3" as the next token, renormalised to sum to one.

The wording of the prompt was chosen for SmolLM2-135M-Instruct among six, by the AUC on word sets (100 pairs, seed 0, a
Wikipedia sample, the 2,000 most frequent words of StackOverflow / 20 Newsgroups):

    "Words: ...", "Answer:"   .72 / .75        chat template                .61 / .52
    "Words: ...", "Number:"   .58 / .46        chat template, "Rating:"     .60 / .51
    "Words: ...", "Rating:"   .39 / .28        bare words, "Rating:"        .32 / .28

On 200 pairs of other seeds the chosen one has .70 / .76, and .77 on the words of TweetTopic, which had no part in the
choice. Its ratings lie close together (about 1.95 against 1.89 on average): they order topics, weakly, and cannot be
compared with another judge's. The AUC that `check.check` gives belongs beside every number from here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json
from topicbench.features.hidden_states import last_hidden_states
from topicbench.features.language_model import load, resolve_device, resolve_dtype
from topicbench.features.prompts import Prompts, encode
from topicbench.features.soft_labels import logits, read_head, soft_target
from topicbench.metrics.judges.prompt import RATINGS, SYSTEM_PROMPT, user_message

BEFORE = f"{SYSTEM_PROMPT}\n\nWords:"
AFTER = "\nAnswer:"
CHUNK = 256
"""Topics between two visits to the store."""
DECIMALS = 4


def identity(name: str, folder: str | Path, dtype: str = "auto", device: str = "auto") -> dict[str, Any]:
    """What makes one local judge's answers differ from another's: the model file, the prompt, the arithmetic."""
    prepared = read_json(Path(folder) / "prepared.json")
    computed_in = str(resolve_dtype(dtype, resolve_device(device))).removeprefix("torch.")
    prompt = f"{BEFORE} {{words}}{AFTER}"
    return {"slm": name, "sha256": prepared["source"]["sha256"], "dtype": computed_in, "prompt": prompt}


def ask(
    folder: str | Path,
    topics: Sequence[Sequence[str]],
    done: Callable[[Sequence[str], float, list[float]], Any],
    dtype: str = "auto",
    device: str = "auto",
    title: str = "",
) -> None:
    """Compute the expected rating of each topic, one at a time.

    In a batch the last bits of a rating would depend on the topics beside it, and as answers are stored by content,
    on which job came first.

    Args:
        folder: a prepared language model.
        topics: lists of words.
        done: called with words, expected rating and the three probabilities, for each topic.
        dtype: auto, float32, bfloat16 or float16.
        device: auto, cpu or cuda.
        title: of the judge, for the progress bar.

    Raises:
        TopicbenchError: the tokeniser has no single token for a digit, or a topic exceeds the model's context.
    """
    if not topics:
        return
    model = load(folder, dtype, device)
    head = read_head(folder)
    ids, answers = answer_tokens(model.tokenizer, topics)
    longest = max(range(len(ids)), key=lambda row: len(ids[row]))
    if model.context is not None and len(ids[longest]) > model.context:
        raise TopicbenchError(
            f"topic '{', '.join(topics[longest])}'",
            f"its prompt has {len(ids[longest])} tokens, and the model's context is {model.context}",
            "rate fewer words per topic",
        )
    before = encode(model.tokenizer, [BEFORE])[0]
    shared = max(count for count in range(len(before) + 1) if all(row[:count] == before[:count] for row in ids))
    order = sorted(range(len(ids)), key=lambda row: (-len(ids[row]), row))
    with tqdm(total=len(topics), unit="topic", desc=f"rating by {title}") as progress:
        for start in range(0, len(order), CHUNK):
            rows = order[start : start + CHUNK]
            prompts = Prompts([ids[row] for row in rows], shared, [])
            names = [f"'{', '.join(topics[row])}'" for row in rows]
            hidden = last_hidden_states(model, prompts, batch_tokens=1, names=names)
            for row, state in zip(rows, hidden, strict=True):
                probabilities = probabilities_of(logits(state[None], head, answers))[0]
                done(topics[row], expected_rating(probabilities), [round(float(p), DECIMALS) for p in probabilities])
            progress.update(len(rows))


def probabilities_of(answer_logits: np.ndarray) -> np.ndarray:
    """N×3 logits of "1", "2", "3" → N×3 probabilities among the three, float64."""
    return soft_target(answer_logits, 1.0).astype(np.float64)


def expected_rating(probabilities: np.ndarray) -> float:
    """Σ r·p(r), to four decimals, between 1 and 3."""
    return float(np.clip(round(float(np.dot(probabilities, RATINGS)), DECIMALS), RATINGS[0], RATINGS[-1]))


def answer_tokens(tokenizer: Any, topics: Sequence[Sequence[str]]) -> tuple[list[list[int]], np.ndarray]:
    """The prompts' token ids up to the answer, and the ids of the three answers.

    An answer is tokenised with the prompt before it: where the tokeniser has a token for " 1", that is the answer;
    where it parts space and digit, the space belongs to the prompt.

    Raises:
        TopicbenchError: the three answers do not differ in just their last token.
    """
    texts = [f"{BEFORE} {user_message(words)}{AFTER}" for words in topics]
    answered = [encode(tokenizer, [f"{text} {rating}" for text in texts]) for rating in RATINGS]
    ids = [tokens[:-1] for tokens in answered[0]]
    answers = [tokens[0][-1] for tokens in answered]
    same = all(
        tokens == [*prompt, answer]
        for answer, column in zip(answers, answered, strict=True)
        for prompt, tokens in zip(ids, column, strict=True)
    )
    if not same or len(set(answers)) < len(RATINGS):
        raise TopicbenchError(
            "judge.slm", "the model's tokeniser has no single token for each of 1, 2 and 3", "take another model"
        )
    return ids, np.array(answers, dtype=np.int64)
