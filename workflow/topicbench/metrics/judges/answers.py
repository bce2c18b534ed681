"""A judge's answers on disk, by content, so that no topic is ever rated twice.

An answer lies in ``{folder}/{first two digits}/{digest}.json``; the digest is that of the judge's identity, the
system prompt and the words in their order. The file repeats them, so that a person can read it and a wrong one shows.
Files appear whole or not at all, and two processes that store one answer at once leave one of the two.

A damaged entry is an error and not a missing one. As entries are written whole, damage comes from outside; asking
again would hide it, could cost money, and could give another rating than the one already in a table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json, write_json
from topicbench.metrics.judges.prompt import SYSTEM_PROMPT


def entry_path(folder: str | Path, identity: Mapping[str, Any], words: Sequence[str]) -> Path:
    """Where the rating of ``words`` by the judge ``identity`` lies."""
    text = json.dumps(_question(identity, words), sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Path(folder) / digest[:2] / f"{digest}.json"


def get(folder: str | Path, identity: Mapping[str, Any], words: Sequence[str]) -> float | None:
    """The stored rating, or None.

    Raises:
        TopicbenchError: the entry is damaged, or answers another question.
    """
    path = entry_path(folder, identity, words)
    if not path.exists():
        return None
    entry = read_json(path)
    rating = entry.get("rating") if isinstance(entry, dict) else None
    whole = isinstance(rating, int | float) and not isinstance(rating, bool) and 1 <= rating <= 3
    if not whole or any(entry.get(key) != value for key, value in _question(identity, words).items()):
        raise TopicbenchError(
            path, f"is not a rating of the topic '{', '.join(words)}'", "delete it, and the topic is rated again"
        )
    return float(rating)


def put(folder: str | Path, identity: Mapping[str, Any], words: Sequence[str], rating: float, answer: Any) -> float:
    """Store a rating with the ``answer`` it was read from; the rating that counts: one stored meanwhile stays."""
    stored = get(folder, identity, words)
    if stored is None:
        entry = {**_question(identity, words), "answer": answer, "rating": rating}
        write_json(entry_path(folder, identity, words), entry)
        return rating
    return stored


def _question(identity: Mapping[str, Any], words: Sequence[str]) -> dict[str, Any]:
    return {"judge": dict(identity), "system_prompt": SYSTEM_PROMPT, "words": list(words)}
