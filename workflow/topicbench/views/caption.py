"""Sentences of captions: which corpora, runs, metrics, test, judge and protocol a table rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from topicbench.statistics.welch import ALPHA
from topicbench.views.contract import About
from topicbench.views.frame import available, definition

JUDGE_MARK = "†"


def corpus(about: About, name: str) -> str:
    """A corpus's title, and its sample if it is one."""
    chosen = about.corpora[name]
    if chosen.sample is None:
        return chosen.title
    return f"{chosen.title} (a sample of {chosen.sample:,} documents, seed {chosen.sample_seed})"


def setting(about: About, corpora: Iterable[str]) -> str:
    """Corpora, vocabulary and protocol."""
    return (
        f"Corpora: {listed(corpus(about, name) for name in corpora)}; "
        f"vocabulary of {about.vocabulary_size:,} words; protocol: {about.protocol.name}."
    )


def runs_per_value(about: About) -> int:
    """Over how many runs a value is the mean: each K with each seed."""
    return len(about.num_topics) * len(about.seeds)


def averaged(about: About) -> str:
    """Over which runs a value is the mean."""
    topics, n = about.num_topics, runs_per_value(about)
    if len(topics) == 1:
        return f"K = {topics[0]}; mean over {seeds(about)}: n = {n}."
    return f"Mean over {len(topics)} numbers of topics (K = {listed(topics)}) with {seeds(about)} per K: n = {n}."


def seeds(about: About) -> str:
    """How many seeds, and which."""
    return f"{len(about.seeds)} random seed{'s' * (len(about.seeds) > 1)} ({listed(about.seeds)})"


def best_against_others(about: About, n: int, within: str) -> str:
    """What the highlighting of comparisons with the best method means.

    Args:
        about: says whether p-values are corrected.
        n: values per method.
        within: what the comparisons are made for each of, such as "corpus and metric".
    """
    if n < 2:
        return (
            f"For each {within} the best value is {{best}}. With one value per method there is nothing to test: a "
            "value that is not highlighted may still not differ from the best."
        )
    return (
        f"For each {within} the best method is compared with each other one by Welch’s two-sided t-test "
        f"(α = {ALPHA:g}{_corrected(about, within)}); the best is {{best}}, those not significantly different "
        "from it are {tied}. Where neither of two samples varies, equal values count as not different, unequal "
        "ones as different."
    )


def against_original(about: About, within: str) -> str:
    """What the highlighting of differences from a reference row means."""
    if runs_per_value(about) < 2:
        return "With one value per variant there is nothing to test, and nothing is highlighted."
    return (
        f"Differences significantly better or worse than the original (Welch’s two-sided t-test, "
        f"α = {ALPHA:g}{_corrected(about, within)}) are {{better}} or {{worse}}. Where neither of two samples varies, "
        "equal values count as not different, unequal ones as different."
    )


def metrics(about: About, names: Sequence[str], corpora: Iterable[str]) -> str:
    """How each metric is computed, and why a cell may be empty."""
    corpora = list(corpora)
    sentences = []
    for name in names:
        found = definition(about, name)
        if any(available(about, corpus, name) for corpus in corpora):
            # Some definitions begin with the title themselves.
            begins = found.definition.startswith(found.title)
            sentence = found.definition if begins else f"{found.title}: {found.definition}"
            sentences.append(sentence + (judge(about) if name == "llm_rating" else ""))
        elif name == "llm_rating":
            sentences.append(f"{found.title}: not computed (no judge is configured)")
    without = [about.corpora[corpus].title for corpus in corpora if not about.corpora[corpus].labelled]
    if without and any(about.metrics[name].needs_labels for name in names):
        sentences.append(f"metrics that need labels are not available on {listed(without)}")
    return "; ".join(sentences) + "."


def judge_mark(about: About, metric: str) -> str:
    """A dagger for the rating of a judge that is not informative, to stand behind the metric's title."""
    tested = about.judge is not None and about.judge.tested
    return JUDGE_MARK if metric == "llm_rating" and tested and not about.judge.informative else ""


def judge(about: About) -> str:
    """How well the judge tells coherent from shuffled word sets; empty where that was not tested."""
    found = about.judge
    if found is None or not found.tested:
        return ""
    if found.auc is None:
        return (
            " (the vocabularies are too small for control topics to test the judge on: the column marked "
            f"{JUDGE_MARK} is not informative)"
        )
    verdict = (
        f"above the {found.informative_auc:g} from which a judge counts as informative"
        if found.informative
        else f"below {found.informative_auc:g}: the column marked {JUDGE_MARK} is not informative"
    )
    return (
        f" (the judge tells {found.pairs} coherent from as many shuffled word sets of the reference corpus with "
        f"an area under the ROC curve of {found.auc:.2f}, {verdict})"
    )


def encoder(about: About) -> str:
    """The sentence encoder of the contextual baselines."""
    return f" Sentence encoder of the contextual baselines: {about.encoder.title}." if about.encoder else ""


def controls(about: About) -> str:
    """What the controls are; they take no part in any comparison."""
    meanings = [f"{title}: {meaning}" for title, meaning in about.controls.items()]
    return f" Controls, with which nothing is compared: {'; '.join(meanings)}." if meanings else ""


def listed(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)


def _corrected(about: About, within: str) -> str:
    return f", p-values corrected after Holm within each {within}" if about.corrects else ""
