"""Table 6: what the judge of topics is told."""

from __future__ import annotations

from topicbench.config import Config
from topicbench.paper.render import Cell, Heading, Section, Table
from topicbench.scores.ratings.prompt import SYSTEM_PROMPT


def make(config: Config) -> Table:
    """The table; it depends on the configuration only in who the judge is."""
    judge = config.judge.title if config.judge else None
    who = f"of {judge}, who scores" if judge else "for a judge (none is configured) to score"
    return Table(
        name="table6",
        caption=f"The system prompt {who} each topic from 1 to 3. The user’s message is the topic’s top "
        f"{config.top_words} words, separated by commas.",
        columns=[Heading("LLM rating system prompt")],
        sections=[Section([[Cell(SYSTEM_PROMPT, record={"judge": judge, "system_prompt": SYSTEM_PROMPT})]])],
        alignment=r"p{0.95\linewidth}",
    )
