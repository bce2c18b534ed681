"""Builds: the tables of the paper's corpora, from files as their authors publish them, and one of somebody else."""

import csv
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pandas as pd
import pytest

from tests.support import ROOT
from topicbench.core.errors import TopicbenchError
from topicbench.sources.builds.contract import Build, builds
from topicbench.sources.builds.tweet_topic import SPLITS

STACKOVERFLOW_SHA256 = "dca08bcf0ab458b40e1e0178744edd2a42183395fd333a7692a6c2bf3152557b"
TWEET_TOPIC_SHA256 = "e27918a432c3790a055fcd869c48d73108ce3bc3dac10b31cef634d558f95758"


def make(build, table, *files):
    return builds()[build].make({file.name: file for file in files}, table)


def newsgroups_archive(path, posts):
    """An archive as Rennie's: its folders first, the posts in no particular order."""
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for folder in ("20news-bydate-test", "20news-bydate-train"):
            info = tarfile.TarInfo(f"{folder}/")
            info.type = tarfile.DIRTYPE
            archive.addfile(info)
        for row in posts.sample(frac=1, random_state=0).itertuples():
            body = row.text.encode("latin-1")
            info = tarfile.TarInfo(f"20news-bydate-{row.split}/{row.label_name}/{row.doc_id}")
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return path


def test_newsgroups_are_the_rows_of_the_table_in_this_repository(tmp_path):
    posts = pd.read_parquet(ROOT / "data/20newsgroups.parquet")
    # Of each group and split some, so that all groups are there and the numbers of the labels the same.
    posts = posts.groupby(["split", "label"]).sample(15, random_state=1).sort_index().reset_index(drop=True)
    archive = newsgroups_archive(tmp_path / "20news-bydate.tar.gz", posts)
    rows = make("20newsgroups", tmp_path / "table.parquet", archive)
    assert rows == len(posts) == 600
    built = pd.read_parquet(tmp_path / "table.parquet")
    pd.testing.assert_frame_equal(built, posts, check_dtype=False)
    assert [str(kind) for kind in built.dtypes][1] == "int64"


def test_newsgroups_are_in_the_order_of_scikit_learn(tmp_path):
    from sklearn.datasets import load_files

    posts = pd.read_parquet(ROOT / "data/20newsgroups.parquet")
    posts = posts[posts["split"] == "train"].groupby("label").head(3)
    archive = newsgroups_archive(tmp_path / "archive", posts)
    make("20newsgroups", tmp_path / "table.parquet", archive)
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path / "unpacked", filter="data")
    theirs = load_files(tmp_path / "unpacked/20news-bydate-train", encoding="latin1", shuffle=False)
    built = pd.read_parquet(tmp_path / "table.parquet")
    assert built["label"].tolist() == theirs.target.tolist()
    assert built["label_name"].tolist() == [theirs.target_names[label] for label in theirs.target]
    assert sorted(built["text"]) == sorted(theirs.data)


def test_an_archive_without_posts_is_refused(tmp_path):
    with tarfile.open(tmp_path / "archive", "w") as archive:
        archive.addfile(tarfile.TarInfo("readme"))
    with pytest.raises(TopicbenchError, match="holds no post of 20 Newsgroups"):
        make("20newsgroups", tmp_path / "table.parquet", tmp_path / "archive")


@pytest.fixture
def published_stackoverflow(tmp_path):
    """title_StackOverflow.txt and label_StackOverflow.txt, from the table in this repository."""
    table = pd.read_csv(ROOT / "data/stackoverflow.tsv.gz", sep="\t", keep_default_na=False)
    (tmp_path / "titles.txt").write_text("\n".join(table["text"]) + "\n", newline="")
    (tmp_path / "labels.txt").write_text("\n".join(map(str, table["label"])) + "\n")
    return tmp_path / "titles.txt", tmp_path / "labels.txt"


def test_stackoverflow_is_byte_for_byte_the_table_in_this_repository(tmp_path, published_stackoverflow):
    assert make("stackoverflow", tmp_path / "table.tsv", *published_stackoverflow) == 20000
    built = (tmp_path / "table.tsv").read_bytes()
    assert hashlib.sha256(built).hexdigest() == STACKOVERFLOW_SHA256
    assert built == gzip.decompress((ROOT / "data/stackoverflow.tsv.gz").read_bytes())


@pytest.mark.parametrize(
    ("titles", "labels", "message"),
    [
        (b"a\nb\n", b"1\n", r"labels.txt: has 1 lines, titles.txt has 2"),
        (b"a\nb\n", b"1\n21\n", r"labels.txt, line 2: expected a label from 1 to 20, found '21'"),
        (b"a\nb\n", b"1\n\n", r"labels.txt, line 2: expected a label from 1 to 20, found ''"),
        (b"a\n\xff\n", b"1\n2\n", r"titles.txt: not UTF-8 text"),
    ],
)
def test_stackoverflow_files_that_do_not_fit_are_refused(tmp_path, titles, labels, message):
    (tmp_path / "titles.txt").write_bytes(titles)
    (tmp_path / "labels.txt").write_bytes(labels)
    with pytest.raises(TopicbenchError, match=message):
        make("stackoverflow", tmp_path / "table.tsv", tmp_path / "titles.txt", tmp_path / "labels.txt")
    assert not (tmp_path / "table.tsv").exists()


CLASSES = 19


def tweet(text, *labels):
    """A row in the card's format."""
    flags = [int(number in labels) for number in range(CLASSES)]
    return {"date": "2021-03-07", "text": text, "id": "1", "label": flags, "label_name": [f"c{n}" for n in labels]}


def published_tweets(folder, splits):
    for name in sorted({name for split in SPLITS for name in split}):
        path = folder / "dataset" / f"{name}.multi.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in splits.get(name, [])))
    return folder


def make_tweets(folder):
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.json"))}
    return builds()["tweet_topic"].make(files, folder / "table.tsv")


def test_tweets_of_one_label_in_the_order_of_the_card(tmp_path):
    names = [name for split in SPLITS for name in split]
    splits = {name: [tweet(f"{name} first", 3), tweet("two", 1, 2), tweet(f"{name} last", 18)] for name in names}
    rows = make_tweets(published_tweets(tmp_path, splits))
    assert rows == 28
    table = pd.read_csv(tmp_path / "table.tsv", sep="\t")
    # train_all holds the training tweets of both years again.
    order = ["test_2020", "test_2021", "train_2020", "train_2021", "train_2020", "train_2021"]
    order += ["validation_2020", "validation_2021", "train_random", "validation_random"]
    order += ["test_random", "train_random", "test_2021", "train_2020"]
    assert [text.split("/")[1].split(" ")[0] for text in table["text"][::2]] == order
    assert set(map(tuple, table[["label", "label_name"]].to_numpy())) == {(3, "c3"), (18, "c18")}


def test_the_table_of_tweets_is_written_as_the_papers(tmp_path):
    odd = ['tab\there "quoted"', "line\nfeed", "line\u2028separator", "plain"]
    splits = {"split_temporal/test_2020": [tweet(text, 0) for text in odd]}
    make_tweets(published_tweets(tmp_path, splits))
    data = (tmp_path / "table.tsv").read_bytes()
    assert data.startswith(b"text\tlabel\tlabel_name\r\n")
    assert b'"tab\there ""quoted"""\t0\tc0\r\n' in data
    assert data.endswith(b"plain\t0\tc0\r\n")
    with open(tmp_path / "table.tsv", newline="") as file:
        assert [row[0] for row in csv.reader(file, delimiter="\t")] == ["text", *odd]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("not json", "JSONDecodeError"),
        ("{}", "KeyError: 'text'"),
        ('{"text": "x", "label": [1, 0], "label_name": []}', "ValueError: label and label_name do not agree"),
        ('{"text": null, "label": [1], "label_name": ["a"]}', "ValueError: label and label_name do not agree"),
        ("[1]", "TypeError"),
    ],
)
def test_what_is_no_tweet_is_named_with_its_line(tmp_path, line, message):
    folder = published_tweets(tmp_path, {"split_random/train_random": [tweet("good", 1)]})
    path = folder / "dataset/split_random/train_random.multi.json"
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(TopicbenchError) as error:
        make_tweets(folder)
    assert str(error.value).startswith(f"{path}, line 2: not a tweet with text, label and label_name: {message}")


def test_a_split_that_is_missing_is_named(tmp_path):
    folder = published_tweets(tmp_path, {})
    (folder / "dataset/split_random/validation_random.multi.json").unlink()
    with pytest.raises(TopicbenchError, match=r"validation_random.multi.json: file not found"):
        make_tweets(folder)


@pytest.fixture
def papers_tweets():
    path = os.environ.get("TOPICBENCH_TWEET_TOPIC")
    if not path:
        pytest.skip("TOPICBENCH_TWEET_TOPIC does not name the paper's tweet_topic.tsv")
    return Path(path)


def test_the_papers_own_table_comes_out_of_its_splits_byte_for_byte(tmp_path, papers_tweets):
    assert hashlib.sha256(papers_tweets.read_bytes()).hexdigest() == TWEET_TOPIC_SHA256
    table = pd.read_csv(papers_tweets, sep="\t", keep_default_na=False)
    assert len(table) == 21996
    # Only these boundaries of splits are known; the rest of each file is put into the first of its splits.
    splits = {
        "split_temporal/test_2020": table[:1244],
        "split_temporal/train_2020": table[1244:4318],
        "split_temporal/validation_2020": table[7392:7764],
        "split_random/train_random": table[7764:10416],
        "split_coling2022_random/test_random": table[10416:16206],
        "split_coling2022_temporal/test_2021": table[16206:21996],
    }
    assert table[1244:4318].to_numpy().tolist() == table[4318:7392].to_numpy().tolist(), "train_all repeats both years"
    rows = {
        name: [{**tweet(row.text, row.label), "label_name": [row.label_name]} for row in part.itertuples()]
        for name, part in splits.items()
    }
    assert make_tweets(published_tweets(tmp_path, rows)) == 21996
    assert hashlib.sha256((tmp_path / "table.tsv").read_bytes()).hexdigest() == TWEET_TOPIC_SHA256


@pytest.mark.parametrize("build", builds().values(), ids=builds())
def test_every_build_keeps_the_contract(build):
    assert build.__doc__ != Build.__doc__
    assert Path(build.table).name == build.table
    assert Path(build.table).suffix in (".csv", ".tsv", ".jsonl", ".parquet")
    assert build.files is None or build.files > 0


OWN_BUILD = '''
from topicbench.core.files import write_text
from topicbench.sources.builds.contract import Build

class Poems(Build):
    """CSV of poems, from a text in which an empty line ends each."""

    name = "poems"
    table = "poems.csv"
    files = 1

    def make(self, files, table):
        (poems,) = files.values()
        texts = poems.read_text().strip().split("\\n\\n")
        write_text(table, "text\\n" + "".join(text.replace("\\n", " / ") + "\\n" for text in texts))
        return len(texts)
'''
FETCH = """
import sys
from pathlib import Path
import topicbench.sources.builds
here = Path(sys.argv[1])
topicbench.sources.builds.__path__.append(str(here / "builds"))
from topicbench.sources.fetch import fetch
from topicbench.sources.section import Source
files = [{"url": "http://nowhere.invalid/all.txt"}]
source = Source(licence="free", files=files, mirror="all.txt", build="poems", rows=2)
assert source.main_file == "poems.csv"
fetch("poems", source, here / "poems", here / "lock.json", here)
"""


def test_one_file_and_one_entry_add_a_corpus_that_has_to_be_built(tmp_path):
    (tmp_path / "builds").mkdir()
    (tmp_path / "builds/poems.py").write_text(OWN_BUILD)
    (tmp_path / "all.txt").write_text("a\nb\n\nc\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", FETCH, str(tmp_path)], check=True, env=environment)
    assert (tmp_path / "poems/poems.csv").read_text() == "text\na / b\nc\n"
