"""Fitting all seeds of one configuration of a method, and recording what each run did."""

from __future__ import annotations

import hashlib
import inspect
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json, sha256_of, write_json, write_npy, written_beside
from topicbench.core.jobs import PeakMemory
from topicbench.core.protocol import Protocol
from topicbench.models import contract as base
from topicbench.models.contract import Inputs, Method, TopicModel
from topicbench.runs.losses import epochs_without_loss

LIBRARIES = {
    "octis": ("octis", "gensim", "torch", "numpy", "scikit-learn"),
    "bertopic": ("bertopic", "umap-learn", "hdbscan", "scikit-learn", "numpy", "numba"),
    "topmost": ("topmost", "fastopic", "torch", "numpy"),
    "slm": ("torch", "numpy"),
}
"""Distributions whose versions a run records, by the method's environment."""


@dataclass(frozen=True)
class Documents:
    """Which rows of the corpus a run reads.

    Attributes:
        name: "all", or what the documents have in common, joined by "-": "kept", with a vocabulary word; "distinct",
            without copies of an earlier document.
        rows: the numbers of those the method is fitted to, ascending.
        heldout: of documents whose topics are inferred afterwards; None where none are held out.
        compared: about as many of ``rows``, for scores of collections of one size.
        split: share and seed of the documents held out.
    """

    name: str
    rows: np.ndarray
    heldout: np.ndarray | None = None
    compared: np.ndarray | None = None
    split: tuple[float, int] | None = None


def documents_of(method: Method, protocol: Protocol, kept: np.ndarray, distinct: np.ndarray) -> Documents:
    """The documents a method gets (SPEC section 7, "documents without vocabulary words" and "duplicates").

    The paper's code drops documents without a vocabulary word for the baselines and keeps them for its own model; the
    protocol's ``documents: same`` gives every method the same, kept, documents.

    Args:
        method: what is fitted.
        protocol: its switches ``documents`` and ``duplicates`` decide.
        kept: N, whether a document has a vocabulary word.
        distinct: N, whether no earlier document has the same text.
    """
    parts = ["kept"] if method.reads_bag_of_words or protocol.documents == "same" else []
    parts += ["distinct"] if protocol.duplicates == "drop" and not distinct.all() else []
    name = "-".join(parts) or "all"
    return Documents(name, np.flatnonzero(mask_of(name, kept, distinct)))


def mask_of(name: str, kept: np.ndarray, distinct: np.ndarray) -> np.ndarray:
    """Which of the N documents a name of `Documents` means."""
    masks = {"all": np.ones_like(kept), "kept": kept, "distinct": distinct}
    return np.logical_and.reduce([masks[part] for part in name.split("-")])


def held_out(documents: Documents, total: int, split: Sequence[float] | None) -> Documents:
    """``documents`` without a share of the corpus, the same for all methods: a draw of rows, which knows no labels.

    Args:
        documents: what the method would get.
        total: N, the documents of the corpus.
        split: share and seed; None: nothing is held out.

    Raises:
        TopicbenchError: fewer than two documents on one side.
    """
    if split is None:
        return documents
    share, seed = float(split[0]), int(split[1])
    order = np.random.default_rng(seed).permutation(total)
    size = round(share * total)
    mine = np.zeros(total, dtype=bool)
    mine[documents.rows] = True
    heldout, seen, compared = (
        np.sort(rows[mine[rows]]) for rows in (order[:size], order[size:], order[size : 2 * size])
    )
    if min(len(heldout), len(seen)) < 2:
        raise TopicbenchError(
            "experiments.heldout.share",
            f"{share:g} of {total} documents leaves {len(seen)} to fit and {len(heldout)} held out",
            "choose another share, or a larger corpus",
        )
    return Documents(documents.name, seen, heldout, compared, (share, seed))


def select(inputs: Inputs, rows: np.ndarray) -> Inputs:
    """The same inputs for a subset of the documents."""

    def of(array: np.ndarray | None) -> np.ndarray | None:
        return None if array is None else array[rows]

    return replace(
        inputs,
        bow=inputs.bow[rows],
        texts=[inputs.texts[row] for row in rows],
        embeddings=of(inputs.embeddings),
        vocabulary_logits=of(inputs.vocabulary_logits),
        surface_forms=of(inputs.surface_forms),
        hidden_states=of(inputs.hidden_states),
    )


def source_hash(method: type[Method]) -> str:
    """Hash of the code that decides what a method computes: its file, its parents', the contract's, the helpers'."""
    folder = Path(base.__file__).parent
    parents = [parent for parent in method.__mro__ if parent.__module__.startswith(f"{base.__package__}.")]
    own = dict.fromkeys(Path(inspect.getfile(parent)) for parent in parents)
    files = [*own, folder / "contract.py", *sorted(folder.glob("_*.py"))]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def input_hashes(files: Sequence[str | Path]) -> list[str]:
    """SHA-256 of each input file, in the order of their paths: what a run was made from, wherever it lies."""
    return [sha256_of(file) for file in sorted(map(str, files))]


def fingerprint(
    method: Method,
    num_topics: int,
    seed: int,
    inputs: Sequence[str],
    documents: str,
    split: tuple[float, int] | None = None,
) -> str:
    """Identity of a run: whatever, if changed, would change its result.

    ``inputs`` are as `input_hashes` gives them; ``documents`` and ``split`` are the name and split of `Documents`.
    """
    identity = {
        "method": method.name,
        "settings": method.model_dump(mode="json"),
        "source": source_hash(type(method)),
        "num_topics": num_topics,
        "seed": seed,
        "documents": documents,
        "inputs": list(inputs),
        "versions": versions(method),
    }
    if split is not None:
        identity["heldout"] = split
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def versions(method: Method) -> dict[str, str]:
    found = {"python": platform.python_version()}
    for library in LIBRARIES.get(method.environment, ()):
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "not installed"
    return found


def check(
    model: TopicModel,
    where: str,
    documents: int,
    vocabulary_size: int,
    num_topics: int,
    leaves_mass_out: bool = False,
) -> None:
    """Raise a `TopicbenchError` unless a model obeys the contract in shape and numbers, and ended with a finite loss.

    What does not make a run worthless is counted instead: see `topicbench.metrics.degenerate`.
    """
    topics = len(model.beta)
    sums = model.theta.sum(axis=1)
    lost = epochs_without_loss(model.details)
    problems = (
        (not 0 < topics <= num_topics, f"{topics} topics where at most {num_topics} were asked for"),
        (model.theta.shape != (documents, topics), f"theta is {model.theta.shape}, expected {(documents, topics)}"),
        (model.beta.shape != (topics, vocabulary_size), f"beta is {model.beta.shape}, expected V = {vocabulary_size}"),
        (not np.isfinite(model.theta).all(), "theta holds NaN or infinite values"),
        (not np.isfinite(model.beta).all(), "beta holds NaN or infinite values"),
        ((model.theta < 0).any(), "theta holds negative values"),
        (sums.max(initial=0) > 1 + 1e-3, "a row of theta sums to more than 1"),
        (not leaves_mass_out and sums.min(initial=1) < 1 - 1e-3, "a row of theta sums to less than 1"),
        (lost and lost[-1] == model.details.get("epochs_run", 0) - 1, "the loss ended infinite or as no number"),
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


def fit_runs(
    method: Method,
    inputs: Inputs,
    documents: Documents,
    num_topics: int,
    seeds: Sequence[int],
    folder: str | Path,
    input_files: Sequence[str | Path],
    top_words: int,
    context: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Fit every seed and write ``folder/seed{seed}/``; a run that is there already with the same identity is kept.

    Args:
        method: the method with its settings.
        inputs: of all N documents of the corpus.
        documents: which of them the method gets.
        num_topics: K.
        seeds: one run each; a run's result does not depend on the others.
        folder: where the runs lie.
        input_files: files the inputs were read from, for the run's identity.
        top_words: words per topic written to topics.json.
        context: what else the record should say (corpus, variant, protocol, …).

    Returns:
        One manifest entry per seed: seed, folder and fingerprint.
    """
    where = f"{context['corpus']}, {method.name}, K = {num_topics}"
    if num_topics > len(documents.rows):
        raise TopicbenchError(where, f"more topics than documents ({len(documents.rows)})", "lower num_topics")
    selected = select(inputs, documents.rows)
    held = 0 if documents.heldout is None else len(documents.heldout)
    # Once for all seeds: the logits of a large corpus are hundreds of megabytes.
    inputs_read = input_hashes(input_files)
    manifest = []
    for seed in seeds:
        target = Path(folder) / f"seed{seed}"
        identity = fingerprint(method, num_topics, seed, inputs_read, documents.name, documents.split)
        if _is_whole(target, identity):
            print(f"{target}: already there", flush=True)
        else:
            print(f"{target}: fitting", flush=True)
            with PeakMemory() as peak:
                model = method.fit(selected, num_topics, seed)
            run = f"{where}, seed {seed}"
            check(model, run, len(documents.rows), len(inputs.vocabulary), num_topics, method.leaves_mass_out)
            require_words(model.top_words(inputs.vocabulary, top_words), run)
            record = {
                **context,
                "method": method.name,
                "num_topics": num_topics,
                "seed": seed,
                "fingerprint": identity,
                "settings": method.model_dump(mode="json"),
                "documents": documents.name,
                "documents_left_out": len(inputs.texts) - len(documents.rows) - held,
                "seconds": peak.seconds,
                "peak_memory_mb": peak.megabytes,
                "versions": versions(method),
                "hardware": {"machine": platform.machine(), "system": platform.system(), "processor": processor()},
            }
            arrays = {}
            if documents.heldout is not None:
                arrays = heldout_arrays(model, inputs, documents, run)
                record["heldout"] = {
                    "share": documents.split[0],
                    "split_seed": documents.split[1],
                    "documents": held,
                    "inferred": model.infer is not None,
                }
            write_run(target, model, inputs.vocabulary, top_words, record, arrays)
        manifest.append({"seed": seed, "folder": str(target), "fingerprint": identity})
    return manifest


def heldout_arrays(model: TopicModel, inputs: Inputs, documents: Documents, where: str) -> dict[str, np.ndarray]:
    """What is written of documents held out: which rows they are, and their topics where the method infers them.

    Returns:
        rows_heldout: M rows of the corpus. rows_fitted: N, those of theta. rows_compared: those of the latter that
        scores of the held-out documents are compared with. theta_heldout: M×K float32.

    Raises:
        TopicbenchError: the topics inferred are no M×K of finite and non-negative numbers.
    """
    arrays = {"rows_heldout": documents.heldout, "rows_fitted": documents.rows, "rows_compared": documents.compared}
    if model.infer is not None:
        theta = model.infer(select(inputs, documents.heldout))
        expected = (len(documents.heldout), len(model.beta))
        if theta.shape != expected or not np.isfinite(theta).all() or (theta < 0).any():
            raise TopicbenchError(
                where, f"topics of held-out documents are no {expected[0]}×{expected[1]} finite non-negative numbers"
            )
        arrays["theta_heldout"] = theta.astype(np.float32)
    return arrays


def write_run(
    target: str | Path,
    model: TopicModel,
    vocabulary: Sequence[str],
    top_words: int,
    record: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray] | None = None,
) -> None:
    """Write a run's folder: theta.npy, beta.npy, topics.json, and run.json of ``record`` and what was obtained.

    Each of the further ``arrays`` becomes a file of its name.
    """
    topics = model.top_words(vocabulary, top_words)
    obtained = {
        "documents_read": len(model.theta),
        "details": dict(model.details),
        "topics_obtained": len(topics),
        "topics_of_fewer_words": sum(len(words) < top_words for words in topics),
        "least_theta_sum": float(model.theta.sum(axis=1).min()),
        "topics_of_repeated_words": len(topics) - len({tuple(words) for words in topics}),
    }
    with written_beside(target) as partial:
        write_npy(partial / "theta.npy", model.theta.astype(np.float32))
        write_npy(partial / "beta.npy", model.beta.astype(np.float32))
        for name, array in (arrays or {}).items():
            write_npy(partial / f"{name}.npy", array)
        write_json(partial / "topics.json", topics)
        write_json(partial / "run.json", {**record, **obtained})


def _is_whole(target: Path, identity: str) -> bool:
    # The folder was renamed into place after all its files were written, so one record speaks for all of them.
    record = target / "run.json"
    return record.is_file() and read_json(record).get("fingerprint") == identity


def processor() -> str:
    """The processor's name as Linux tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"
