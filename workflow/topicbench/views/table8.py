"""Table 8: the instructions put to the language model."""

from __future__ import annotations

from topicbench.config.schema import Config
from topicbench.experiments.all import experiment_runs
from topicbench.views.render import Cell, Heading, Section, Table


def make(config: Config) -> Table:
    """The instruction used throughout, then the variants that the prompt experiment compares."""
    names = ["default", *(name for name in compared(config) if name != "default")]
    rows = [
        [Cell(name), Cell(config.prompts[name], record={"prompt": name, "instruction": config.prompts[name]})]
        for name in names
    ]
    return Table(
        name="table8",
        caption="Instructions that the language model’s soft labels come from: the one used throughout (default) and "
        "the variants whose effect Table 9 tests.",
        columns=[Heading("Prompt"), Heading("Instruction")],
        sections=[Section(rows)],
        alignment=r"lp{0.8\linewidth}",
    )


def compared(config: Config) -> list[str]:
    """Names of the prompts that experiment "prompts" runs; all but the default where it is left out."""
    runs = experiment_runs(config, "prompts")
    return list(dict.fromkeys(run.variant.prompt for run in runs)) or [
        name for name in config.prompts if name != "default"
    ]
