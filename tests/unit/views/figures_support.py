"""A configuration and made-up scores for the tests of figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from topicbench.config.schema import Config
from topicbench.experiments.all import experiment_runs
from topicbench.experiments.runs import Run
from topicbench.views.frame import COLUMNS, MAIN_METRICS, available

METHODS = ("lda", "prodlda", "combinedtm", "zeroshottm", "etm", "bertopic", "ecrtm", "fastopic", "softlabel")


def configuration(**changes: Any) -> Config:
    vectors = {"title": "Vectors", "path": "vectors.kv"}
    sections = {
        "corpora": {
            "stackoverflow": {"title": "StackOverflow", "path": "a.csv"},
            "20newsgroups": {"title": "20NewsGroup", "path": "b.csv"},
        },
        "slms": {
            "small": {"title": "Small-0.1B", "folder": "small"},
            "large": {"title": "Large-8B", "folder": "large"},
        },
        "encoder": {"name": "encoder", "title": "Encoder", "folder": "encoder"},
        "word_vectors": {"vectors": vectors},
        "methods": {method: {} for method in METHODS},
        "reference": {"name": "wikipedia", "title": "Wikipedia", "path": "c.csv"},
        "judge": {"title": "Judge", "slm": "large"},
        "num_topics": [10, 20],
        "seeds": [0, 1, 2],
        "experiments": {
            "temperature": {"temperatures": [3, 0.5, 1, 2, 4]},
            "vocabulary": {"corpus": "20newsgroups", "sizes": [2000, 500, 1000]},
        },
    }
    return Config(**{**sections, **changes})


def scores(config: Config, experiment: str, value: Callable[[Run, str], float]) -> pd.DataFrame:
    """One row per run of ``experiment`` and main metric that can be had, with what ``value`` says."""
    rows = [
        (
            experiment,
            run.corpus,
            run.vocabulary_size,
            run.variant.method,
            run.variant.name,
            run.variant.title,
            run.variant.slm or "",
            run.variant.prompt or "",
            run.num_topics,
            run.seed,
            metric,
            value(run, metric),
        )
        for run in experiment_runs(config, experiment)
        for metric in MAIN_METRICS
        if available(config, run.corpus, metric)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
