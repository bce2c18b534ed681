"""Where the data files that come with Topicbench lie."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def data_file(name: str) -> Path:
    """Path of a file of ``data/``: in the package where it was installed from a wheel, in the checkout otherwise.

    A wheel holds ``wikipedia_en_sample.parquet`` only; of others, and where neither is there, the checkout's path.
    """
    installed = PACKAGE / "data" / name
    return installed if installed.exists() else PACKAGE.parents[1] / "data" / name
