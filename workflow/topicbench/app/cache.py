"""Where the tool keeps what is costly to make and follows from its inputs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path


def cache_folder(chosen: str | Path | None = None) -> Path:
    """The folder chosen, else the user's cache folder (``$XDG_CACHE_HOME/topicbench`` on Linux)."""
    return Path(chosen) if chosen else user_cache_path("topicbench", appauthor=False)


def key(identity: Any) -> str:
    """A short name for plain values: the same values, the same name."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:20]
