"""Which files of two runs are compared, and what of them."""

import json

import pytest

from tools.reproduce import compare, digests, main, table


def written(folder, files):
    for path, content in files.items():
        (folder / "results" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "results" / path).write_text(content if isinstance(content, str) else json.dumps(content))
    return digests(folder)


FILES = {
    "table1.csv": "a",
    "corpora/x/vocabulary.txt": "b",
    "runs/x/seed0/run.json": {"seed": 0, "seconds": 1.0, "details": {"seconds": 2}},
    "benchmarks/fit/x.tsv": "1.5",
    "costs.csv": "2.5",
}


def test_everything_is_compared_but_what_is_measured(tmp_path):
    first = written(tmp_path / "1", FILES)
    assert set(first) == {"table1.csv", "corpora/x/vocabulary.txt", "runs/x/seed0/run.json"}
    slower = {**FILES, "runs/x/seed0/run.json": {"details": {"seconds": 9}, "seed": 0, "seconds": 8}, "costs.csv": "9"}
    assert written(tmp_path / "2", {**slower, "benchmarks/fit/x.tsv": "9"}) == first
    other = written(tmp_path / "3", {**FILES, "runs/x/seed0/run.json": {"seed": 1}})
    assert compare(first, other)["differ"] == ["runs/x/seed0/run.json"]


def test_the_table_names_what_is_not_equal():
    first, second = {"a.csv": "1", "runs/x": "1", "runs/y": "1"}, {"a.csv": "1", "runs/x": "2", "runs/z": "1"}
    lines = table(first, second).splitlines()
    assert [line.split() for line in lines[1:4]] == [
        ["tables", "and", "figures", "1", "1", "0"],
        ["runs", "3", "0", "3"],
        ["all", "4", "1", "3"],
    ]
    assert lines[4:] == ["differ: runs/x", "only in the first: runs/y", "only in the second: runs/z"]


def test_a_folder_in_use_is_refused(tmp_path, capsys):
    (tmp_path / "run1").mkdir()
    with pytest.raises(SystemExit):
        main(["any.yaml", "--folder", str(tmp_path)])
    assert "is there already; name a fresh folder" in capsys.readouterr().err
