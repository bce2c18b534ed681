"""The files of a run: written as one folder, checked by their hashes, and placed where the workflow expects them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from topicbench.core.files import link_or_copy, read_json, sha256_of, write_json, write_npy, written_beside
from topicbench.models.contract import TopicModel

FILES = ("theta.npy", "beta.npy", "topics.json", "run.json")
"""N×K and K×V float32, K lists of words, and the record of how they came about."""

HELDOUT_FILES = ("rows_fitted.npy", "rows_fitted_sample.npy", "rows_heldout.npy", "theta_heldout.npy")
"""What a run with held-out documents writes as well: see `topicbench.runs.fit.heldout_arrays`."""

FINISHED = ".finished"
"""Folder beside the runs of one fit where each of its seeds is kept as soon as it is finished.

Snakemake deletes the outputs of a job that failed, was killed or is run again; what lies here it does not know. The
outputs are hard links to these files where the file system has such.
"""


def write_run(
    target: str | Path,
    model: TopicModel,
    vocabulary: Sequence[str],
    top_words: int,
    record: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
) -> None:
    """Write a run's folder: `FILES`, where run.json is ``record``, what was obtained, and a hash of each other file.

    Each of the further ``arrays`` becomes a file of its name.
    """
    topics = model.top_words(vocabulary, top_words)
    with written_beside(target) as partial:
        write_npy(partial / "theta.npy", model.theta.astype(np.float32))
        write_npy(partial / "beta.npy", model.beta.astype(np.float32))
        for name, array in arrays.items():
            write_npy(partial / f"{name}.npy", array)
        write_json(partial / "topics.json", topics)
        obtained = {
            "documents_read": len(model.theta),
            "details": dict(model.details),
            "topics_obtained": len(topics),
            "topics_of_fewer_words": sum(len(words) < top_words for words in topics),
            "least_theta_sum": float(model.theta.sum(axis=1).min()),
            "topics_of_repeated_words": len(topics) - len({tuple(words) for words in topics}),
            "sha256": {path.name: sha256_of(path) for path in sorted(partial.iterdir())},
        }
        write_json(partial / "run.json", {**record, **obtained})


def is_whole(folder: str | Path, fingerprint: str) -> bool:
    """Whether a run of this ``fingerprint`` lies in ``folder``, every file as it was written."""
    folder = Path(folder)
    if not (folder / "run.json").is_file():
        return False
    record = read_json(folder / "run.json")
    hashes = record.get("sha256", {})
    return record.get("fingerprint") == fingerprint and all(
        (folder / name).is_file() and sha256_of(folder / name) == expected for name, expected in hashes.items()
    )


def place(kept: Path, target: Path) -> None:
    """Put the files of a finished run, and no others, where the workflow expects them."""
    shutil.rmtree(target, ignore_errors=True)
    for path in sorted(kept.iterdir()):
        link_or_copy(path, target / path.name)
