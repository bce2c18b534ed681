"""The tables of the paper's corpora, made from the files their authors publish."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import written_beside
from topicbench.sources.archives import members

TWEET_TOPIC = "dataset"
TWEET_TOPIC_SPLITS: tuple[tuple[str, ...], ...] = (
    ("split_temporal/test_2020",),
    ("split_temporal/test_2021",),
    ("split_temporal/train_2020",),
    ("split_temporal/train_2021",),
    ("split_temporal/train_2020", "split_temporal/train_2021"),
    ("split_temporal/validation_2020",),
    ("split_temporal/validation_2021",),
    ("split_random/train_random",),
    ("split_random/validation_random",),
    ("split_coling2022_random/test_random",),
    ("split_coling2022_random/train_random",),
    ("split_coling2022_temporal/test_2021",),
    ("split_coling2022_temporal/train_2020",),
)
"""The 13 splits in the order of the card, each by its files: test_2020, test_2021, train_2020, train_2021, train_all,
validation_2020, validation_2021, train_random, validation_random, test_coling2022_random, train_coling2022_random,
test_coling2022, train_coling2022. They overlap; the paper's code concatenates them all."""

STACKOVERFLOW_TAGS = (
    *("wordpress", "oracle", "svn", "apache", "excel", "matlab", "visual-studio", "cocoa", "osx", "bash", "spring"),
    *("hibernate", "scala", "sharepoint", "ajax", "qt", "drupal", "linq", "haskell", "magento"),
)
"""Names of the labels 1 to 20, from the README of the authors' repository."""


def newsgroups(archive: Path, table: Path) -> int:
    """The archive of 20 Newsgroups ("bydate") as a Parquet table; its number of rows.

    Columns split (train, test), label (0 … in the alphabetical order of the groups), label_name, doc_id (the file's
    name), text (decoded as latin-1); train before test, then by label, then by doc_id as text: the order in which
    scikit-learn reads the files before it shuffles them.
    """
    import pyarrow
    import pyarrow.parquet

    posts: list[tuple[int, str, str, str]] = []
    with members(archive) as found:
        for path, opened in found:
            match = re.fullmatch(r"(?:.*/)?20news-bydate-(train|test)/([^/]+)/([^/]+)", path)
            if match:
                with opened() as file:
                    posts.append((match[1] == "test", match[2], match[3], file.read().decode("latin-1")))
    if not posts:
        raise TopicbenchError(archive, "holds no post of 20 Newsgroups", "expected 20news-bydate-train and -test")
    posts.sort(key=lambda post: post[:3])
    numbers = {group: number for number, group in enumerate(sorted({group for _, group, _, _ in posts}))}
    columns = {
        "split": ["test" if test else "train" for test, _, _, _ in posts],
        "label": [numbers[group] for _, group, _, _ in posts],
        "label_name": [group for _, group, _, _ in posts],
        "doc_id": [doc_id for _, _, doc_id, _ in posts],
        "text": [text for _, _, _, text in posts],
    }
    with written_beside(table) as partial:
        pyarrow.parquet.write_table(pyarrow.table(columns), partial, compression="zstd")
    return len(posts)


def stackoverflow(titles: Path, labels: Path, table: Path) -> int:
    """Titles and labels, one per line, as a TSV table (text, label, label_name); its number of rows."""
    texts, numbers = _lines(titles), _lines(labels)
    if len(texts) != len(numbers):
        raise TopicbenchError(labels, f"has {len(numbers)} lines, {titles.name} has {len(texts)}", "fetch both again")
    rows = []
    for line, (text, number) in enumerate(zip(texts, numbers, strict=True), start=1):
        if not (number.strip().isdigit() and 1 <= int(number) <= len(STACKOVERFLOW_TAGS)):
            raise TopicbenchError(
                f"{labels}, line {line}", f"expected a label from 1 to {len(STACKOVERFLOW_TAGS)}, found {number!r}"
            )
        rows.append([text, int(number), STACKOVERFLOW_TAGS[int(number) - 1]])
    return _write_tsv(table, rows, "\n")


def tweet_topic(folder: Path, table: Path) -> int:
    """The rows of cardiffnlp/tweet_topic_multi that have one label, all splits in the card's order, as a TSV table.

    Args:
        folder: the data set's repository, with its folder ``dataset``.
        table: columns text, label (number of the class), label_name; CRLF line ends, as the paper's own file.

    Returns:
        Number of rows, 21,996 in the published data set. A tweet is in two to five splits, and so often in the table.
    """
    rows = []
    read: dict[str, list[list[Any]]] = {}
    for split in TWEET_TOPIC_SPLITS:
        for name in split:
            if name not in read:
                read[name] = _single_label_rows(folder / TWEET_TOPIC / f"{name}.multi.json")
            rows += read[name]
    return _write_tsv(table, rows, "\r\n")


def _single_label_rows(path: Path) -> list[list[Any]]:
    rows = []
    for line, text in enumerate(_lines(path), start=1):
        try:
            row = json.loads(text)
            tweet, label, names = row["text"], row["label"], row["label_name"]
            chosen = [number for number, flag in enumerate(label) if flag == 1]
            if not isinstance(tweet, str) or len(chosen) != len(names):
                raise ValueError("label and label_name do not agree")
        except (ValueError, KeyError, TypeError) as error:
            raise TopicbenchError(
                f"{path}, line {line}",
                f"not a tweet with text, label and label_name: {type(error).__name__}: {error}",
                "fetch it again",
            ) from None
        if len(chosen) == 1:
            rows.append([tweet, chosen[0], names[0]])
    return rows


def _lines(path: Path) -> list[str]:
    """Lines that end in a line feed, and in nothing else that Unicode takes for a line's end."""
    if not path.is_file():
        raise TopicbenchError(path, "file not found", "fetch the source again")
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise TopicbenchError(path, f"not UTF-8 text: {error}", "fetch it again") from None
    return [line.removesuffix("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


def _write_tsv(table: Path, rows: list[list[Any]], line_end: str) -> int:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter="\t", lineterminator=line_end)
    writer.writerow(["text", "label", "label_name"])
    writer.writerows(rows)
    with written_beside(table) as partial:
        partial.write_bytes(text.getvalue().encode("utf-8"))
    return len(rows)
