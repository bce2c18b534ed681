"""Facts and made-up scores for the tests of figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tests.support import synthetic
from topicbench.views.contract import About, Scores
from topicbench.views.frame import Row

METHODS = ("lda", "prodlda", "combinedtm", "zeroshottm", "etm", "bertopic", "ecrtm", "fastopic", "softlabel")
SETTINGS = {"temperature": 3.0, "kl_direction": "target_model"}


def methods(names: Iterable[str] = METHODS, **softlabel: Any) -> dict[str, dict[str, Any]]:
    """Facts of methods; ``softlabel``: settings of the soft-label model."""
    return {
        name: {
            "title": name,
            "needs": [],
            "settings": {**SETTINGS, **softlabel} if name == "softlabel" else {},
            "paper": {},
            "ours": name == "softlabel",
        }
        for name in names
    }


def about(experiment: str = "", **changes: Any) -> About:
    return synthetic.about(experiment, **{"methods": methods(), "num_topics": [10, 20], **changes})


def rows(names: Iterable[str] = METHODS, slms: Iterable[str] = ("smollm2",)) -> list[Row]:
    """One row per method, of the soft-label model one per language model."""
    titles = {"smollm2": "SmolLM2-135M", "ernie": "ERNIE-4.5-0.3B"}
    baselines = [synthetic.row(name, "default", name) for name in names if name != "softlabel"]
    return baselines + [synthetic.row("softlabel", slm, titles[slm], slm) for slm in slms]


def filled(scores: Scores, value: Callable[[Any], float]) -> Scores:
    """The scores with what ``value`` says of each row."""
    frame = scores.rows
    return synthetic.with_rows(scores, frame.assign(value=[value(row) for row in frame.itertuples()]))
