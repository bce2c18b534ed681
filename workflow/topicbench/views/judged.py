"""What the judge is worth, measured on control topics, for captions and column headings to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from topicbench.config.schema import Config
from topicbench.core.files import read_json
from topicbench.metrics.judges.check import INFORMATIVE_AUC

MARK = "†"


class JudgedConfig(Config):
    """A configuration together with how well its judge tells coherent control topics from shuffled ones."""

    judge_auc: float | None
    judge_pairs: int


def judged(config: Mapping[str, Any], calibration: Sequence[str | Path]) -> Config:
    """The configuration with what ``calibration`` (no file, or one) says of its judge."""
    if not calibration:
        return Config.model_validate(config)
    measured = read_json(calibration[0])
    return JudgedConfig.model_validate({**config, "judge_auc": measured["auc"], "judge_pairs": measured["n"]})


def mark(config: Config, metric: str) -> str:
    """A dagger for the rating of a judge that is not informative, to stand behind the metric's title."""
    doubtful = isinstance(config, JudgedConfig) and (config.judge_auc is None or config.judge_auc < INFORMATIVE_AUC)
    return MARK if metric == "llm_rating" and doubtful else ""


def worth(config: Config) -> str:
    """What the caption says of the judge; empty where it was not tested."""
    if not isinstance(config, JudgedConfig):
        return ""
    if config.judge_auc is None:
        return (
            " (the vocabularies are too small for control topics to test the judge on: the column marked "
            f"{MARK} is not informative)"
        )
    verdict = (
        f"above the {INFORMATIVE_AUC:g} from which a judge counts as informative"
        if config.judge_auc >= INFORMATIVE_AUC
        else f"below {INFORMATIVE_AUC:g}: the column marked {MARK} is not informative"
    )
    return (
        f" (the judge tells {config.judge_pairs} coherent from as many shuffled word sets of the reference corpus with "
        f"an area under the ROC curve of {config.judge_auc:.2f}, {verdict})"
    )
