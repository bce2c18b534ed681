"""The configuration: typed, closed, checked before any job starts.

Defaults, the JSON schema and ``docs/configuration.md`` all come from the sections, each owned by the stage that reads
it. A configuration file stands alone: nothing is merged into it but what ``--config key=value`` sets on the command
line.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, create_model

from topicbench.core.sections import Closed, Name
from topicbench.experiments import contract
from topicbench.experiments.bench import Bench
from topicbench.sources.section import Source

_SECTIONS: dict[str, Any] = {
    name: (each.section | None, Field(each.section() if each.by_default else None, description=each.summary))
    for name, each in contract.experiments().items()
}
Experiments = create_model(
    "Experiments",
    __base__=Closed,
    __doc__="What is run. An experiment set to null is left out, and so are its tables and figures.",
    **_SECTIONS,
)


class Config(Bench):
    """A whole configuration."""

    experiments: Experiments = Field(Experiments(), description="What is run.")
    sources: dict[Name, Source] = Field(
        {}, exclude_if=lambda value: not value, description="What is fetched before anything runs, and from where."
    )

    @property
    def asked_for(self) -> dict[str, Any]:
        """The sections of the experiments that are not left out, filled (see `Experiment.filled`), by name."""
        sections = {name: getattr(self.experiments, name) for name in contract.experiments()}
        return {
            name: contract.experiments()[name].filled(self, section)
            for name, section in sections.items()
            if section is not None
        }
