"""StackOverflow titles (Xu et al. 2015), from the two files in the authors' repository."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from topicbench.core.errors import TopicbenchError
from topicbench.sources.builds._text import read_lines, write_tsv
from topicbench.sources.builds.contract import Build

TAGS = (
    *("wordpress", "oracle", "svn", "apache", "excel", "matlab", "visual-studio", "cocoa", "osx", "bash", "spring"),
    *("hibernate", "scala", "sharepoint", "ajax", "qt", "drupal", "linq", "haskell", "magento"),
)
"""Names of the labels 1 to 20, from the README of the authors' repository."""


class StackOverflow(Build):
    """TSV; columns text, label and label_name, from a file of titles and one of labels, one to a line."""

    name = "stackoverflow"
    table = "stackoverflow.tsv"
    files = 2

    def make(self, files: Mapping[str, Path], table: Path) -> int:
        titles, labels = files
        texts, numbers = read_lines(files, titles), read_lines(files, labels)
        if len(texts) != len(numbers):
            raise TopicbenchError(
                files[labels], f"has {len(numbers)} lines, {titles} has {len(texts)}", "fetch both again"
            )
        rows = []
        for line, (text, number) in enumerate(zip(texts, numbers, strict=True), start=1):
            if not (number.strip().isdigit() and 1 <= int(number) <= len(TAGS)):
                raise TopicbenchError(
                    f"{files[labels]}, line {line}", f"expected a label from 1 to {len(TAGS)}, found {number!r}"
                )
            rows.append((text, int(number), TAGS[int(number) - 1]))
        write_tsv(table, rows, "\n")
        return len(rows)
