"""What a judge is told."""

from __future__ import annotations

from collections.abc import Sequence

SYSTEM_PROMPT = (
    "You are a helpful assistant evaluating the top words of a topic model output for a given topic. Please rate how "
    "related the following words are to each other on a scale from 1 to 3 (“1” = not very related, “2” = moderately "
    "related, “3” = very related).\n\n"
    "Reply with a single number, indicating the overall appropriateness of the topic."
)
"""Table 6, verbatim (adapted by the paper from Stammbach et al., 2023)."""

RATINGS = (1, 2, 3)


def user_message(words: Sequence[str]) -> str:
    """A topic as the judge reads it: its words in order of weight, separated by commas."""
    return ", ".join(words)
