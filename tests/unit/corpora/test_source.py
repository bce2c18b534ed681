"""Reading tables of texts: every format, and the place of every defect."""

import gzip
import itertools
import tracemalloc

import pandas as pd
import pyarrow
import pytest

from topicbench.core.errors import TopicbenchError
from topicbench.corpora.reader import read_columns, stream_rows

ROWS = {"text": ["plain", 'with "quotes"', "a\ttab", "two\nlines", "ünïcode"], "label": ["1", "2", "1", "2", "1"]}


@pytest.mark.parametrize("name", ["c.csv", "c.tsv", "c.csv.gz", "c.tsv.gz", "c.parquet", "c.jsonl", "c.jsonl.gz"])
def test_all_formats_give_the_same_rows(tmp_path, name):
    path = tmp_path / name
    frame = pd.DataFrame({**ROWS, "unused": range(5)})
    if "parquet" in name:
        frame.to_parquet(path)
    elif "jsonl" in name:
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_csv(path, index=False, sep="\t" if ".tsv" in name else ",")
    assert read_columns(path, ["text", "label"]) == ROWS


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    path = tmp_path / "c.csv"
    path.write_bytes("text,label\nhello,1\n".encode("utf-8-sig"))
    assert read_columns(path, ["text"]) == {"text": ["hello"]}


def test_a_field_of_five_megabytes_is_read(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("text\n" + "word " * 1_000_000 + "\n")
    assert len(read_columns(path, ["text"])["text"][0]) == 5_000_000


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("c.csv", b"", r"c\.csv: is empty"),
        ("c.csv", b"text,label\n", "holds no rows"),
        ("c.csv", b"text,text\na,b\n", "line 1: a column name is given twice"),
        ("c.csv", b"body,label\na,1\n", "line 2: no column 'text'\n  there are: body, label"),
        ("c.csv", b'text,label\n"two\nlines",1\nb\n', "line 4: 1 fields where the header has 2"),
        ("c.csv", b"text,label\na,1,2\n", "line 2: 3 fields where the header has 2"),
        ("c.csv", b'text,label\n"never closed,1\n', "line 2: malformed row"),
        ("c.csv", b"text,label\na\0b,1\n", "line 2: holds a NUL byte"),
        ("c.csv", b"text,label\nok,1\n\xff\xfe,1\n", "line 3: not UTF-8 text"),
        ("c.tsv", b"text,label\na,1\n", "no column 'text'"),
        ("c.jsonl", b'{"text": "a"}\n{"text": \n', "line 2: not valid JSON"),
        ("c.jsonl", b'["a"]\n', "line 1: expected a JSON object"),
        ("c.jsonl", b'{"text": "a"}\n{"txt": "a"}\n', "line 2: no column 'text'"),
        ("c.csv.gz", gzip.compress(b"text\n" + b"hello\n" * 5000, mtime=0)[:-12], "not a whole gzip file"),
        ("c.csv.gz", b"text\nhello\n", "not a whole gzip file"),
        ("c.parquet", b"PAR1 broken", "not a whole Parquet file"),
        ("c.xlsx", b"anything", "unknown format '.xlsx'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TopicbenchError, match=message):
        read_columns(path, ["text"])


def test_a_missing_file_and_a_missing_parquet_column_are_named(tmp_path):
    with pytest.raises(TopicbenchError, match=r"none\.csv: file not found"):
        read_columns(tmp_path / "none.csv", ["text"])
    pd.DataFrame({"body": ["a"]}).to_parquet(tmp_path / "c.parquet")
    with pytest.raises(TopicbenchError, match="no column 'text'\n  there are: body"):
        read_columns(tmp_path / "c.parquet", ["text"])


def test_rows_come_before_what_lies_behind_them_is_read(tmp_path):
    path = tmp_path / "c.jsonl"
    path.write_text('{"text": "a"}\n{"text": "b"}\n{"txt": "c"}\n')
    rows = stream_rows(path, ["text"])
    assert list(itertools.islice(rows, 2)) == [("a",), ("b",)]
    with pytest.raises(TopicbenchError, match="line 3: no column 'text'"):
        next(rows)


@pytest.mark.parametrize("name", ["c.csv", "c.jsonl.gz", "c.parquet"])
def test_memory_does_not_grow_with_the_table(tmp_path, name):
    texts = pd.DataFrame({"text": [f"{row:1000d}" for row in range(10_000)]})
    path = tmp_path / name
    if name == "c.parquet":
        texts.to_parquet(path, row_group_size=500)
    elif name == "c.csv":
        texts.to_csv(path, index=False)
    else:
        texts.to_json(path, orient="records", lines=True)
    del texts
    before, in_arrow, total = pyarrow.total_allocated_bytes(), 0, 0
    tracemalloc.start()
    for row, (text,) in enumerate(stream_rows(path, ["text"])):
        assert int(text) == row
        total += len(text)
        in_arrow = max(in_arrow, pyarrow.total_allocated_bytes() - before)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 10_000_000
    assert peak + in_arrow < total / 2
