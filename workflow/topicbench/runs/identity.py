"""What a run was made from: the fingerprint that decides whether it is still valid, library versions, hardware."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from topicbench.core.code import code_hash
from topicbench.core.files import sha256_of
from topicbench.models.contract import Method
from topicbench.runs.documents import Documents

LIBRARIES: Mapping[str, Sequence[str]] = {
    "octis": ("octis", "gensim", "torch", "numpy", "scikit-learn"),
    "bertopic": ("bertopic", "umap-learn", "hdbscan", "scikit-learn", "numpy", "numba"),
    "topmost": ("topmost", "fastopic", "torch", "numpy"),
    "slm": ("torch", "scikit-learn", "numpy"),
    "rivals": ("tomotopy", "turftopic", "top2vec", "umap-learn", "hdbscan", "scikit-learn", "numpy"),
    "analysis": ("numpy", "scipy"),
}
"""Distributions whose versions a run records, by the method's environment."""

READING = ("topicbench.corpora.vocabulary", "topicbench.runs.documents")
"""Modules beside the method's that decide what a method reads."""


def fingerprint(
    method: Method, num_topics: int, seed: int, inputs: Sequence[str], documents: Documents, top_words: int
) -> str:
    """SHA-256 of whatever, if changed, would change what a run writes: settings, code, inputs, library versions.

    Args:
        method: with its settings.
        num_topics: K.
        seed: of the run.
        inputs: SHA-256 of its input files, as `input_hashes` gives them.
        documents: which of them it reads.
        top_words: words per topic.
    """
    identity = {
        "method": method.name,
        "settings": method.model_dump(mode="json"),
        "code": method_code(type(method)),
        "num_topics": num_topics,
        "seed": seed,
        "documents": documents.name,
        "heldout": documents.split,
        "inputs": list(inputs),
        "top_words": top_words,
        "versions": versions(method),
    }
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def method_code(method: type[Method]) -> str:
    """Hash of the code that decides what ``method`` computes from its input files: all that its module imports too."""
    return code_hash(method.__module__, *READING)


def input_hashes(files: Sequence[str | Path]) -> list[str]:
    """SHA-256 of each file, in the order of their paths: wherever the files lie, the same contents give the same.

    Of a run's folder the arrays count; its record says how long it took.
    """
    found = (sorted(path.glob("*.npy")) if path.is_dir() else [path] for path in sorted(map(Path, files)))
    return [sha256_of(file) for each in found for file in each]


def versions(method: Method) -> dict[str, str]:
    """Versions of Python and of the libraries that ``method`` runs in."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES.get(method.environment, ()):
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "not installed"
    return found


def hardware() -> dict[str, str]:
    """Architecture, operating system and processor of this machine."""
    return {"machine": platform.machine(), "system": platform.system(), "processor": processor()}


def processor() -> str:
    """The processor's name as Linux tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"
