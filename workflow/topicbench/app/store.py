"""A fitted model on disk: ``model.json``, ``vocabulary.txt`` and ``arrays.safetensors``, none of which is executed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json, read_lines, sha256_of, write_json, write_text, written_beside
from topicbench.core.version import __version__

FORMAT = 1
"""Raised when what is written changes so that an older version cannot read it, or it cannot be read as before."""

FILES = ("vocabulary.txt", "arrays.safetensors")


def save(folder: str | Path, facts: Mapping[str, Any], vocabulary: list[str], arrays: Mapping[str, np.ndarray]) -> None:
    """Write a model. ``model.json`` comes last and has the checksums of the others: with it, all are whole."""
    from safetensors.numpy import save_file

    folder = Path(folder)
    (folder / "model.json").unlink(missing_ok=True)
    write_text(folder / FILES[0], "".join(f"{word}\n" for word in vocabulary))
    with written_beside(folder / FILES[1]) as partial:
        save_file({name: np.ascontiguousarray(array) for name, array in sorted(arrays.items())}, partial)
    sums = {name: sha256_of(folder / name) for name in FILES}
    write_json(folder / "model.json", {"format": FORMAT, "topicbench": __version__, "files": sums, **facts})


def load(folder: str | Path) -> tuple[dict[str, Any], list[str], dict[str, np.ndarray]]:
    """What `save` wrote: facts, vocabulary, arrays.

    Raises:
        TopicbenchError: no model there, one of another format, or a file that is missing or changed.
    """
    from safetensors.numpy import load_file

    folder = Path(folder)
    if not (folder / "model.json").is_file():
        raise TopicbenchError(folder, "holds no model.json", "give the folder 'model' that `topics` wrote")
    facts = read_json(folder / "model.json")
    if not isinstance(facts, dict) or "format" not in facts:
        raise TopicbenchError(folder / "model.json", "is not the description of a model")
    if facts["format"] != FORMAT:
        raise TopicbenchError(
            folder,
            f"has format {facts['format']}, and this version of Topicbench ({__version__}) reads format {FORMAT}",
            f"it was written by Topicbench {facts.get('topicbench', 'unknown')}: use that version, or fit again",
        )
    for name in FILES:
        if not (folder / name).is_file():
            raise TopicbenchError(folder / name, "file not found", "copy the whole folder of the model")
        if sha256_of(folder / name) != facts["files"][name]:
            raise TopicbenchError(folder / name, "is not the file that was written", "copy the whole folder again")
    return facts, read_lines(folder / FILES[0]), load_file(folder / FILES[1])
