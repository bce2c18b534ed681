"""Table 6: what the judge of topics is told."""

from __future__ import annotations

from topicbench.metrics.judges.prompt import SYSTEM_PROMPT
from topicbench.views.contract import Scores, View
from topicbench.views.render import Cell, Heading, Section, Table


class Table6(View):
    name = "table6"
    label = "Table 6"
    summary = "The system prompt by which a judge rates topics."
    category = "Reproduction"
    kind = "table"
    order = 6

    def make(self, scores: Scores) -> Table:
        judge = scores.about.judge
        words = f"the topic’s top {scores.about.top_words} words, separated by commas"
        if judge and judge.local:
            how = f"It is followed by {words}, and the rating is the expected value over the next token’s 1, 2 and 3."
        else:
            how = f"The user’s message is {words}."
        who = judge.title if judge else "a judge (none is configured)"
        record = {"judge": judge and judge.title, "system_prompt": SYSTEM_PROMPT}
        return Table(
            name=self.name,
            caption=f"The system prompt by which {who} rates each topic from 1 to 3. {how}",
            columns=[Heading("LLM rating system prompt")],
            sections=[Section([[Cell(SYSTEM_PROMPT, record=record)]])],
            alignment=r"p{0.95\linewidth}",
        )
