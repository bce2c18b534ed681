"""Sentences of captions: which corpora, runs, metrics, test and protocol a table rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from topicbench.config.schema import Config
from topicbench.experiments.runs import control_variants, main_variants
from topicbench.experiments.sections import Grid
from topicbench.metrics.coherence import OTHER_COUNTING
from topicbench.metrics.contract import METRICS, identity
from topicbench.models.controls import MEANINGS
from topicbench.statistics.welch import ALPHA
from topicbench.views.frame import SECOND_METRICS, available
from topicbench.views.judged import worth


def num_topics_of(config: Config, grid: Grid | None) -> list[int]:
    """The K values of an experiment."""
    return (grid and grid.num_topics) or config.num_topics


def seeds_of(config: Config, grid: Grid | None) -> list[int]:
    """The seeds of an experiment."""
    return (grid and grid.seeds) or config.seeds


def corpus(config: Config, name: str) -> str:
    """A corpus's title, and its sample if it is one."""
    chosen = config.corpora[name]
    if chosen.sample is None:
        return chosen.title
    return f"{chosen.title} (a sample of {chosen.sample.documents:,} documents, seed {chosen.sample.seed})"


def setting(config: Config, corpora: Iterable[str]) -> str:
    """Corpora, vocabulary and protocol."""
    return (
        f"Corpora: {listed([corpus(config, name) for name in corpora])}; "
        f"vocabulary of {config.vocabulary_size:,} words; protocol: {config.protocol.name}."
    )


def averaged(config: Config, grid: Grid | None) -> str:
    """Over which runs a value is the mean."""
    topics, seeds = num_topics_of(config, grid), seeds_of(config, grid)
    n = len(topics) * len(seeds)
    if len(topics) == 1:
        return f"K = {topics[0]}; mean over {seeds_named(seeds)}: n = {n}."
    numbers = f"{len(topics)} numbers of topics (K = {listed(topics)})"
    return f"Mean over {numbers} with {seeds_named(seeds)} per K: n = {n}."


def seeds_named(seeds: Sequence[int]) -> str:
    return f"{len(seeds)} random seed{'s' * (len(seeds) > 1)} ({listed(seeds)})"


def best_against_others(config: Config, n: int, within: str) -> str:
    """What the highlighting of comparisons with the best method means; ``within``: what they are made for each of."""
    if n < 2:
        return (
            f"For each {within} the best value is {{best}}. With one value per method there is nothing to test: a "
            "value that is not highlighted may still not differ from the best."
        )
    return (
        f"For each {within} the best method is compared with each other one by Welch’s two-sided t-test "
        f"(α = {ALPHA:g}{_corrected(config, within)}); the best is {{best}}, those not significantly different "
        "from it are {tied}. Where neither of two samples varies, equal values count as not different, unequal "
        "ones as different."
    )


def against_original(config: Config, n: int, within: str) -> str:
    """What the highlighting of ablations means."""
    if n < 2:
        return "With one value per variant there is nothing to test, and nothing is highlighted."
    return (
        f"Differences significantly better or worse than the original (Welch’s two-sided t-test, "
        f"α = {ALPHA:g}{_corrected(config, within)}) are {{better}} or {{worse}}. Where neither of two samples varies, "
        "equal values count as not different, unequal ones as different."
    )


def metrics(config: Config, names: Sequence[str], corpora: Iterable[str]) -> str:
    """How each metric is computed, and why a cell may be empty."""
    corpora = list(corpora)
    sentences = []
    for name in names:
        title = METRICS[name].title
        if any(available(config, corpus, name) for corpus in corpora):
            how = _identity(config, name)
            # Some identities begin with the name themselves.
            sentence = how if how.startswith(title) else f"{title}: {how}"
            sentences.append(sentence + (worth(config) if name == "llm_rating" else ""))
        elif name == "llm_rating":
            sentences.append(f"{title}: not computed (no judge is configured)")
    without = [config.corpora[corpus].title for corpus in corpora if config.corpora[corpus].label_column is None]
    if without and any(METRICS[name].needs_labels for name in names):
        sentences.append(f"metrics that need labels are not available on {listed(without)}")
    return "; ".join(sentences) + "."


def _identity(config: Config, metric: str) -> str:
    reference = config.reference
    judge = config.judge.title if config.judge else None
    if metric == "c_v" and reference.palmetto:
        return identity(metric, config.top_words, reference.palmetto.title, judge, "boolean") + ", by Palmetto"
    counting = reference.counting
    if metric == "c_v_other_counting":
        counting = OTHER_COUNTING[counting]
    elif metric in SECOND_METRICS:
        reference = config.second_reference
        counting = reference.counting
    return identity(metric, config.top_words, reference.title, judge, counting)


def models(config: Config) -> str:
    """The sentence encoder of the contextual baselines."""
    return f" Sentence encoder of the contextual baselines: {config.encoder.title}." if config.encoder else ""


def controls(config: Config) -> str:
    """What the controls are; they take no part in any comparison."""
    variants = control_variants(config)
    if not variants:
        return ""
    first = main_variants(config)[0].title
    meanings = [f"{variant.title}: {MEANINGS[variant.method].format(method=first)}" for variant in variants]
    return f" Controls, with which nothing is compared: {'; '.join(meanings)}."


def listed(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)


def _corrected(config: Config, within: str) -> str:
    return f", p-values corrected after Holm within each {within}" if config.protocol.correction == "holm" else ""
