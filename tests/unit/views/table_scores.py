"""Configurations and scores made up for the tests of tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from topicbench.config.schema import Config
from topicbench.experiments.all import experiment_runs
from topicbench.experiments.runs import describe
from topicbench.metrics.contract import METRICS

PROMPTS = ["prompt1", "prompt2", "prompt3", "prompt4", "prompt5"]
REPOSITORY = Path(__file__).resolve().parents[3]


def configuration(**changes) -> Config:
    """Two corpora, one of them a sample; two baselines; two language models; a judge; every experiment."""
    values = {
        "num_topics": [5, 10],
        "seeds": [0, 1, 2],
        "corpora": {
            "stackoverflow": {"title": "StackOverflow", "path": "so.tsv"},
            "20newsgroups": {"title": "20NewsGroup", "path": "20.tsv", "sample": {"documents": 1200}},
        },
        "slms": {
            "smollm2": {"title": "SmolLM2-135M", "folder": "a"},
            "ernie": {"title": "ERNIE-4.5-0.3B", "folder": "b"},
        },
        "encoder": {"name": "minilm", "title": "all-MiniLM-L6-v2", "folder": "c"},
        "methods": {"lda": {}, "zeroshottm": {}, "softlabel": {}},
        "reference": {"name": "wiki", "title": "a sample of Wikipedia", "path": "wiki.tsv"},
        "judge": {"title": "gpt-4o", "model": "gpt-4o"},
        "controls": [],
        "experiments": {
            "main": {},
            "ablation": {},
            "prompts": {"num_topics": [10], "prompts": PROMPTS},
            "qualitative": {},
        },
    }
    return Config.model_validate(values | changes)


def scores(config: Config, experiment: str = "main", seed: int = 0, shifts: dict | None = None) -> pd.DataFrame:
    """A score for every run and metric: by chance, plus the ``shifts`` of (method, variant)."""
    generator = np.random.default_rng(seed)
    rows = []
    for run in experiment_runs(config, experiment):
        shift = (shifts or {}).get((run.variant.method, run.variant.name), 0.0)
        for metric in METRICS:
            # Written and read back: what tables see has gone through a file.
            value = round(0.4 + shift + 0.02 * generator.standard_normal(), 6)
            rows.append({"experiment": experiment, **describe(run), "metric": metric, "value": value})
    frame = pd.DataFrame(rows)
    return frame.assign(slm=frame["slm"].fillna(""), prompt=frame["prompt"].fillna(""))
