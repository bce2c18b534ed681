"""Soft-label extraction against a plain transformers loop, and against the machine's matrix products."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import Any

import inputs
import numpy as np
import torch
from measure import Row, compared, growth, timed
from torch import nn

from topicbench.core.files import read_npy
from topicbench.features.hidden_states import extract
from topicbench.features.language_model import LoadedModel, load
from topicbench.features.prompts import prompt, tokenise
from topicbench.features.soft_labels import logits, read_head, vocabulary_tokens

BATCH_TOKENS = {"titles": 512, "posts": 1024}


def plain_loop(model: LoadedModel, texts: Sequence[str], words: np.ndarray, batch_size: int = 32) -> np.ndarray:
    """N×V logits as one writes them down: batches in arrival order, padded on the left, the whole output head."""
    tokenizer = model.tokenizer
    tokenizer.padding_side = "left"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    found = []
    for start in range(0, len(texts), batch_size):
        prompts = [prompt(inputs.instruction(), text) for text in texts[start : start + batch_size]]
        batch = tokenizer(prompts, return_tensors="pt", padding=True).to(model.device)
        with torch.no_grad():
            output = model.model(**batch)
        found.append(output.logits[:, -1, :][:, words].float().cpu().numpy())
    return np.concatenate(found)


def ours(model: LoadedModel, texts: Sequence[str], words: np.ndarray, batch_tokens: int) -> np.ndarray:
    """The same logits by the project, files and all."""
    with tempfile.TemporaryDirectory() as folder:
        extract(model, inputs.instruction(), texts, folder, batch_tokens=batch_tokens)
        return logits(read_npy(f"{folder}/hidden.npy"), read_head(inputs.model_folder()), words)


def products_rate(dtype: torch.dtype, size: int = 2048) -> float:
    """Floating-point operations per second of a large matrix product: what is taken as the machine's peak."""
    a, b = (torch.randn(size, size).to(dtype) for _ in range(2))
    a @ b
    return 2 * size**3 / min(timed(lambda: a @ b).cpu for _ in range(5))


class Counted:
    """Floating-point operations and shapes of the linear layers and of attention while the block runs."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model

    def __enter__(self) -> Counted:
        self.operations = 0
        self.shapes: dict[tuple[int, int, int], int] = {}
        config = self.model.config
        width = config.num_attention_heads * (config.hidden_size // config.num_attention_heads)

        def linear(module: nn.Linear, arguments: tuple[Any, ...]) -> None:
            rows = arguments[0].numel() // module.in_features
            self.operations += 2 * rows * module.in_features * module.out_features
            shape = (rows, module.in_features, module.out_features)
            self.shapes[shape] = self.shapes.get(shape, 0) + 1

        def layer(module: nn.Module, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
            states = arguments[0] if arguments else options["hidden_states"]
            batch, tokens = states.shape[:2]
            before = options["position_ids"].flatten()[0].item() if "position_ids" in options else 0
            # Each token attends to itself and what is before it: scores, and the sum of values.
            self.operations += 4 * batch * width * (tokens * before + tokens * (tokens + 1) // 2)

        modules = self.model.base_model.modules()
        self.hooks = [m.register_forward_pre_hook(linear) for m in modules if isinstance(m, nn.Linear)]
        self.hooks += [m.register_forward_pre_hook(layer, with_kwargs=True) for m in self.model.base_model.layers]
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self.hooks:
            hook.remove()


def shapes_rate(shapes: dict[tuple[int, int, int], int], dtype: torch.dtype) -> float:
    """Operations per second of just the linear layers' products, one after the other, in the model's shapes."""
    operations = seconds = 0.0
    for (rows, size_in, size_out), count in shapes.items():
        x, weight = torch.randn(rows, size_in).to(dtype), torch.randn(size_out, size_in).to(dtype)
        nn.functional.linear(x, weight)
        best = min(timed(lambda x=x, weight=weight: nn.functional.linear(x, weight)).cpu for _ in range(3))
        operations += count * 2 * rows * size_in * size_out
        seconds += count * best
    return operations / seconds


def run(sizes: Sequence[int], pairs: int) -> tuple[list[Row], list[dict[str, Any]], list[str]]:
    """Rows, growth and remarks."""
    model = load(inputs.model_folder(), "auto", "cpu")
    dtype = str(model.dtype).removeprefix("torch.")
    words = vocabulary_tokens(model.tokenizer, inputs.bags()[0]).ids
    texts = inputs.titles()[0]
    order = np.random.default_rng(2).permutation(len(texts))
    # Enough that what is done once for all of them does not decide.
    count = 1024
    few = [texts[row] for row in order[:count]]
    difference = np.abs(ours(model, few[:64], words, 512) - plain_loop(model, few[:64], words)).mean()
    rows = [
        compared(
            f"extraction, {count} StackOverflow titles, {dtype}",
            lambda: ours(model, few, words, BATCH_TOKENS["titles"]),
            lambda: plain_loop(model, few, words),
            pairs,
            goal=2.5,
            note=f"mean difference of the logits {difference:.3f}",
        )
    ]
    posts = inputs.posts()[:16]
    rows.append(
        compared(
            f"extraction, {len(posts)} posts of 200 words, {dtype}",
            lambda: ours(model, posts, words, BATCH_TOKENS["posts"]),
            lambda: plain_loop(model, posts, words),
            pairs,
        )
    )
    remarks = [_share_of_peak(model, posts, words, pairs)]
    growing = growth(
        f"extraction, titles (N / 20, {dtype})",
        [size // 20 for size in sizes],
        lambda size: lambda: ours(model, [texts[row] for row in order[:size]], words, BATCH_TOKENS["titles"]),
    )
    return rows, [growing], remarks


def _share_of_peak(model: LoadedModel, posts: Sequence[str], words: np.ndarray, pairs: int) -> str:
    with Counted(model.model) as counted:
        ours(model, posts, words, BATCH_TOKENS["posts"])
    peaks, rates = [], []
    for _ in range(pairs):
        peaks.append(products_rate(model.dtype))
        rates.append(counted.operations / timed(lambda: ours(model, posts, words, BATCH_TOKENS["posts"])).cpu)
    peak, rate, alone = np.median(peaks), np.median(rates), shapes_rate(counted.shapes, model.dtype)
    tokens = sum(map(len, tokenise(model.tokenizer, inputs.instruction(), posts).ids))
    return (
        f"Posts of 200 words: {tokens} tokens, {counted.operations / 1e9:.0f} GFLOP (linear layers and attention, "
        f"padding included); {rate / 1e9:.0f} GFLOP/s of {peak / 1e9:.0f} GFLOP/s, the rate of a 2048³ product of the "
        f"same dtype: {rate / peak:.0%}. The linear layers' products alone, in the model's shapes, reach "
        f"{alone / peak:.0%}."
    )
