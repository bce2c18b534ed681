"""What tests share beside fixtures: configurations, running the workflow, servers, tiny models."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The checkout."""
TINY = ROOT / "tests/workflow/tiny.yaml"
"""A configuration with every kind of result, three to four minutes on two cores."""
