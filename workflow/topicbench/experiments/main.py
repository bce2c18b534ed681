"""Every method on every corpus, and the controls beside them: Tables 1, 2 and 7."""

from __future__ import annotations

from topicbench.experiments.bench import Bench
from topicbench.experiments.contract import Experiment, Grid, Row, over
from topicbench.experiments.runs import Run, Variant, main_variants
from topicbench.models.contract import create


class Main(Experiment):
    name = "main"
    summary = "Tables 1, 2 and 7: every method on every corpus."
    order = 1
    by_default = True

    def runs(self, bench: Bench, section: Grid) -> list[Run]:
        methods = over(bench, section, bench.corpora, [Row(variant) for variant in main_variants(bench)])
        beside = [
            run
            for corpus in bench.corpora
            for run in over(bench, section, [corpus], [Row(variant) for variant in control_variants(bench, corpus)])
        ]
        return methods + beside


def control_variants(bench: Bench, corpus: str) -> list[Variant]:
    """The configured controls that a corpus can have: one without labels has none that needs them."""
    first = main_variants(bench)[0].title
    return [
        Variant(name, "default", control.row_label(first), {})
        for name, control in ((name, create(name, {})) for name in bench.controls)
        if corpus in bench.labelled or "labels" not in control.needs
    ]
