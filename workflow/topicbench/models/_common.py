"""What methods share: checks before and after a fit, inference, control of a library's output and generators."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.models.contract import OF_WORDS, Inputs, Method, TopicModel, seed_everything


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
        rows = words if need in OF_WORDS else documents
        if array is None:
            raise TopicbenchError(culprit, f"needs {need}, and there are none", "make them before fitting")
        if array.ndim != 2 or len(array) != rows:
            raise TopicbenchError(culprit, f"{need} have shape {array.shape}; expected {rows} rows")
        if not np.isfinite(array).all():
            raise TopicbenchError(culprit, f"{need} hold NaN or infinity", "delete their file and make them again")


def require_fitted_shapes(method: Method, inputs: Inputs, widths: Mapping[str, int]) -> None:
    """Raise a `TopicbenchError` unless new inputs have the feature shapes seen in ``fit``.

    Args:
        method: the fitted method.
        inputs: of M new documents.
        widths: columns of each array that inference reads.
    """
    culprit = f"methods.{method.name}"
    for need, width in widths.items():
        array = getattr(inputs, need)
        expected = f"the fitted model reads {len(inputs.texts)} documents × {width}"
        if array is None:
            raise TopicbenchError(culprit, f"needs {need}, and there are none; {expected}")
        if array.shape != (len(inputs.texts), width):
            raise TopicbenchError(culprit, f"{need} have shape {array.shape}; {expected}")


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
    infer: Callable[[Inputs], np.ndarray] | None = None,
) -> TopicModel:
    """A `TopicModel` from what the library returned, as float32.

    Raises:
        TopicbenchError: where theta or beta is not finite; ``remedy`` says what to try.
    """
    theta, beta = _finite(method, theta, "theta", remedy), _finite(method, beta, "beta", remedy)
    return TopicModel(theta, beta, floor, details, infer)


def inference(
    method: Method,
    inputs: Inputs,
    theta_of: Callable[[Inputs], np.ndarray],
    seed: int,
    reads: Iterable[str] | None = None,
) -> Callable[[Inputs], np.ndarray]:
    """`TopicModel.infer` from what a fitted library infers with, ``theta_of``; nothing is computed before it is called.

    Whatever the library draws comes from ``seed``, and the generators of this process are put back: inferring neither
    depends on what ran before nor changes what runs after.

    Args:
        method: the fitted method.
        inputs: what it was fitted to; only the widths of its arrays are kept.
        theta_of: M×K weights of the topics of M documents.
        seed: the fit's.
        reads: which arrays inference reads of a document; None: the bag of words and what the method needs.
    """
    if reads is None:
        reads = ("bow", *sorted(method.needs - OF_WORDS))
    widths = {need: getattr(inputs, need).shape[1] for need in reads}

    def infer(others: Inputs) -> np.ndarray:
        require_fitted_shapes(method, others, widths)
        with stdout_to_stderr(), preserve_rng_state():
            seed_everything(seed)
            return _finite(method, theta_of(others), "inferred theta", "leave such documents out")

    return infer


def _finite(method: Method, array: np.ndarray, symbol: str, remedy: str) -> np.ndarray:
    array = np.ascontiguousarray(array, dtype=np.float32)
    broken = int((~np.isfinite(array)).any(axis=1).sum())
    if broken:
        raise TopicbenchError(
            f"methods.{method.name}", f"{broken} of {len(array)} rows of {symbol} hold NaN or infinity", remedy
        )
    return array


def shares(weights: np.ndarray) -> np.ndarray:
    """Rows of non-negative weights scaled to sum to one; a document of no weight is spread evenly."""
    sums = weights.sum(axis=1, keepdims=True)
    even = np.full_like(weights, 1 / weights.shape[1])
    return np.divide(weights, sums, out=even, where=sums > 0)


def word_counter(inputs: Inputs) -> Any:
    """scikit-learn's counter of exactly the vocabulary's words, for libraries that count the words of texts anew."""
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(vocabulary=[*inputs.vocabulary], tokenizer=str.split, lowercase=False, token_pattern=None)


@contextlib.contextmanager
def preserve_rng_state() -> Iterator[None]:
    """Put back Python's, NumPy's and PyTorch's global generators at the end."""
    import random

    import torch

    python, numpy = random.getstate(), np.random.get_state()
    with torch.random.fork_rng():
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)


def finite_or_none(values: list[float]) -> list[float | None]:
    """A curve as JSON can hold it: plain floats, None for what is not finite."""
    return [float(value) if np.isfinite(value) else None for value in values]


def record_batches(network: Any) -> list[tuple[float, int]]:
    """A list that gets mean loss and number of documents of every batch that a PyTorch ``network`` reads from now on.

    Its ``forward`` takes the documents first and returns a mapping with ``loss``.
    """
    batches: list[tuple[float, int]] = []
    network.register_forward_hook(lambda _, batch, out: batches.append((out["loss"].item(), len(batch[0]))))
    return batches


def loss_curve(batches: Sequence[tuple[float, int]], epochs: int) -> list[float | None]:
    """Mean loss per document of each epoch, from mean loss and number of documents of all batches in order."""
    losses, sizes = (np.reshape(part, (epochs, -1)) for part in zip(*batches, strict=True))
    return finite_or_none(list((losses * sizes).sum(axis=1) / sizes.sum(axis=1)))


@contextlib.contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Send what a library prints to standard error, where it ends up in the log."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


@contextlib.contextmanager
def record_calls(owner: type, function: str, take: Callable[[Any], Any]) -> Iterator[list]:
    """Yield a list that gets ``take(result)`` of every call of ``owner.function`` while the block runs.

    For libraries that compute a loss and neither return nor keep it. The original function is restored at the end.
    """
    original = getattr(owner, function)
    taken: list = []

    def recording(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        taken.append(take(result))
        return result

    setattr(owner, function, recording)
    try:
        yield taken
    finally:
        setattr(owner, function, original)
