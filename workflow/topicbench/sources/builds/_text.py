"""Reading lines and writing tab-separated tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import written_beside

COLUMNS = ("text", "label", "label_name")


def read_lines(files: Mapping[str, Path], name: str) -> list[str]:
    """Lines of the file ``name`` that end in a line feed, and in nothing else that Unicode takes for a line's end.

    Raises:
        TopicbenchError: there is no such file, or it is not UTF-8.
    """
    path = files.get(name)
    if path is None or not path.is_file():
        raise TopicbenchError(name, "file not found", "fetch the source again")
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise TopicbenchError(path, f"not UTF-8 text: {error}", "fetch it again") from None
    return [line.removesuffix("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


def write_tsv(table: Path, rows: Iterable[tuple[str, int, str]], line_end: str) -> None:
    """Write rows of (text, label, label_name) below a line of their names."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter="\t", lineterminator=line_end)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    with written_beside(table) as partial:
        partial.write_bytes(text.getvalue().encode("utf-8"))
