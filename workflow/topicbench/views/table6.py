"""Table 6: what the judge of topics is told."""

from __future__ import annotations

from topicbench.config.schema import Config
from topicbench.metrics.judges.prompt import SYSTEM_PROMPT
from topicbench.views.render import Cell, Heading, Section, Table


def make(config: Config) -> Table:
    """The table; it depends on the configuration only in who the judge is."""
    judge = config.judge.title if config.judge else None
    who = judge or "a judge (none is configured)"
    words = f"the topic’s top {config.top_words} words, separated by commas"
    if config.judge and config.judge.slm:
        how = f"It is followed by {words}, and the rating is the expected value over the next token’s 1, 2 and 3."
    else:
        how = f"The user’s message is {words}."
    return Table(
        name="table6",
        caption=f"The system prompt by which {who} rates each topic from 1 to 3. {how}",
        columns=[Heading("LLM rating system prompt")],
        sections=[Section([[Cell(SYSTEM_PROMPT, record={"judge": judge, "system_prompt": SYSTEM_PROMPT})]])],
        alignment=r"p{0.95\linewidth}",
    )
