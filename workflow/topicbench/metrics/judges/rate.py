"""Ratings of topics by the configured judge."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.judges import answers as store
from topicbench.metrics.judges import endpoint
from topicbench.metrics.section import Judge


def rate(
    judge: Judge,
    topics: Sequence[Sequence[str]],
    folder: str | Path,
    slm_folder: str | Path | None = None,
    dtype: str = "auto",
    device: str = "auto",
) -> list[float]:
    """The rating of each topic, 1 (not very related) to 3 (very related), from the store where it is there.

    Args:
        judge: who rates.
        topics: lists of words, most important first; equal ones are rated once.
        folder: the store of answers, shared by all judges and jobs.
        slm_folder: the prepared language model, for a judge with ``slm``.
        dtype: of the local model: auto, float32, bfloat16 or float16.
        device: of the local model: auto, cpu or cuda.

    Raises:
        TopicbenchError: a topic has no words, a stored answer is damaged, or the judge fails; see `endpoint.ask` and
            `local.ask`. Answers that came before the failure are kept.
    """
    for number, words in enumerate(topics):
        if not words:
            raise TopicbenchError(f"topic {number}", "has no words to rate")
    if judge.slm is None:
        identity, ask = endpoint.identity(judge), partial(endpoint.ask, judge)
    else:
        # PyTorch is needed for a local judge only.
        from topicbench.metrics.judges import local

        if slm_folder is None:
            raise ValueError("a judge with slm needs slm_folder")
        identity = local.identity(judge.slm, slm_folder, dtype, device)
        ask = partial(local.ask, slm_folder, dtype=dtype, device=device, title=judge.title)
    distinct = list(dict.fromkeys(tuple(words) for words in topics))
    ratings = {words: store.get(folder, identity, words) for words in distinct}

    def done(words: Sequence[str], rating: float, answer: Any) -> None:
        ratings[tuple(words)] = store.put(folder, identity, words, rating, answer)

    ask([words for words in distinct if ratings[words] is None], done)
    return [float(ratings[tuple(words)]) for words in topics]
