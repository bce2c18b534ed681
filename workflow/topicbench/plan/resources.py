"""What a job takes and what a cluster reserves for it: a row of constants per rule, and per method of a fit.

The constants are the measurements of docs/resources.md, rounded up, times what is known of a job before it runs. What
is reserved has margins and grows with the attempt. Threads are no resource here: they change the last bits of results.
"""

from __future__ import annotations

import gzip
import math
import re
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from topicbench.corpora.section import Corpus
from topicbench.plan.jobs import Plan
from topicbench.sources.paths import fetched, folder
from topicbench.sources.section import Source

MEMORY_MARGIN, SNAKEMAKE_MB, LEAST_MB = 1.3, 250, 1000
"""A job of a cluster has a Snakemake process beside the script's."""
TIME_MARGIN, LEAST_MINUTES, MOST_MINUTES = 5, 10, 7 * 24 * 60
"""Other processors are slower. Few clusters allow more than a week; hidden states go on from their last chunk then."""
CPU, GPU = 3.0, 0.2
"""Seconds of 10^12 operations of a language model: on a core with bfloat16; on any GPU of the last ten years, which
is not measured."""
DOCUMENTS, DOCUMENT_TOKENS, PROMPT_TOKENS, QUESTION_TOKENS = 20_000, 220, 12, 100
"""Of a corpus that is not there and declares none; of a document, as in 20 Newsgroups; after it; about a topic."""
PARAMETERS = {"mini": 23, "small": 33, "base": 110, "large": 440, "": 1000}
"""Millions in a model whose name has no number, by what it has instead."""
FLOAT_MB = 4e-6

FITS: Mapping[str, tuple[float, float, float, float, float]] = {
    **dict.fromkeys(("random-topics", "shuffled-documents", "label-oracle"), (1.5, 5, 0, 200, 1)),
    "lda": (2.5, 500, 1, 390, 1),
    "prodlda": (4, 50, 0.3, 480, 8),
    "combinedtm": (5, 160, 0.2, 580, 8),
    "zeroshottm": (5, 55, 0.2, 560, 2),
    "etm": (4, 160, 0.3, 560, 2),
    "bertopic": (18, 2000, 0, 840, 2),
    "ecrtm": (6, 70, 1.5, 640, 3),
    "fastopic": (5, 25, 0.2, 600, 6),
    "softlabel": (2, 20, 0.8, 400, 3),
    "softlabel+": (2, 20, 0.8, 400, 3),
    "softetm": (4, 160, 0.3, 570, 4),
    "softecrtm": (6, 70, 1.5, 600, 5),
    "softfastopic": (5, 25, 0.2, 640, 8),
}
"""Method → seconds to start; nanoseconds of a document and word in an epoch, and of each topic besides; MB of the
process; dense documents × words float32 arrays held. A method that is not here takes what the dearest would."""


class Needs(NamedTuple):
    """Processor seconds, peak memory and disk written in MB; 10^12 operations that a GPU would take over."""

    seconds: float
    peak_mb: float
    disk_mb: float = 0.1
    operations: float = 0.0


def _fit(job: Job) -> Needs:
    rows = [FITS[job.method]] if job.method in FITS else FITS.values()
    work, read_mb = 1e-9 * job.passes * job.words, 2 * job.states_mb + 4 * job.topics_mb
    seconds = max(start + work * (word + topic * job.most_topics) for start, word, topic, _, _ in rows)
    return Needs(seconds, max(row[3] + row[4] * job.dense_mb + read_mb for row in rows), job.topics_mb)


RULES: Mapping[str, Callable[[Job], Needs]] = {
    "source": lambda job: Needs(5, 400, job.file_mb),
    "documents": lambda job: Needs(2 + job.documents / 1e4, 320 + job.documents / 100, job.documents / 1000),
    "tokens": lambda job: Needs(2 + job.documents / 500, 370 + job.documents / 80, job.documents / 4000),
    "vocabulary": lambda job: Needs(0.5 + job.documents / 1e4, 150 + job.documents / 80, job.documents / 4000),
    "language_model": lambda job: Needs(0.15 * job.parameters, 400 + 4.3 * job.parameters, job.prepared_mb),
    "hidden_states": lambda job: Needs(7, 650 + job.weights_mb + job.states_mb, job.states_mb, job.reading),
    "vocabulary_logits": lambda job: Needs(1 + job.dense_mb / 20, 400 + job.states_mb + 3 * job.dense_mb, job.dense_mb),
    "embeddings": lambda job: Needs(5, 900 + job.weights_mb + job.states_mb, job.states_mb, job.reading / 2),
    "word_vectors": lambda job: Needs(1 + job.file_mb / 20, 300 + 3 * job.file_mb, job.words / 800),
    "fit": _fit,
    "reference_counts": lambda job: Needs(1 + job.file_mb / 3, 230 + 5 * job.file_mb + 2 * job.pairs_mb, job.pairs_mb),
    "score": lambda job: Needs(1 + job.topics * job.documents**2 / 2e9, 310 + 3 * job.pairs_mb + job.documents / 500),
    "judge_check": lambda job: Needs(7, 700 + job.weights_mb, operations=200 * job.question),
    "ratings": lambda job: Needs(7, 700 + job.weights_mb, operations=job.topics * job.question),
}
"""By rule; one that is not here gathers, draws or typesets."""
GATHERING = Needs(3, 400)


class Job:
    """What is known of a job before it runs. Paths start in the working directory or at ``root``."""

    def __init__(self, plan: Plan, root: str | Path, rule: str, wildcards: Mapping[str, str]) -> None:
        config, at = plan.config, dict(wildcards.items())
        self.plan, self.root, self.rule, self.method = plan, Path(root), rule, at.get("method", "")
        fit, seeds = plan.fit(at) if rule == "fit" else (None, config.seeds)
        method, topics = (fit.variant.create(), [fit.num_topics]) if fit else (None, config.num_topics)
        rated = plan.experiment_runs(at["experiment"]) if "experiment" in at else []
        self.words, self.most_topics = int(at.get("size", 0)), max(topics)
        self.topics = sum(run.num_topics for run in rated) or len(seeds) * sum(topics)
        self.documents = self._documents(config.corpora[at["corpus"]]) if "corpus" in at else 0
        references = {each.name: each for each in (config.reference, config.second_reference) if each}
        table: Any = config.word_vectors.get(at.get("vectors", "")) or references.get(at.get("reference", ""))
        self.file_mb = self._file_mb(folder(at["source"]) if "source" in at else table and table.path)
        self.passes = self.documents * len(seeds) * (getattr(method, "num_epochs", 0) or getattr(method, "passes", 1))
        self.dense_mb = FLOAT_MB * self.documents * self.words
        self.topics_mb = FLOAT_MB * (self.documents + self.words) * self.topics

        # The language model or encoder that is run, or whose output is read.
        judge = config.judge.slm if config.judge and "corpus" not in at else None
        slm = at.get("slm") or (fit.variant.slm if fit else judge)
        model: Any = config.slms[slm] if slm else config.encoder if "corpus" in at else None
        self.device, self.threads = getattr(method or model, "device", None), getattr(model, "threads", 1)
        self.parameters = self._parameters(model) if model else 0.0
        self.weights_mb = self.parameters * (2 if getattr(model, "dtype", "") in ("bfloat16", "float16") else 4)
        self.prepared_mb = self.parameters * (4.7 if getattr(model, "gguf", None) else 2.4)
        self.states_mb = FLOAT_MB * self.documents * 50 * self.parameters**0.5
        tokens = min(DOCUMENT_TOKENS, getattr(model, "max_document_tokens", None) or math.inf) + PROMPT_TOKENS
        self.reading = 2e-6 * self.parameters * self.documents * tokens
        self.question = 2e-6 * self.parameters * QUESTION_TOKENS

    @property
    def pairs_mb(self) -> float:
        """Megabytes of a number for each two words of the corpora's largest vocabularies."""
        largest: dict[str, int] = {}
        for fit, _ in self.plan.fits.values():
            largest[fit.corpus] = max(largest.get(fit.corpus, 0), fit.vocabulary_size)
        return FLOAT_MB * sum(largest.values()) ** 2

    def _documents(self, corpus: Corpus) -> int:
        file, source = self._file(corpus.path), self._source(corpus.path)
        documents = _rows(file) if file else (source and source.rows) or DOCUMENTS
        return min(corpus.sample.documents, documents) if corpus.sample else documents

    def _parameters(self, model: Any) -> float:
        """Millions of parameters: of two bytes in the model's source, or by its name."""
        source = self._source(model.folder)
        if source and source.bytes:
            return source.bytes / 2e6
        names = f"{model.hub} {model.title} {Path(model.folder or '').name}"
        if found := re.search(r"(?<![\d.])(\d+(?:\.\d+)?)([BM])(?![a-z])", names, re.IGNORECASE):
            return float(found[1]) * (1000 if found[2] in "bB" else 1)
        return next(size for part, size in PARAMETERS.items() if part in names.lower())

    def _file_mb(self, path: str | None) -> float:
        file, source = self._file(path), self._source(path)
        return (file.stat().st_size if file else (source and source.bytes) or 0) / 1e6

    def _file(self, path: str | None) -> Path | None:
        return next((file for file in (Path(path or ""), self.root / (path or "")) if file.is_file()), None)

    def _source(self, path: str | None) -> Source | None:
        return self.plan.config.sources.get((fetched(path) or "").rpartition("/")[2])


@cache
def _rows(path: Path) -> int:
    """Rows of a table, of CSV at least; `DOCUMENTS` where it cannot be read."""
    try:
        if path.suffix == ".parquet":
            from pyarrow.parquet import read_metadata

            return read_metadata(path).num_rows
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return sum(1 for _ in file)
    except (OSError, EOFError, ValueError, zlib.error):
        return DOCUMENTS


def needs(job: Job) -> Needs:
    """What a job takes, without margins."""
    return RULES[job.rule](job) if job.rule in RULES else GATHERING


def memory_mb(job: Job, attempt: int = 1) -> int:
    """Megabytes to reserve, in hundreds."""
    wanted = max(LEAST_MB, SNAKEMAKE_MB + MEMORY_MARGIN * needs(job).peak_mb)
    return attempt * 100 * math.ceil(wanted / 100)


def runtime(job: Job, attempt: int = 1) -> int:
    """Minutes to reserve, in tens."""
    seconds, _, _, operations = needs(job)
    wanted = max(LEAST_MINUTES, TIME_MARGIN * (seconds + operations * (GPU if gpu(job) else CPU / job.threads)) / 60)
    return min(MOST_MINUTES, attempt * 10 * math.ceil(wanted / 10))


def gpu(job: Job) -> int:
    """GPUs to reserve: 1 for ``cuda``; with ``auto`` a cluster without any would refuse the job or hold it back."""
    return int(job.device == "cuda")
