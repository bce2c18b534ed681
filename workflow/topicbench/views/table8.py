"""Table 8: the instructions put to the language model."""

from __future__ import annotations

from topicbench.views.contract import Scores, View
from topicbench.views.render import Cell, Heading, Section, Table


class Table8(View):
    name = "table8"
    label = "Table 8"
    summary = "The instructions put to the language model: the one used throughout, and those compared with it."
    category = "Reproduction"
    kind = "table"
    order = 8

    def make(self, scores: Scores) -> Table:
        rows = [
            [Cell(name), Cell(instruction, record={"prompt": name, "instruction": instruction})]
            for name, instruction in scores.about.prompts.items()
        ]
        return Table(
            name=self.name,
            caption="Instructions that the language model’s soft labels come from: the one used throughout (default) "
            "and the variants whose effect Table 9 tests.",
            columns=[Heading("Prompt"), Heading("Instruction")],
            sections=[Section(rows)],
            alignment=r"lp{0.8\linewidth}",
        )
