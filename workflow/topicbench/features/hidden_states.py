"""The last hidden state of each document's prompt: the one costly computation of Topicbench, done once.

What makes it fast: the output head is never applied; prompts of like length share a batch, so that little is padding;
what all prompts begin with (the instruction) is computed once and kept in the key-value cache; equal prompts are
computed once. Padding is on the right: with causal attention the tokens before it do not see it.
"""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from tqdm import tqdm

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import write_json, write_npy, written_beside
from topicbench.features.language_model import TOLERANCE, LoadedModel
from topicbench.features.prompts import Prompts, tokenise


def extract(
    model: LoadedModel,
    instruction: str,
    texts: Sequence[str],
    folder: str | Path,
    *,
    document_ids: Sequence[Any] | None = None,
    max_document_tokens: int | None = None,
    batch_tokens: int = 4096,
    chunk_documents: int = 512,
) -> dict[str, Any]:
    """Write ``hidden.npy`` (N×D float32, row n for text n) and its record ``extraction.json`` into ``folder``.

    Finished chunks are kept in ``folder`` until all are done, so a job that is killed goes on where it stopped. Chunks
    of another model, prompt, corpus or setting are never used, and are removed.

    Args:
        model: a loaded language model.
        instruction: what it is asked about each document.
        texts: N raw documents.
        folder: where the two files go.
        document_ids: what error messages call the documents; row numbers if None.
        max_document_tokens: documents are cut after this many tokens; None: only where the context ends.
        batch_tokens: tokens per forward pass, padding included, the shared beginning of the prompts not.
        chunk_documents: documents per chunk.

    Returns:
        The record.

    Raises:
        TopicbenchError: a hidden state is not finite, or one document alone exceeds the device's memory.
    """
    folder = Path(folder)
    names = range(len(texts)) if document_ids is None else document_ids
    if not len(texts):
        raise TopicbenchError("corpus", "has no documents")
    prompts = tokenise(model.tokenizer, instruction, texts, model.context, max_document_tokens)
    settings = {"batch_tokens": batch_tokens, "chunk_documents": chunk_documents}
    print_ = _fingerprint(model, prompts, settings)
    chunks = folder / f"chunks-{print_}"
    for stale in folder.glob("chunks-*"):
        if stale != chunks:
            shutil.rmtree(stale)
    # Equal prompts are one computation; the longest come first, so that too little memory shows at once.
    rows, inverse = _distinct(prompts.ids)
    order = sorted(range(len(rows)), key=lambda i: (-len(prompts.ids[rows[i]]), i))
    parts = [order[start : start + chunk_documents] for start in range(0, len(order), chunk_documents)]
    todo = [number for number in range(len(parts)) if not _chunk_path(chunks, number).is_file()]
    computed = [len(prompts.ids[row]) - prompts.shared for row in rows]
    with tqdm(total=sum(computed), unit="token", unit_scale=True, desc="hidden states") as progress:
        progress.update(sum(computed[i] for number in set(range(len(parts))) - set(todo) for i in parts[number]))
        run = _Runner(model, prompts, batch_tokens) if todo else None
        for number in todo:
            start = time.perf_counter()
            states = run([rows[i] for i in parts[number]], [names[rows[i]] for i in parts[number]], progress.update)
            seconds = time.perf_counter() - start
            done = {"seconds": seconds, "prefix_cache": run.cache is not None, "batch_tokens": run.batch_tokens}
            _write_chunk(_chunk_path(chunks, number), states, done)
    distinct, facts = _assemble(chunks, parts)
    seconds = sum(fact["seconds"] for fact in facts)
    record = {
        "model": model.prepared["source"],
        "instruction": instruction,
        "documents": len(texts),
        "distinct_documents": len(rows),
        "truncated_documents": len(prompts.truncated),
        "max_document_tokens": max_document_tokens,
        "context": model.context,
        "prompt_tokens": sum(map(len, prompts.ids)),
        "computed_tokens": sum(computed),
        "shared_tokens": prompts.shared,
        "prefix_cache": all(fact["prefix_cache"] for fact in facts),
        "seconds": round(seconds, 3),
        "documents_per_second": round(len(texts) / seconds, 3),
        "dtype": str(model.dtype).removeprefix("torch."),
        "device": torch.cuda.get_device_name(model.device) if model.device.type == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
        "batch_tokens": batch_tokens,
        "smallest_batch_tokens": min(fact["batch_tokens"] for fact in facts),
        "chunk_documents": chunk_documents,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    write_json(folder / "extraction.json", record)
    write_npy(folder / "hidden.npy", distinct[inverse])
    shutil.rmtree(chunks)
    return record


def last_hidden_states(
    model: LoadedModel, prompts: Prompts, batch_tokens: int = 4096, names: Sequence[Any] | None = None
) -> np.ndarray:
    """The same without files, for few prompts: N×D float32, in the order of ``prompts.ids``."""
    rows = sorted(range(len(prompts.ids)), key=lambda row: (-len(prompts.ids[row]), row))
    run = _Runner(model, prompts, batch_tokens)
    states = run(rows, rows if names is None else [names[row] for row in rows], lambda tokens: None)
    result = np.empty_like(states)
    result[rows] = states
    return result


def _fingerprint(model: LoadedModel, prompts: Prompts, settings: dict[str, Any]) -> str:
    digest = hashlib.sha256()
    identity = [model.prepared, settings, str(model.dtype), model.device.type, torch.__version__, prompts.shared]
    digest.update(json.dumps([*identity, transformers.__version__], sort_keys=True).encode())
    for ids in prompts.ids:
        digest.update(np.array([len(ids), *ids], dtype=np.int64).tobytes())
    return digest.hexdigest()[:16]


def _distinct(ids: Sequence[list[int]]) -> tuple[list[int], np.ndarray]:
    """First row of each distinct prompt, and for each row which of these it equals."""
    first: dict[tuple[int, ...], int] = {}
    inverse = np.array([first.setdefault(tuple(tokens), len(first)) for tokens in ids])
    rows = np.unique(inverse, return_index=True)[1].tolist()
    return rows, inverse


def _chunk_path(chunks: Path, number: int) -> Path:
    return chunks / f"{number:06d}.npz"


def _write_chunk(path: Path, states: np.ndarray, facts: dict[str, Any]) -> None:
    with written_beside(path) as partial, open(partial, "wb") as file:
        np.savez(file, hidden=states, facts=np.array(json.dumps(facts)))


def _assemble(chunks: Path, parts: Sequence[Sequence[int]]) -> tuple[np.ndarray, list[dict[str, Any]]]:
    hidden: np.ndarray | None = None
    facts = []
    for number, part in enumerate(parts):
        with np.load(_chunk_path(chunks, number), allow_pickle=False) as chunk:
            states = chunk["hidden"]
            facts.append(json.loads(str(chunk["facts"])))
        if hidden is None:
            hidden = np.empty((sum(map(len, parts)), states.shape[1]), dtype=np.float32)
        hidden[part] = states
    return hidden, facts


@dataclass
class _Runner:
    """Runs prompts in batches; keeps the cache of their shared beginning and the batch size that fits the memory."""

    model: LoadedModel
    prompts: Prompts
    batch_tokens: int

    def __post_init__(self) -> None:
        self.cache = self._prefix_cache() if self.prompts.shared else None

    def __call__(self, rows: Sequence[int], names: Sequence[Any], done: Callable[[int], Any]) -> np.ndarray:
        """Last hidden states of ``rows``, float32, in their order; ``rows`` should be of falling length."""
        states = []
        pending = list(rows)
        while pending:
            batch = self._next_batch(pending)
            try:
                states.append(self._forward(batch, self.cache))
            except torch.cuda.OutOfMemoryError:
                if len(batch) == 1:
                    tokens = len(self.prompts.ids[batch[0]])
                    raise TopicbenchError(
                        f"document {names[len(rows) - len(pending)]}",
                        f"its prompt of {tokens} tokens exceeds the memory of the device",
                        "set max_document_tokens, or use a device with more memory",
                    ) from None
                self.batch_tokens = max(1, self.batch_tokens // 2)
                torch.cuda.empty_cache()
                continue
            for row, state in zip(batch, states[-1], strict=True):
                if not np.isfinite(state).all():
                    raise TopicbenchError(
                        f"document {names[list(rows).index(row)]}",
                        f"the language model's hidden state is not finite in {self.model.dtype}",
                        "use dtype float32 or bfloat16, or look at the document",
                    )
            pending = pending[len(batch) :]
            done(sum(len(self.prompts.ids[row]) - self.prompts.shared for row in batch))
        return np.concatenate(states)

    def _next_batch(self, pending: Sequence[int]) -> Sequence[int]:
        shared = self.prompts.shared if self.cache is not None else 0
        longest, count = 0, 0
        for row in pending:
            longest = max(longest, len(self.prompts.ids[row]) - shared)
            if count and longest * (count + 1) > self.batch_tokens:
                break
            count += 1
        return pending[:count]

    @torch.inference_mode()
    def _forward(self, rows: Sequence[int], cache: Any) -> np.ndarray:
        start = self.prompts.shared if cache is not None else 0
        sequences = [torch.tensor(self.prompts.ids[row][start:]) for row in rows]
        # The value of the padding is of no account: nothing before it attends to it.
        ids = torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True, padding_value=0).to(self.model.device)
        options: dict[str, Any] = {"use_cache": False}
        if cache is not None:
            expanded = copy.deepcopy(cache)
            expanded.batch_repeat_interleave(len(rows))
            options = {"past_key_values": expanded, "use_cache": True}
        output = self.model.model.base_model(input_ids=ids, **options).last_hidden_state
        last = torch.tensor([len(sequence) - 1 for sequence in sequences], device=output.device)
        return output[torch.arange(len(rows), device=output.device), last].float().cpu().numpy()

    def _prefix_cache(self) -> Any:
        """Cache of the shared tokens, or None for a model with which it does not work."""
        rows = _shortest_two_lengths(self.prompts.ids)
        try:
            plain = self._forward(rows, None)
            with torch.inference_mode():
                ids = torch.tensor([self.prompts.ids[rows[0]][: self.prompts.shared]], device=self.model.device)
                cache = self.model.model.base_model(input_ids=ids, use_cache=True).past_key_values
            cached = self._forward(rows, cache)
        except (AttributeError, NotImplementedError, TypeError, ValueError, RuntimeError, IndexError):
            return None
        bound = 10 * TOLERANCE[self.model.dtype] * np.abs(plain).max()
        return cache if np.abs(cached - plain).max() <= bound else None


def _shortest_two_lengths(ids: Sequence[list[int]]) -> list[int]:
    # A trial on short prompts is cheap; two lengths, where there are, so that it has padding in it.
    by_length = sorted(range(len(ids)), key=lambda row: len(ids[row]))
    longer: Iterable[int] = (row for row in by_length if len(ids[row]) > len(ids[by_length[0]]))
    return [by_length[0], next(iter(longer), by_length[0])]
