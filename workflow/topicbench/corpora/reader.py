"""Reading a table of texts from CSV, TSV, JSONL or Parquet, with the line of whatever is wrong."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from topicbench.core.errors import TopicbenchError

DELIMITERS = {".csv": ",", ".tsv": "\t"}
FORMATS = (*DELIMITERS, ".jsonl", ".parquet")
PARQUET_ROWS = 256
"""Rows of a Parquet file held at a time."""


def read_columns(path: str | Path, columns: Sequence[str]) -> dict[str, list]:
    """The named columns of a table, every row of it; arguments and errors as in `stream_rows`.

    Returns:
        One list per column, all of the table's length, in the table's order.
    """
    table: dict[str, list] = {column: [] for column in columns}
    for row in stream_rows(path, columns):
        for values, value in zip(table.values(), row, strict=True):
            values.append(value)
    return table


def stream_rows(path: str | Path, columns: Sequence[str]) -> Iterator[tuple]:
    """The named columns of a table row by row, read as they are asked for.

    In memory is one row, and of Parquet, which is compressed by row groups, `PARQUET_ROWS` rows beside the compressed
    row group they come from.

    Args:
        path: .csv, .tsv (standard CSV quoting, UTF-8, a header row), .jsonl (one object per line) or .parquet; all
            but Parquet may be gzipped (.gz).
        columns: names of the columns wanted.

    Yields:
        The row's values in the order of ``columns``.

    Raises:
        TopicbenchError: file missing or empty, unknown format, not UTF-8, NUL bytes, a missing column, a row with too
            few or too many fields, a row that lacks a key; always with the line where it has one.
    """
    path = Path(path)
    kind = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if not path.is_file():
        raise TopicbenchError(path, "file not found", "check the path in the configuration")
    if kind not in FORMATS:
        raise TopicbenchError(path, f"unknown format '{kind}'", f"expected one of {', '.join(FORMATS)} (also .gz)")
    empty = True
    for row in _parquet_rows(path, columns) if kind == ".parquet" else _text_rows(path, kind, columns):
        empty = False
        yield row
    if empty:
        raise TopicbenchError(path, "holds no rows", "a corpus needs at least one document")


def _parquet_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple]:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            missing = [column for column in columns if column not in names]
            if missing:
                raise TopicbenchError(path, f"no column '{missing[0]}'", f"there are: {', '.join(names)}")
            for batch in file.iter_batches(PARQUET_ROWS, columns=list(columns)):
                yield from zip(*(batch.column(column).to_pylist() for column in columns), strict=True)
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise TopicbenchError(path, f"not a whole Parquet file: {error}", "write or fetch it again") from None


def _text_rows(path: Path, kind: str, columns: Sequence[str]) -> Iterator[tuple]:
    rows = _csv_rows(path, DELIMITERS[kind]) if kind in DELIMITERS else _jsonl_rows(path)
    for line, row in rows:
        for column in columns:
            if column not in row:
                raise TopicbenchError(
                    f"{path}, line {line}", f"no column '{column}'", f"there are: {', '.join(map(str, row))}"
                )
        yield tuple(row[column] for column in columns)


def _lines(path: Path) -> Iterator[str]:
    number = 0
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            for number, line in enumerate(file, start=1):
                if b"\0" in line:
                    raise TopicbenchError(f"{path}, line {number}", "holds a NUL byte", "expected UTF-8 text")
                # Only the first line can start with a byte order mark.
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise TopicbenchError(f"{path}, line {number}", f"not UTF-8 text: {error}", "convert it to UTF-8") from None
    except (gzip.BadGzipFile, EOFError) as error:
        raise TopicbenchError(
            f"{path}, after line {number}", f"not a whole gzip file: {error}", "compress or fetch it again"
        ) from None


def _csv_rows(path: Path, delimiter: str) -> Iterator[tuple[int, dict[str, str]]]:
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(_lines(path), delimiter=delimiter, strict=True)
    line = 1
    try:
        header = next(reader, None)
        if header is None:
            raise TopicbenchError(path, "is empty", "expected a header row and at least one document")
        if len(set(header)) != len(header):
            raise TopicbenchError(f"{path}, line 1", "a column name is given twice", "rename one of them")
        line = reader.line_num + 1
        for row in reader:
            if len(row) != len(header):
                raise TopicbenchError(
                    f"{path}, line {line}",
                    f"{len(row)} fields where the header has {len(header)} ({', '.join(header)})",
                    "mend the row; a field that holds the delimiter or a quote must be quoted",
                )
            yield line, dict(zip(header, row, strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        raise TopicbenchError(
            f"{path}, line {line}", f"malformed row: {error}", 'close the quotes; within them a quote is written ""'
        ) from None


def _jsonl_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise TopicbenchError(
                f"{path}, line {number}", f"not valid JSON: {error}", "every line is one JSON object"
            ) from None
        if not isinstance(row, dict):
            raise TopicbenchError(f"{path}, line {number}", "expected a JSON object", 'such as {"text": "…"}')
        yield number, row
