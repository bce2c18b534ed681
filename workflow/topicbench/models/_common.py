"""What the baselines share: the checks before and after a fit, and keeping a library's chatter off standard output."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from topicbench.errors import TopicbenchError
from topicbench.models.base import Inputs, Method, TopicModel


def require_inputs(method: Method, inputs: Inputs, num_topics: int) -> None:
    """Raise a `TopicbenchError` where K does not fit the corpus or a feature the method needs is missing or broken."""
    documents, words = inputs.bow.shape
    culprit = f"methods.{method.name}"
    if num_topics < 2:
        raise TopicbenchError(culprit, f"K = {num_topics} topics; at least 2 are needed", "raise num_topics")
    if num_topics > documents:
        raise TopicbenchError(culprit, f"K = {num_topics} topics, but only {documents} documents", "lower num_topics")
    if len(inputs.texts) != documents or len(inputs.vocabulary) != words:
        raise TopicbenchError(
            culprit,
            f"{len(inputs.texts)} texts and {len(inputs.vocabulary)} words for a {documents}×{words} bag of words",
        )
    for need in sorted(method.needs):
        array = getattr(inputs, need)
        rows = words if need == "word_vectors" else documents
        if array is None:
            raise TopicbenchError(culprit, f"needs {need}, and there are none", "make them before fitting")
        if array.ndim != 2 or len(array) != rows:
            raise TopicbenchError(culprit, f"{need} have shape {array.shape}; expected {rows} rows")
        if not np.isfinite(array).all():
            raise TopicbenchError(culprit, f"{need} hold NaN or infinity", "delete their file and make them again")


def require_words_in_documents(method: Method, inputs: Inputs) -> None:
    """Raise a `TopicbenchError` at the first document without a vocabulary word."""
    empty = np.flatnonzero(np.asarray(inputs.bow.sum(axis=1)).ravel() == 0)
    if len(empty):
        raise TopicbenchError(
            f"methods.{method.name}",
            f"document in row {empty[0]} has no vocabulary word ({len(empty)} such documents)",
            "leave such documents out",
        )


def topic_model(
    method: Method,
    theta: np.ndarray,
    beta: np.ndarray,
    details: Mapping[str, Any],
    remedy: str,
    floor: float = -np.inf,
) -> TopicModel:
    """A `TopicModel` from what the library returned, as float32.

    Raises:
        TopicbenchError: where theta or beta is not finite; ``remedy`` says what to try.
    """
    theta, beta = (np.ascontiguousarray(array, dtype=np.float32) for array in (theta, beta))
    for symbol, array in (("theta", theta), ("beta", beta)):
        broken = int((~np.isfinite(array)).any(axis=1).sum())
        if broken:
            raise TopicbenchError(
                f"methods.{method.name}", f"{broken} of {len(array)} rows of {symbol} hold NaN or infinity", remedy
            )
    return TopicModel(theta, beta, floor, details)


def finite_or_none(values: list[float]) -> list[float | None]:
    """A curve as JSON can hold it: plain floats, None for what is not finite."""
    return [float(value) if np.isfinite(value) else None for value in values]


def epoch_means(batch_losses: list[float], batch_sizes: list[int], epochs: int) -> list[float]:
    """Mean loss per document of each epoch, from the mean losses of its batches in order."""
    losses = np.reshape(batch_losses, (epochs, -1))
    sizes = np.reshape(batch_sizes, (epochs, -1))
    return list((losses * sizes).sum(axis=1) / sizes.sum(axis=1))


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Send what a library prints to standard error, where it ends up in the log."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


@contextlib.contextmanager
def observed(owner: type, function: str, take: Callable[[Any], Any]) -> Iterator[list]:
    """Collect ``take(result)`` of every call of ``owner.function`` while the block runs.

    For libraries that compute a loss in a method of their own and neither return nor keep it. The method itself is
    unchanged and put back at the end.
    """
    original = getattr(owner, function)
    taken: list = []

    def observing(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        taken.append(take(result))
        return result

    setattr(owner, function, observing)
    try:
        yield taken
    finally:
        setattr(owner, function, original)
