"""Importing TopMost where torchvision is missing or broken.

TopMost imports torchvision for one function, the download of its own data, which is never used here. The release of
torchvision that pip picks does not load beside a CPU build of PyTorch.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

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
