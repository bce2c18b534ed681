"""Training TopMost's models, and importing it where torchvision is missing or broken.

TopMost imports torchvision for one function, the download of its own data, which is never used here. The release of
torchvision that pip picks does not load beside a CPU build of PyTorch.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from topicbench.models._common import record_batches

PACKAGES = ("torchvision", "torchvision.datasets", "torchvision.datasets.utils")


def import_topmost() -> ModuleType:
    """The package topmost: with a working torchvision where there is one, else with a stand-in while it is imported."""
    if "topmost" in sys.modules:
        return sys.modules["topmost"]
    # Both ask whether there is a torchvision when first imported; they must not find the stand-in.
    importlib.import_module("transformers")
    importlib.import_module("sentence_transformers")
    with contextlib.nullcontext() if _torchvision_works() else _stand_in():
        return importlib.import_module("topmost")


def train(
    network: Any, rows: Any, vocabulary: Sequence[str], training: Mapping[str, Any]
) -> tuple[Any, np.ndarray, np.ndarray, list]:
    """Train a network of TopMost's by its own trainer.

    Args:
        network: on the device it is trained on.
        rows: tensor of one row per document, on the same device; it serves as a data set.
        vocabulary: V words.
        training: settings of the trainer, among them ``batch_size``.

    Returns:
        The trainer, whose ``test`` gives θ of other rows; θ, N×K; β, K×V; what `record_batches` recorded.
    """
    from torch.utils.data import DataLoader

    loader = DataLoader(rows, batch_size=training["batch_size"], shuffle=True)
    corpus = SimpleNamespace(train_data=rows, vocab=[*vocabulary], train_dataloader=loader)
    batches = record_batches(network)
    trainer = import_topmost().BasicTrainer(network, corpus, **training)
    _, theta = trainer.train()
    return trainer, theta, trainer.get_beta(), batches


def _torchvision_works() -> bool:
    try:
        importlib.import_module("torchvision.datasets.utils")
    except (ImportError, RuntimeError, OSError, AttributeError):
        # A half-imported torchvision would be found by the next who asks.
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        return False
    return True


@contextlib.contextmanager
def _stand_in() -> Iterator[None]:
    def download_url(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("TopMost's downloads need torchvision, which is not installed or does not load")

    modules = {}
    for name in PACKAGES:
        module = ModuleType(name)
        module.__spec__ = ModuleSpec(name, loader=None, is_package=True)
        module.__path__ = []
        modules[name] = module
    vars(modules[PACKAGES[-1]])["download_url"] = download_url
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name in PACKAGES:
            sys.modules.pop(name, None)
