"""Fitting all seeds of one configuration of a method, and recording what each run did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.core.jobs import PeakMemory
from topicbench.models.contract import ControlInputs, Inputs, Method, TopicModel
from topicbench.runs.documents import Documents, select
from topicbench.runs.files import FINISHED, is_whole, place, write_run
from topicbench.runs.identity import fingerprint, hardware, input_hashes, versions
from topicbench.runs.losses import epochs_without_loss


@dataclass(frozen=True)
class Job:
    """All seeds of one configuration of a method on a corpus.

    Attributes:
        method: with its settings.
        num_topics: K.
        seeds: one run each; a run's result does not depend on the others.
        documents: which of the corpus the method gets.
        top_words: words per topic written to topics.json.
        input_files: files the inputs were read from, for the runs' fingerprints.
        context: what else the record should say (corpus, variant, protocol, …).
    """

    method: Method
    num_topics: int
    seeds: Sequence[int]
    documents: Documents
    top_words: int
    input_files: Sequence[str | Path]
    context: Mapping[str, Any]


def fit_runs(job: Job, inputs: Inputs, folder: str | Path, fitted: Callable[[int], TopicModel] | None = None) -> None:
    """Fit every seed and write ``folder/seed{seed}/``; a finished run with the same fingerprint is kept.

    A run that ends is written to `FINISHED` at once, and to its place when all seeds have ended.

    Args:
        job: what to fit.
        inputs: of all N documents of the corpus.
        folder: where the runs lie.
        fitted: for a control that reads one, another method's model of a seed.

    Raises:
        TopicbenchError: more topics than documents, or a model that `check` refuses.
    """
    method, k, documents = job.method, job.num_topics, job.documents
    where = f"{job.context['corpus']}, {method.name}, K = {k}"
    if k > len(documents.rows):
        raise TopicbenchError(where, f"more topics than documents ({len(documents.rows)})", "lower num_topics")
    selected: Any = select(inputs, documents.rows)
    # Once for all seeds: the logits of a large corpus are hundreds of megabytes.
    hashes = input_hashes(job.input_files)
    finished = {seed: Path(folder) / FINISHED / f"seed{seed}" for seed in job.seeds}
    for seed, target in finished.items():
        identity = fingerprint(method, k, seed, hashes, documents, job.top_words)
        if is_whole(target, identity):
            print(f"{target}: already there", flush=True)
            continue
        print(f"{target}: fitting", flush=True)
        read: Inputs = selected
        if fitted and isinstance(selected, ControlInputs):
            read = replace(selected, fitted=fitted(seed))
        with PeakMemory() as peak:
            model = method.fit(read, k, seed)
        run = f"{where}, seed {seed}"
        check(model, run, (len(documents.rows), len(inputs.vocabulary)), k, method)
        require_words(model.top_words(inputs.vocabulary, job.top_words), run)
        record = {
            **job.context,
            "method": method.name,
            "num_topics": k,
            "seed": seed,
            "fingerprint": identity,
            "settings": method.model_dump(mode="json"),
            "documents": documents.name,
            "documents_left_out": len(inputs.texts) - len(documents.rows) - len(documents.heldout),
            "seconds": peak.seconds,
            "peak_memory_mb": peak.megabytes,
            "versions": versions(method),
            "hardware": hardware(),
        }
        arrays: dict[str, np.ndarray] = {}
        if documents.split is not None:
            arrays = heldout_arrays(model, inputs, documents, run)
            record["heldout"] = {
                "share": documents.split[0],
                "split_seed": documents.split[1],
                "documents": len(documents.heldout),
                "inferred": model.infer is not None,
            }
        write_run(target, model, inputs.vocabulary, job.top_words, record, arrays)
    for seed, target in finished.items():
        place(target, Path(folder) / f"seed{seed}")


def check(model: TopicModel, where: str, shape: tuple[int, int], num_topics: int, method: Method) -> None:
    """Raise a `TopicbenchError` unless a model obeys the contract in shape and numbers, and ended with a finite loss.

    What does not make a run worthless is counted instead: see `topicbench.metrics.degenerate`.

    Args:
        model: what was fitted.
        where: what it is called in messages.
        shape: N, V.
        num_topics: K as asked for.
        method: its class says what else it may do.
    """
    documents, words = shape
    topics = len(model.beta)
    most = num_topics if method.follows_num_topics else topics
    sums = model.theta.sum(axis=1)
    lost = epochs_without_loss(model.details)
    problems = (
        (not 0 < topics <= most, f"{topics} topics where at most {num_topics} were asked for"),
        (model.theta.shape != (documents, topics), f"theta is {model.theta.shape}, expected {(documents, topics)}"),
        (model.beta.shape != (topics, words), f"beta is {model.beta.shape}, expected V = {words}"),
        (not np.isfinite(model.theta).all(), "theta holds NaN or infinite values"),
        (not np.isfinite(model.beta).all(), "beta holds NaN or infinite values"),
        ((model.theta < 0).any(), "theta holds negative values"),
        (sums.max(initial=0) > 1 + 1e-3, "a row of theta sums to more than 1"),
        (not method.leaves_mass_out and sums.min(initial=1) < 1 - 1e-3, "a row of theta sums to less than 1"),
        (lost and lost[-1] == model.details.get("epochs_run", 0) - 1, "the final loss is infinite or NaN"),
    )
    for failed, problem in problems:
        if failed:
            raise TopicbenchError(where, problem, "the run is refused; try another seed or gentler settings")


def require_words(topics: Sequence[Sequence[str]], where: str) -> None:
    """Raise a `TopicbenchError` for a topic of fewer than two usable words: no metric can be computed of it."""
    for number, words in enumerate(topics):
        if len(words) < 2:
            raise TopicbenchError(
                where,
                f"topic {number} has {len(words)} usable words",
                "the topic has collapsed: try another seed, fewer topics or a larger vocabulary",
            )


def heldout_arrays(model: TopicModel, inputs: Inputs, documents: Documents, where: str) -> dict[str, np.ndarray]:
    """What is written of documents held out: which rows they are, and their topics where the method infers them.

    Returns:
        rows_heldout: M rows of the corpus. rows_fitted: N, those of theta. rows_fitted_sample: those of the latter that
        scores of the held-out documents are compared with. theta_heldout: M×K float32; 0×K where the method cannot
        infer.

    Raises:
        TopicbenchError: the topics inferred are no M×K of finite and non-negative numbers.
    """
    theta = np.zeros((0, len(model.beta)), np.float32)
    if model.infer is not None:
        theta = model.infer(select(inputs, documents.heldout))
        expected = (len(documents.heldout), len(model.beta))
        if theta.shape != expected or not np.isfinite(theta).all() or (theta < 0).any():
            raise TopicbenchError(
                where, f"topics of held-out documents are no {expected[0]}×{expected[1]} finite non-negative numbers"
            )
    return {
        "rows_heldout": documents.heldout,
        "rows_fitted": documents.rows,
        "rows_fitted_sample": documents.fitted_sample,
        "theta_heldout": theta.astype(np.float32),
    }
