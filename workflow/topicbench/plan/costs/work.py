"""What each job does, in numbers: work that processor time grows with, arrays held and written, operations.

The terms of a stage are the products its inner loops run over, so that a cost fitted on a small grid carries over to
a large one; `topicbench.plan.costs.costs` finds what one of each costs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from topicbench.config.schema import Config
from topicbench.experiments.runs import RESULTS, scores_path
from topicbench.plan.costs import sizes
from topicbench.plan.costs.sizes import CorpusSize
from topicbench.plan.targets import Plan

Wildcards = Mapping[str, str]

FLOAT_MB = 4e-6
"""Megabytes of a float32."""

BAG_SHARE = 0.35
"""Share of a document's characters that belongs to vocabulary words."""

HEAD_TOKENS = 128_000
"""Rows of a language model's output head, at most."""

BYTES = {"auto": 4, "float32": 4, "bfloat16": 2, "float16": 2}
"""Of a parameter; auto may turn out to be float32."""

COPIES = {
    **{"softlabel": 3, "ecrtm": 2, "fastopic": 3, "lda": 0.2, "bertopic": 0.5},
    **{"softetm": 4, "softecrtm": 4, "softfastopic": 5},
}
"""Dense N×V float32 arrays a method holds at once; 2 of any other."""


@dataclass(frozen=True)
class Work:
    """One job in numbers.

    Attributes:
        terms: amounts of work; processor time is a start plus a weighted sum of them.
        held_mb: megabytes of arrays held at once.
        disk_mb: megabytes written that stay.
        operations: floating-point operations of a language model or encoder, which a GPU would take over.
        threads: processor threads.
        device: what the configuration says of it; None: the job has no use for a GPU.
    """

    terms: tuple[float, ...]
    held_mb: float = 0
    disk_mb: float = 0
    operations: float = 0
    threads: int = 1
    device: str | None = None


@dataclass(frozen=True)
class Scale:
    """A plan with the sizes of its corpora and models."""

    plan: Plan
    corpora: Mapping[str, CorpusSize] = field(hash=False)
    root: str | Path = "."

    @property
    def config(self) -> Config:
        return self.plan.config

    @cached_property
    def topics_by_scores(self) -> Counter[str]:
        """Topics of all runs that are scored together, by the file of their scores."""
        counts: Counter[str] = Counter()
        for run in self.plan.runs:
            counts[scores_path(run)] += run.num_topics
        return counts

    @cached_property
    def topics_by_experiment(self) -> dict[str, int]:
        """Topics an experiment's ratings judge that no earlier experiment has judged."""
        seen: set = set()
        counts = {}
        for name in self.plan.experiments:
            new = [run for run in self.plan.experiment_runs(name) if run not in seen]
            counts[name] = sum(run.num_topics for run in new)
            seen.update(new)
        return counts

    def work(self, stage: str, wildcards: Wildcards) -> Work:
        """The work of the job of rule ``stage`` with ``wildcards``."""
        return STAGES[stage](self, wildcards) if stage in STAGES else Work((), disk_mb=0.1)


def _source(scale: Scale, wildcards: Wildcards) -> Work:
    # Its time is the network's.
    return Work((), disk_mb=(scale.config.sources[wildcards["source"]].bytes or 0) / 1e6)


def _documents(scale: Scale, wildcards: Wildcards) -> Work:
    size = scale.corpora[wildcards["corpus"]]
    read = size.million_characters_in_file
    # Python holds text in up to four bytes a character, and the table twice while it is cleaned.
    return Work((read,), 8 * read, size.million_characters / 2)


def _tokens(scale: Scale, wildcards: Wildcards) -> Work:
    size = scale.corpora[wildcards["corpus"]]
    return Work((size.million_characters,), 12 * size.million_characters, size.million_characters / 4)


def _vocabulary(scale: Scale, wildcards: Wildcards) -> Work:
    size = scale.corpora[wildcards["corpus"]]
    return Work((size.million_characters,), 12 * size.million_characters, size.million_characters / 10)


def _language_model(scale: Scale, wildcards: Wildcards) -> Work:
    model, count = scale.config.slms[wildcards["slm"]], sizes.parameters(scale.config, wildcards["slm"])
    held = count * BYTES["float32"] / 1e6
    head = HEAD_TOKENS * sizes.hidden_size(count) * FLOAT_MB
    return Work((count / 1e6,), held + head, count * BYTES["float32" if model.gguf else "bfloat16"] / 1e6 + head)


def _hidden_states(scale: Scale, wildcards: Wildcards) -> Work:
    model, count = scale.config.slms[wildcards["slm"]], sizes.parameters(scale.config, wildcards["slm"])
    size = scale.corpora[wildcards["corpus"]]
    states = size.documents * sizes.hidden_size(count) * FLOAT_MB
    operations = 2 * count * size.tokens(model.max_document_tokens, sizes.PROMPT_TOKENS)
    # Finished chunks lie on disk until they are joined; the activations of a batch are small beside the weights.
    held = count * BYTES[model.dtype] / 1e6 + states + 0.05 * model.batch_tokens
    return Work((operations / 1e12,), held, states, operations, model.threads, model.device)


def _soft_labels(scale: Scale, wildcards: Wildcards) -> Work:
    width = sizes.hidden_size(sizes.parameters(scale.config, wildcards["slm"]))
    documents, words = scale.corpora[wildcards["corpus"]].documents, int(wildcards["size"])
    logits = documents * words * FLOAT_MB
    held = 2 * logits + (documents + HEAD_TOKENS) * width * FLOAT_MB
    return Work((documents * words * width / 1e9,), held, logits)


def _embeddings(scale: Scale, wildcards: Wildcards) -> Work:
    encoder, size = scale.config.encoder, scale.corpora[wildcards["corpus"]]
    count = sizes.encoder_parameters(encoder)
    if "size" in wildcards.keys():  # noqa: SIM118 — Snakemake's wildcards are a list with names
        size = CorpusSize(size.documents, size.characters * BAG_SHARE)
    embeddings = size.documents * sizes.embedding_size(count) * FLOAT_MB
    operations = 2 * count * size.tokens(512)
    held = 4 * count / 1e6 + embeddings + 1e-3 * encoder.batch_size * 512
    return Work((operations / 1e12,), held, embeddings, operations, encoder.threads, "auto")


def _word_vectors(scale: Scale, wildcards: Wildcards) -> Work:
    table = sizes.word_vectors_mb(scale.config, wildcards["vectors"], scale.root)
    return Work((table,), 1.3 * table, int(wildcards["size"]) * 300 * FLOAT_MB)


def _fit(scale: Scale, wildcards: Wildcards) -> Work:
    found, seeds = scale.plan.fit(wildcards)
    method = found.variant.create()
    documents, words, topics = scale.corpora[found.corpus].documents, found.vocabulary_size, found.num_topics
    rounds = getattr(method, "num_epochs", None) or getattr(method, "passes", 1)
    steps = len(seeds) * rounds * documents / 1e6
    slm = found.variant.slm
    width = sizes.hidden_size(sizes.parameters(scale.config, slm)) if slm else 0
    if "embeddings" in method.needs:
        width = max(width, sizes.embedding_size(sizes.encoder_parameters(scale.config.encoder)))
    copies = COPIES.get(method.name, 2)
    held = documents * (copies * words + 2 * width + 4 * topics) * FLOAT_MB
    written = len(seeds) * (documents + words) * topics * FLOAT_MB
    # Passing a document through the network: the encoder's input, the words, and every topic's weight of every word.
    terms = (steps, steps * (words + width) / 1e3, steps * words * topics / 1e5)
    device = getattr(method, "device", None if method.name in ("lda", "bertopic") else "auto")
    return Work(terms, held, written, device=device)


def _controls(scale: Scale, wildcards: Wildcards) -> Work:
    documents, words = scale.corpora[wildcards["corpus"]].documents, int(wildcards["size"])
    topics = [run["num_topics"] for run in scale.plan.control_runs(wildcards)]
    numbers = (documents + words) * FLOAT_MB
    # Drawn in double precision.
    return Work((sum(topics) * numbers,), 4 * max(topics, default=0) * numbers, sum(topics) * numbers)


def _score(scale: Scale, wildcards: Wildcards) -> Work:
    documents = scale.corpora[wildcards["corpus"]].documents
    topics = scale.topics_by_scores[RESULTS + "/scores/{corpus}/v{size}/{method}/{variant}.json".format(**wildcards)]
    files = 2 + len(scale.plan.second_counts)
    # Coherence goes by topics; retrieval compares every document with every other.
    return Work((topics, topics * documents**2 / 1e9), documents * 4 * 100 * FLOAT_MB + files * _counts_mb(scale))


def _counts_mb(scale: Scale) -> float:
    # Pairs of words in windows of two sizes.
    return 2 * _counted_words(scale) ** 2 * FLOAT_MB / 2


def _counted_words(scale: Scale) -> float:
    """Words of all vocabularies: of a corpus the largest, of which different corpora share about a third."""
    largest: dict[str, int] = {}
    for fit, _ in scale.plan.fits.values():
        largest[fit.corpus] = max(largest.get(fit.corpus, 0), fit.vocabulary_size)
    return max(sum(largest.values()) * (1 if len(largest) == 1 else 0.8), 1)


def _reference_counts(scale: Scale, wildcards: Wildcards) -> Work:
    reference = sizes.reference_mb(scale.plan.references[wildcards["reference"]], scale.root)
    # Twice while they are sorted and compressed.
    return Work((reference,), 2 * _counts_mb(scale) + 2 * reference, _counts_mb(scale) / 4)


def _judge_calibration(scale: Scale, wildcards: Wildcards) -> Work:
    return _judging(scale, 200)


def _ratings(scale: Scale, wildcards: Wildcards) -> Work:
    return _judging(scale, scale.topics_by_experiment.get(wildcards["experiment"], 0))


def _judging(scale: Scale, topics: int) -> Work:
    judge = scale.config.judge
    if judge is None or judge.slm is None:
        # An endpoint's answers are waited for, not computed.
        return Work(())
    model = scale.config.slms[judge.slm]
    count = sizes.parameters(scale.config, judge.slm)
    # About 60 tokens of a topic's words are new in each question.
    operations = 2 * count * topics * 60
    return Work((operations / 1e12,), count * BYTES[model.dtype] / 1e6, 0.1, operations, 1, model.device)


STAGES: Mapping[str, Callable[[Scale, Wildcards], Work]] = {
    "documents": _documents,
    "tokens": _tokens,
    "vocabulary": _vocabulary,
    "language_model": _language_model,
    "hidden_states": _hidden_states,
    "soft_labels": _soft_labels,
    "embeddings": _embeddings,
    "word_vectors": _word_vectors,
    "fit": _fit,
    "controls": _controls,
    "reference_counts": _reference_counts,
    "score": _score,
    "source": _source,
    "judge_calibration": _judge_calibration,
    "ratings": _ratings,
}
"""Stages with a cost model; all others gather, draw and typeset, in seconds."""
