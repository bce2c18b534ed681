"""Sentence embeddings of the documents, for the contextual baselines (Appendix D)."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.features import packaged
from topicbench.features.section import Encoder


def embed(spec: Encoder, texts: Sequence[str], root: str | Path = ".", progress: bool = True) -> np.ndarray:
    """Embeddings of the texts, as the model gives them: scaled to unit length only where the model itself does so.

    An empty text is allowed; its embedding is the model's for "".

    Args:
        spec: the encoder. A package's or a folder's is loaded without a look at the Hub.
        texts: N documents.
        root: folder that ``spec.folder`` is relative to.
        progress: show a progress bar on standard error.

    Returns:
        N×E float32, in the order of the texts. A text longer than the model reads is cut by the model.

    Raises:
        TopicbenchError: no texts, something that is not a string, a model that cannot be loaded, or NaN.
    """
    if len(texts) == 0:
        raise TopicbenchError(f"encoder {spec.name}", "there are no texts to encode")
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise TopicbenchError(f"encoder {spec.name}, text in row {row}", f"expected a string, got {text!r}")
    model = _load(spec, Path(root))
    embeddings = model.encode(
        [*texts],
        batch_size=spec.batch_size,
        show_progress_bar=progress,
        convert_to_numpy=True,
    ).astype(np.float32, copy=False)
    broken = np.flatnonzero(~np.isfinite(embeddings).all(axis=1))
    if len(broken):
        raise TopicbenchError(
            f"encoder {spec.name}, text in row {broken[0]}",
            f"its embedding holds NaN or infinity ({len(broken)} such texts)",
            "use another model or revision",
        )
    return np.ascontiguousarray(embeddings)


def record(spec: Encoder, embeddings: np.ndarray) -> dict[str, Any]:
    """What was encoded by what: the model's source, the array's shape, how many vectors differ, versions."""
    import torch

    return {
        "encoder": spec.model_dump(mode="json"),
        "package_version": packaged.version(spec.package) if spec.package else None,
        "documents": len(embeddings),
        "dimensions": embeddings.shape[1],
        "distinct_embeddings": len(np.unique(embeddings, axis=0)),
        "mean_norm": float(np.linalg.norm(embeddings, axis=1).mean()),
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "versions": {name: version(name) for name in ("sentence-transformers", "transformers", "torch")},
    }


def _load(spec: Encoder, root: Path) -> Any:
    if spec.package:
        source, local = str(packaged.locate(spec.package)), True
    elif spec.folder:
        source, local = str(root / spec.folder), True
    else:
        source, local = spec.hub, False
    if local and not Path(source).is_dir():
        raise TopicbenchError(source, "folder of the sentence encoder not found", "check encoder in the configuration")
    if local:
        _require_no_pickle(Path(source))
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(
            str(source),
            revision=spec.revision,
            trust_remote_code=spec.trust_remote_code,
            local_files_only=local,
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError, ImportError) as error:
        reason = str(error).strip().split("\n")[0]
        raise TopicbenchError(
            source,
            f"sentence encoder cannot be loaded: {reason}",
            "check the folder" if local else "check name and revision, or fetch the model and name its folder instead",
        ) from error


def _require_no_pickle(folder: Path) -> None:
    """Raise a `TopicbenchError` for a module of the model whose weights are a pickle and not safetensors."""
    for path in sorted(folder.rglob("pytorch_model*.bin")):
        if not any(path.parent.glob("*.safetensors")):
            raise TopicbenchError(
                path,
                "the encoder's weights are a pickle, which can run any code when it is loaded",
                "save the model as safetensors where you trust it (SentenceTransformer(...).save_pretrained), and "
                "name that folder",
            )
