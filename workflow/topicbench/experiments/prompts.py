"""Sensitivity to the instruction's wording: Table 9."""

from __future__ import annotations

from pydantic import Field

from topicbench.core.errors import TopicbenchError
from topicbench.core.sections import Name
from topicbench.experiments.bench import Bench
from topicbench.experiments.contract import Experiment, Grid, Row, over
from topicbench.experiments.runs import Run, soft_label_variant


class PromptsSection(Grid):
    """Table 9: sensitivity to the instruction's wording (two-way ANOVA of prompt and seed)."""

    corpus: Name | None = Field(None, description="Corpus; null: the first.")
    slm: Name | None = Field(None, description="Language model; null: the first.")
    prompts: list[Name] | None = Field(None, min_length=2, description="Names of prompts; null: all but the default.")


class Prompts(Experiment):
    name = "prompts"
    summary = "Table 9."
    section = PromptsSection
    order = 4
    needs_methods = ("softlabel",)

    def runs(self, bench: Bench, section: PromptsSection) -> list[Run]:
        rows = [
            Row(soft_label_variant(bench, section.slm, prompt=prompt, title=prompt), role=prompt)
            for prompt in section.prompts
        ]
        return over(bench, section, [section.corpus], rows)

    def check(self, bench: Bench, section: PromptsSection) -> None:
        if len(section.seeds) < 2:
            raise TopicbenchError(
                "experiments.prompts.seeds",
                "one seed is no factor of an analysis of variance",
                "give two or more seeds",
            )
