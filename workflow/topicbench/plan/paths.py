"""Where every result lies, each path spelled once.

In braces stand the wildcards of the rule that writes it; ``PATH.format(corpus=…)`` is one file. ``size`` is |V|,
``topics`` K.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from topicbench.core.files import RESULTS
from topicbench.core.sections import NAME_PATTERN
from topicbench.experiments.runs import Fit, Run
from topicbench.sources.paths import FOLDER as SOURCES

SOURCE = f"{SOURCES}/{{source}}"
SOURCE_LOCK = f"{RESULTS}/source_locks/{{source}}.json"

_CORPUS = f"{RESULTS}/corpora/{{corpus}}"
DOCUMENTS = f"{_CORPUS}/documents.parquet"
TOKENS = f"{_CORPUS}/tokens.parquet"
VOCABULARY = f"{_CORPUS}/v{{size}}/vocabulary.txt"
BOW = f"{_CORPUS}/v{{size}}/bow.npz"
KEPT = f"{_CORPUS}/v{{size}}/kept.npy"

LANGUAGE_MODEL = f"{RESULTS}/models/slm/{{slm}}"

_FEATURES = f"{RESULTS}/features/{{corpus}}"
HIDDEN_STATES = f"{_FEATURES}/slm/{{slm}}/{{prompt}}/hidden.npy"
EXTRACTION = f"{_FEATURES}/slm/{{slm}}/{{prompt}}/extraction.json"
VOCABULARY_LOGITS = f"{_FEATURES}/v{{size}}/logits/{{slm}}/{{prompt}}.npy"
SURFACE_FORMS = f"{_FEATURES}/v{{size}}/forms/{{slm}}/{{prompt}}.npy"
TEXT_EMBEDDINGS = f"{_FEATURES}/encoder/{{encoder}}.npy"
BAG_EMBEDDINGS = f"{_FEATURES}/v{{size}}/encoder/{{encoder}}.npy"
WORD_EMBEDDINGS = f"{_FEATURES}/v{{size}}/encoder-words/{{encoder}}.npy"
WORD_VECTORS = f"{_FEATURES}/v{{size}}/words/{{vectors}}.npy"
WORDS_FOUND = f"{_FEATURES}/v{{size}}/words/{{vectors}}-found.npy"

FIT = f"{RESULTS}/runs/{{corpus}}/v{{size}}/{{method}}/{{variant}}/K{{topics}}"

COUNTS = f"{RESULTS}/reference/{{reference}}/{{counting}}.npz"
SCORES = f"{RESULTS}/scores/{{corpus}}/v{{size}}/{{method}}/{{variant}}.parquet"
JUDGE_CHECK = f"{RESULTS}/ratings/judge_check.json"
RATINGS = f"{RESULTS}/ratings/{{experiment}}.parquet"
EXPERIMENT = f"{RESULTS}/experiments/{{experiment}}.csv"
ABOUT = f"{RESULTS}/experiments/{{experiment}}.json"
ALL_SCORES = f"{RESULTS}/scores.{{kind}}"
METRICS = f"{RESULTS}/metrics.json"
COSTS = f"{RESULTS}/costs.csv"
PAPER = f"{RESULTS}/paper.{{kind}}"
VIEW = f"{RESULTS}/{{file}}"


def record_of(path: str) -> str:
    """The record beside a feature: how it was made."""
    return path.removesuffix(".npy") + ".json"


def fit_folder(fit: Fit) -> str:
    variant = fit.variant
    return FIT.format(
        corpus=fit.corpus,
        size=fit.vocabulary_size,
        method=variant.method,
        variant=variant.name,
        topics=fit.num_topics,
    )


def seed_folder(fit: str, seed: int) -> str:
    """The folder of one seed below a fit's."""
    return f"{fit}/seed{seed}"


def run_folder(run: Run) -> str:
    return seed_folder(fit_folder(run.fit), run.seed)


def one_of(folders: Iterable[str]) -> str:
    """A pattern of the wildcard ``corpus`` that admits just these folders of fits."""
    return f"(?={_tree(folders)}/){NAME_PATTERN}"


def none_of(known: Iterable[tuple[Iterable[str], Iterable[int]]]) -> str:
    """A pattern of a path below ``runs`` that admits no folder of ``known``: folders of fits, and the seeds of each."""
    patterns = [f"{_tree(folders)}/seed(?:{'|'.join(map(str, seeds))})" for folders, seeds in known]
    return f"(?!(?:{'|'.join(patterns)})$).+"


def _tree(folders: Iterable[str]) -> str:
    """A pattern of these folders of fits, level by level, so that one of hundreds is found without trying them all."""
    tree: dict[str, Any] = {}
    for folder in folders:
        branch = tree
        for part in PurePosixPath(folder).relative_to(f"{RESULTS}/runs").parts:
            branch = branch.setdefault(part, {})

    def pattern(branch: dict[str, Any]) -> str:
        found = [re.escape(part) + (f"/{pattern(below)}" if below else "") for part, below in sorted(branch.items())]
        return f"(?:{'|'.join(found)})"

    return pattern(tree)


def scores_of(run: Run) -> str:
    """The scores of all runs of this run's (corpus, |V|, method, variant)."""
    variant = run.variant
    return SCORES.format(corpus=run.corpus, size=run.vocabulary_size, method=variant.method, variant=variant.name)
