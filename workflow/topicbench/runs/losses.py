"""Epochs at which a run's loss was no finite number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def epochs_without_loss(details: Mapping[str, Any]) -> list[int]:
    """Epochs, from 0, at which one of a run's curves (``…_per_epoch``) has None: records hold no infinity."""
    curves = [curve for name, curve in details.items() if name.endswith("_per_epoch")]
    return sorted({epoch for curve in curves for epoch, value in enumerate(curve) if value is None})
