"""The contract every build obeys, and how they are found.

A corpus that is published as a table needs none. Where a download has to be taken apart first, one file in this folder
with one subclass of `Build` does so, and a source of the configuration names it: ``build: NAME``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import ClassVar

from topicbench.core.discovery import subclasses


class Build(ABC):
    """Makes the table of a corpus from the files that were fetched; subclass it in a file of its own to add one."""

    name: ClassVar[str]
    """What a source's ``build`` says."""
    table: ClassVar[str]
    """File name of the table: one row per document, a format that `topicbench.corpora.reader` reads."""
    files: ClassVar[int | None]
    """How many files at addresses it is made from; None: those of a repository of the Hub."""

    @abstractmethod
    def make(self, files: Mapping[str, Path], table: Path) -> int:
        """Write the table and return its number of rows; the same files always give the same bytes.

        Args:
            files: path of each file by its name, in the order of the source's entry.
            table: path to write to.

        Raises:
            TopicbenchError: a file is missing or not what it should be; the culprit is the file, and the line if any.
        """


@cache
def builds() -> Mapping[str, Build]:
    """All builds of this folder by name, sorted."""
    return {name: build() for name, build in subclasses("topicbench.sources.builds", Build, "build").items()}
