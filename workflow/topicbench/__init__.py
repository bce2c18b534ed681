"""Topicbench: reproducible evaluation of topic models.

The package holds all logic of the workflow and knows nothing of Snakemake. Each stage is a folder, from the ground up
``core``, ``corpora``, ``sources``, ``features``, ``models``, ``runs``, ``metrics``, ``statistics``, ``views``,
``experiments``, ``config``, ``plan`` and ``app``; an import may only point to a folder named before its own.
"""

from typing import Any

from topicbench.core.version import __version__ as __version__


def __getattr__(name: str) -> Any:
    # Lazily: the estimator's imports take a second, and the workflow has no use for them.
    if name == "SoftLabelTopicModel":
        from topicbench.app.estimator import SoftLabelTopicModel

        return SoftLabelTopicModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
