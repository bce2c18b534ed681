"""Every method under the paper's protocol and the corrected one, and which of the paper's conclusions survive.

Not in the paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from topicbench.config.schema import Config
from topicbench.core.protocol import PRESETS
from topicbench.experiments.all import PROTOCOL_ABLATIONS, first_slm, protocol_settings, protocol_variants
from topicbench.experiments.runs import Variant, soft_label_variant
from topicbench.metrics.contract import METRICS
from topicbench.statistics.welch import ALPHA, against, against_best, best_of, welch
from topicbench.views import caption, flawed
from topicbench.views.frame import available, samples, select
from topicbench.views.grid import marked
from topicbench.views.render import NOT_AVAILABLE, Cell, Heading, Mark, Section, Table, number

PROTOCOL_METRICS = ("c_v", "i_rbo", "purity", "precision_at_5")

Verdict = Literal["holds", "not significant", "fails"]


@dataclass(frozen=True)
class Claim:
    """A conclusion of the paper that a comparison can decide.

    Attributes:
        text: what is said.
        over: what the soft-label model is said to exceed: "baselines" (all of them), or an ablation.
        metrics: in which metrics it is said.
        reversed: the ablation is said to exceed the model instead.
    """

    text: str
    over: str
    metrics: tuple[str, ...]
    reversed: bool = False


CLAIMS = (
    Claim("Ours above every baseline (Tables 1 and 2)", "baselines", ("c_v", "purity", "precision_at_5")),
    Claim("KL above NLL in diversity and purity (Table 3)", "nll", ("i_rbo", "purity")),
    Claim("NLL above KL in coherence (Table 3)", "nll", ("c_v",), reversed=True),
    Claim("Soft labels above bags of words as target (Table 3)", "nll-bow", ("c_v", "purity")),
    Claim("Hidden states above embeddings as input (Table 3)", "embeddings", ("c_v", "purity")),
)
"""The paper's sections 4.4 (coherence, purity), 4.5 (retrieval) and 5.1 (ablations), as far as these metrics go."""

Samples = Mapping[tuple[str, str, str, str], np.ndarray]
Flaws = Mapping[tuple[str, str, str], int]


def make(config: Config, frame: pd.DataFrame) -> Table:
    """The table from the scores of experiment "protocol"."""
    section = config.experiments.protocol
    scores = select(config, frame, "protocol", PROTOCOL_METRICS)
    found, flaws = samples(scores), flawed.flawed_runs(scores)
    corpora = section.corpora or list(config.corpora)
    slm = first_slm(config, section.slm)
    ours = soft_label_variant(config, slm).name if "softlabel" in config.methods else None
    rows = {name: _rows(config, found, flaws, corpora, name) for name in protocol_variants(config, "paper")}
    methods = [row for name, found_rows in rows.items() if name not in PROTOCOL_ABLATIONS for row in found_rows]
    sections = [Section(methods)]
    if ours is not None:
        ablated = [row for name in PROTOCOL_ABLATIONS for row in rows[name]]
        sections.append(Section(ablated, f"Ablations of ours ({config.slms[slm].title})"))
        sections.append(Section(_conclusions(config, found, corpora, f"softlabel/{ours}"), "Conclusions of the paper"))
    metrics = [Heading(METRICS[name].title, latex=METRICS[name].latex) for name in PROTOCOL_METRICS]
    n = len(caption.num_topics_of(config, section)) * len(caption.seeds_of(config, section))
    return Table(
        name="protocol",
        caption=_caption(config, corpora, n) + flawed.sentence(scores),
        columns=[Heading("Method"), Heading("Protocol"), *metrics * len(corpora)],
        sections=sections,
        groups=[Heading("", 1), *(Heading(config.corpora[corpus].title, len(metrics)) for corpus in corpora)],
        alignment="ll" + "c" * len(metrics) * len(corpora),
        wide=True,
    )


def _rows(config: Config, found: Samples, flaws: Flaws, corpora: Sequence[str], name: str) -> list[list[Cell]]:
    """A method under the paper's protocol, then wherever something differs for it."""
    settings = protocol_settings(config)
    variants: dict[str, Variant] = {}
    for setting in settings:
        # Ablations have no runs of single switches.
        variant = protocol_variants(config, setting).get(name)
        if variant is not None and (setting == "corrected" or variant not in variants.values()):
            variants[setting] = variant
    paper, corrected = variants["paper"], variants["corrected"]
    if corrected == paper:
        variants = {"both": paper}
    else:
        # A switch that is all there is to correct is not shown twice.
        variants = {s: v for s, v in variants.items() if v != corrected or s == "corrected"}
    rows = []
    for setting, variant in variants.items():
        row = [Cell(variant.title if variant == paper else ""), Cell(_named(setting))]
        for corpus in corpora:
            count = flaws.get((corpus, variant.method, variant.name), 0)
            cells = (_cell(config, found, corpus, metric, variant, paper, setting) for metric in PROTOCOL_METRICS)
            row += [marked(cell, count) for cell in cells]
        rows.append(row)
    return rows


def _named(setting: str) -> str:
    return f"{setting}: {PRESETS['corrected'][setting]}" if setting in PRESETS["corrected"] else setting


def _cell(
    config: Config, found: Samples, corpus: str, metric: str, variant: Variant, paper: Variant, setting: str
) -> Cell:
    record: dict[str, Any] = {
        **{"corpus": corpus, "method": variant.method, "variant": variant.name, "title": paper.title},
        **{"protocol": setting, "switches": " ".join(variant.switches), "metric": metric},
    }
    if not available(config, corpus, metric):
        return Cell(NOT_AVAILABLE, record=record)
    values, before = (found[(corpus, metric, each.method, each.name)] for each in (variant, paper))
    test = welch(values, before) if variant != paper else None
    mark: Mark = ""
    if test and test.p < ALPHA:
        mark = "better" if (test.difference > 0) == METRICS[metric].higher_is_better else "worse"
    record |= {"n": values.size, "mean": values.mean(), "sd": values.std(ddof=1) if values.size > 1 else None}
    record |= {"difference": test and test.difference, "p": test and test.p, "mark": mark}
    return Cell(number(float(values.mean()), METRICS[metric].decimals), mark, record)


def _conclusions(config: Config, found: Samples, corpora: Sequence[str], ours: str) -> list[list[Cell]]:
    rows = []
    for claim in CLAIMS:
        for setting in ("paper", "corrected"):
            row = [Cell(claim.text if setting == "paper" else ""), Cell(setting)]
            for corpus in corpora:
                for metric in PROTOCOL_METRICS:
                    if metric not in claim.metrics or not available(config, corpus, metric):
                        row.append(Cell(NOT_AVAILABLE))
                        continue
                    variants = protocol_variants(config, setting)
                    values = {
                        name: found[(corpus, metric, variant.method, variant.name)]
                        for name, variant in variants.items()
                        if name == ours
                        or (claim.over == "baselines" and variant.slm is None and name not in PROTOCOL_ABLATIONS)
                        or (claim.over != "baselines" and name in PROTOCOL_ABLATIONS)
                    }
                    corrected = setting == "corrected" and "correction" in protocol_settings(config)["corrected"]
                    verdict, record = decide(claim, values, ours, METRICS[metric].higher_is_better, corrected)
                    identity = {"corpus": corpus, "claim": claim.text, "protocol": setting, "metric": metric}
                    row.append(Cell(verdict, record={**identity, **record, "verdict": verdict}))
            rows.append(row)
    return rows


def decide(
    claim: Claim, values: Mapping[str, np.ndarray], ours: str, higher_is_better: bool, corrected: bool
) -> tuple[Verdict, dict[str, Any]]:
    """Whether a claim holds by Welch's test.

    It holds where the difference is of the claimed sign and significant: for "baselines", from each of them. It fails
    where the opposite is significant: for "baselines", where the best of all is significantly above ours. Else nothing
    is significant.

    Args:
        claim: see `Claim`.
        values: samples of our model and of what it is compared with (for ablations, of all: they are Holm's family).
        ours: key of our model.
        higher_is_better: direction of the metric.
        corrected: whether Holm's p decides.

    Returns:
        The verdict, and the decisive comparison: with what, difference (ours minus other), p.
    """
    sign = 1 if higher_is_better else -1

    def p_of(comparison: Any) -> float:
        return comparison.p_holm if corrected else comparison.test.p

    if claim.over == "baselines":
        best = best_of(values, higher_is_better)
        comparisons = against_best(values, higher_is_better)
        # With ours the best, the least certain comparison decides; else the one of ours with the best.
        decisive = max(comparisons, key=p_of) if best == ours else next(c for c in comparisons if c.other == ours)
        difference = decisive.test.difference if best == ours else -decisive.test.difference
        other = decisive.other if best == ours else best
    else:
        decisive = next(c for c in against(values, ours) if c.other == claim.over)
        difference, other = decisive.test.difference, claim.over
    p = p_of(decisive)
    record = {"compared_with": other, "n": values[ours].size, "difference": difference, "p": p}
    if not p < ALPHA:
        return "not significant", record
    as_claimed = sign * difference > 0
    return ("holds" if as_claimed != claim.reversed else "fails"), record


def _caption(config: Config, corpora: Sequence[str], n: int) -> str:
    section = config.experiments.protocol
    switches = [f"{switch}: {PRESETS['corrected'][switch]}" for switch in section.switches]
    tested = (
        f"What is significantly better or worse than under paper (Welch’s two-sided t-test, α = {ALPHA:g}) is "
        "{better} or {worse}."
        if n > 1
        else "With one value per method there is nothing to test."
    )
    copies = (
        " Copies are left out of fitting and scoring; the vocabulary stays that of the whole corpus."
        if "duplicates" in section.switches
        else ""
    )
    holm = (
        " Under corrected, Holm’s p-values within each corpus and metric decide."
        if "correction" in section.switches
        else ""
    )
    return (
        "Methods under the protocol of the paper’s code, with single corrections, and with all of them "
        f"(corrected: {caption.listed(switches)}); both: nothing of it concerns the method.{copies} "
        f"{caption.averaged(config, section)} {tested} A conclusion holds where the difference is significant and as "
        "the paper says, and fails where the opposite is significant; that ours is above every baseline fails where "
        f"the best baseline is significantly above ours.{holm} "
        f"Corpora: {caption.listed([caption.corpus(config, name) for name in corpora])}; "
        f"vocabulary of {config.vocabulary_size:,} words. "
        f"Metrics: {caption.metrics(config, PROTOCOL_METRICS, corpora)}{caption.models(config)}"
    )
