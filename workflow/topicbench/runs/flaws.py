"""What a run obtained less than it was asked for: counted beside its metrics, marked in the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FLAWS: Mapping[str, str] = {
    "topics_missing": "fewer topics than K",
    "topics_of_repeated_words": "several topics with the same top words",
    "topics_of_fewer_words": "topics with too few usable words",
    "epochs_without_loss": "epochs whose loss is infinite or no number",
}
"""Flaws that do not stop a run, in words; each is a count, 0 for a run without it."""


def flaws(record: Mapping[str, Any]) -> dict[str, int]:
    """The count of each flaw, from a run's record; a control, which is not trained, has no curves."""
    return {
        "topics_missing": record["num_topics"] - record["topics_obtained"],
        "topics_of_repeated_words": record["topics_of_repeated_words"],
        "topics_of_fewer_words": record["topics_of_fewer_words"],
        "epochs_without_loss": len(epochs_without_loss(record.get("details", {}))),
    }


def epochs_without_loss(details: Mapping[str, Any]) -> list[int]:
    """Epochs, from 0, at which one of a run's curves (``…_per_epoch``) has None: records hold no infinity."""
    curves = [curve for name, curve in details.items() if name.endswith("_per_epoch")]
    return sorted({epoch for curve in curves for epoch, value in enumerate(curve) if value is None})
