"""Every method under the paper's protocol and the corrected one, and which of the paper's conclusions survive.

Not in the paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np

from topicbench.core.protocol import PRESETS
from topicbench.statistics.welch import ALPHA, Comparison, against, against_best, best_of, welch
from topicbench.views import caption, degenerate
from topicbench.views.contract import About, Scores, View
from topicbench.views.frame import Row, Samples, samples
from topicbench.views.grid import Grid, marked, significant, summary
from topicbench.views.render import NOT_AVAILABLE, Cell, Heading, Section, Table, number

METRICS = ("c_v", "i_rbo", "purity", "precision_at_5")
ABLATIONS = ("nll", "nll-bow", "embeddings")
"""Roles of the ablations; all other roles are methods."""

Verdict = Literal["holds", "not significant", "fails"]
Settings = Mapping[str, Row]
"""The runs of a method or ablation by setting: paper, each switch alone, corrected."""


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


class ProtocolTable(View):
    """The paper's conclusions under its own protocol and the corrected one."""

    name = "protocol"
    label = "Protocol"
    summary = "Every method under the paper's protocol and the corrected one, and which of its conclusions survive."
    category = "Beyond the paper"
    kind = "table"
    order = 30
    experiment = "protocol"

    def make(self, scores: Scores) -> Table:
        """The table; see `View.make`."""
        about, grid = scores.about, Grid.of(scores, METRICS)
        found = samples(grid.selected)
        by_role: dict[str, dict[str, Row]] = {}
        for row in grid.rows:
            by_role.setdefault(row.role, {})[row.block] = row
        lines = {role: _lines(grid, found, settings) for role, settings in by_role.items()}
        methods = [role for role in by_role if role not in ABLATIONS]
        sections = [Section([line for role in methods for line in lines[role]])]
        ours = next((by_role[role]["paper"] for role in methods if by_role[role]["paper"].method == "softlabel"), None)
        if ours is not None:
            ablated = [line for role in ABLATIONS for line in lines[role]]
            sections.append(Section(ablated, f"Ablations of ours ({about.language_models[ours.slm].title})"))
            sections.append(Section(_conclusions(grid, found, by_role, ours.role), "Conclusions of the paper"))
        return Table(
            name=self.name,
            caption=_caption(about, grid.corpora) + degenerate.sentence(about, grid.selected),
            columns=grid.columns("Method", "Protocol"),
            sections=sections,
            groups=[Heading("", 1), *grid.groups()],
            alignment="ll" + "c" * len(METRICS) * len(grid.corpora),
            wide=True,
        )


def _shown(settings: Settings) -> Settings:
    """The settings that have a line: a switch has none where its runs are those of paper or of corrected."""
    paper, corrected = settings["paper"], settings["corrected"]
    if paper.run == corrected.run:
        return {"both": paper}
    shown: dict[str, Row] = {}
    for setting, row in settings.items():
        if setting == "corrected" or row.run not in [corrected.run, *(other.run for other in shown.values())]:
            shown[setting] = row
    return shown


def _lines(grid: Grid, found: Samples, settings: Settings) -> list[list[Cell]]:
    """A method under the paper's protocol, then wherever something differs for it."""
    paper, counts = settings["paper"], degenerate.degenerate_runs(grid.selected)
    lines = []
    for setting, row in _shown(settings).items():
        switched = f"{setting}: {PRESETS['corrected'][setting]}" if setting in PRESETS["corrected"] else setting
        line = [Cell(row.title if row.run == paper.run else ""), Cell(switched)]
        for corpus, metric in product(grid.corpora, METRICS):
            cell = _cell(grid.about, found, corpus, metric, row, paper, setting)
            line.append(marked(cell, counts.get((corpus, *row.run), 0)))
        lines.append(line)
    return lines


def _cell(about: About, found: Samples, corpus: str, metric: str, row: Row, paper: Row, setting: str) -> Cell:
    # A run's switches are the end of its variant's name.
    switches = row.variant.removeprefix(paper.variant).replace("+", " ").strip()
    record: dict[str, Any] = {
        **{"corpus": corpus, "method": row.method, "variant": row.variant, "title": paper.title},
        **{"protocol": setting, "switches": switches, "metric": metric},
    }
    if (corpus, metric, row) not in found:
        return Cell(NOT_AVAILABLE, record=record)
    values, known = found[corpus, metric, row], about.metrics[metric]
    test = welch(values, found[corpus, metric, paper]) if row.run != paper.run else None
    mark = significant(test.difference, test.p, known.higher_is_better) if test else ""
    record |= {**summary(values), "difference": test and test.difference, "p": test and test.p, "mark": mark}
    return Cell(number(float(values.mean()), known.decimals), mark, record)


def _conclusions(grid: Grid, found: Samples, by_role: Mapping[str, Settings], ours: str) -> list[list[Cell]]:
    """What becomes of each claim under the paper's protocol and the corrected one; ``ours``: role of our model."""
    baselines = [role for role, settings in by_role.items() if settings["paper"].group != "ours"]
    lines = []
    for claim, setting in product(CLAIMS, ("paper", "corrected")):
        line = [Cell(claim.text if setting == "paper" else ""), Cell(setting)]
        corrected = setting == "corrected" and "correction" in grid.about.section["switches"]
        others = [role for role in baselines if role not in ABLATIONS] if claim.over == "baselines" else ABLATIONS
        roles = [role for role in by_role if role == ours or role in others]
        for corpus, metric in product(grid.corpora, METRICS):
            if metric not in claim.metrics or (corpus, metric, by_role[ours][setting]) not in found:
                line.append(Cell(NOT_AVAILABLE))
                continue
            values = {role: found[corpus, metric, by_role[role][setting]] for role in roles}
            verdict, record = decide(claim, values, ours, grid.about.metrics[metric].higher_is_better, corrected)
            identity = {"corpus": corpus, "claim": claim.text, "protocol": setting, "metric": metric}
            line.append(Cell(verdict, record={**identity, **record, "verdict": verdict}))
        lines.append(line)
    return lines


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

    def p_of(comparison: Comparison) -> float:
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


def _caption(about: About, corpora: Sequence[str]) -> str:
    switches = about.section["switches"]
    corrections = caption.listed(f"{switch}: {PRESETS['corrected'][switch]}" for switch in switches)
    tested = (
        f"What is significantly better or worse than under paper (Welch’s two-sided t-test, α = {ALPHA:g}) is "
        "{better} or {worse}."
        if caption.runs_per_value(about) > 1
        else "With one value per method there is nothing to test."
    )
    copies = " Copies are left out of fitting and scoring; the vocabulary stays that of the whole corpus."
    holm = " Under corrected, Holm’s p-values within each corpus and metric decide."
    return (
        "Methods under the protocol of the paper’s code, with single corrections, and with all of them (corrected: "
        f"{corrections}); both: nothing of it concerns the method.{copies if 'duplicates' in switches else ''} "
        f"{caption.averaged(about)} {tested} A conclusion holds where the difference is significant and as the paper "
        "says, and fails where the opposite is significant; that ours is above every baseline fails where the best "
        "baseline is significantly above ours."
        f"{holm if 'correction' in switches else ''} "
        f"Corpora: {caption.listed(caption.corpus(about, name) for name in corpora)}; "
        f"vocabulary of {about.vocabulary_size:,} words. "
        f"Metrics: {caption.metrics(about, METRICS, corpora)}{caption.encoder(about)}"
    )
