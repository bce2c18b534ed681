"""TweetTopic, from the Hub's data set cardiffnlp/tweet_topic_multi."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from topicbench.core.errors import TopicbenchError
from topicbench.sources.builds._text import read_lines, write_tsv
from topicbench.sources.builds.contract import Build

SPLITS: tuple[tuple[str, ...], ...] = (
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


class TweetTopic(Build):
    """TSV with CRLF line ends, as the paper's own file; columns text, label (number of the class) and label_name.

    The tweets that have one label, of all splits: 21,996 rows in the published data set. A tweet is in two to five
    splits, and so often in the table.
    """

    name = "tweet_topic"
    table = "tweet_topic.tsv"
    files = None

    def make(self, files: Mapping[str, Path], table: Path) -> int:
        rows: list[tuple[str, int, str]] = []
        read: dict[str, list[tuple[str, int, str]]] = {}
        for split in SPLITS:
            for part in split:
                if part not in read:
                    read[part] = _single_label_rows(files, f"dataset/{part}.multi.json")
                rows += read[part]
        write_tsv(table, rows, "\r\n")
        return len(rows)


def _single_label_rows(files: Mapping[str, Path], name: str) -> list[tuple[str, int, str]]:
    rows = []
    for line, text in enumerate(read_lines(files, name), start=1):
        try:
            row = json.loads(text)
            tweet, label, names = row["text"], row["label"], row["label_name"]
            chosen = [number for number, flag in enumerate(label) if flag == 1]
            if not isinstance(tweet, str) or len(chosen) != len(names):
                raise ValueError("label and label_name do not agree")
        except (ValueError, KeyError, TypeError) as error:
            raise TopicbenchError(
                f"{files[name]}, line {line}",
                f"not a tweet with text, label and label_name: {type(error).__name__}: {error}",
                "fetch it again",
            ) from None
        if len(chosen) == 1:
            rows.append((tweet, chosen[0], names[0]))
    return rows
