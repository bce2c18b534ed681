"""A source from its files or a mirror to its folder: all of it or nothing, and the same as at the first fetch."""

import errno
import hashlib
import io
import json
import os
import shutil
import zipfile

import pytest

from tests.support import ROOT
from tests.support.serving import Page, quick
from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json
from topicbench.sources.fetch import fetch
from topicbench.sources.section import Source

TABLE = b'text\tlabel\tlabel_name\nHow to sort\t19\thaskell\n"A ""quoted"" title"\t5\texcel\n'
TITLES, LABELS = b'How to sort\nA "quoted" title\n', b"19\n5\n"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def zip_of(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return data.getvalue()


@pytest.fixture
def fetched(tmp_path):
    """Fetch an entry; the files of its folder but the record."""

    def run(source, **how):
        folder = tmp_path / "results/sources/thing"
        checksums = fetch("thing", source, folder, tmp_path / "locks/thing.json", tmp_path, quick(**how))
        paths = [path for path in folder.rglob("*") if path.is_file() and path.name != "source.json"]
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        assert checksums == {name: sha256(body) for name, body in files.items()}
        assert read_json(folder / "source.json")["files"] == checksums
        assert os.listdir(folder.parent) == ["thing"], "what was begun is cleared away"
        return files

    return run


@pytest.fixture
def refused(fetched, tmp_path):
    """Fetch an entry that cannot be; the message."""

    def run(source, **how):
        with pytest.raises(TopicbenchError) as error:
            fetched(source, **how)
        assert not (tmp_path / "results/sources/thing").exists()
        return str(error.value)

    return run


def files_of(site, **pages):
    for name, body in pages.items():
        site.pages[f"/{name}.txt"] = Page(body)
    return [{"url": f"{site.address}/{name}.txt"} for name in pages]


def entry(**fields):
    return Source(licence="free", **fields)


def test_files_arrive_under_their_names(site, fetched):
    files = files_of(site, a=b"1", b=b"2")
    files[1]["name"] = "other.txt"
    assert fetched(entry(files=files)) == {"a.txt": b"1", "other.txt": b"2"}


def test_a_table_is_built_and_checked(site, fetched):
    source = entry(
        files=files_of(site, title=TITLES, label=LABELS), build="stackoverflow", rows=2, result_sha256=sha256(TABLE)
    )
    assert fetched(source) == {"stackoverflow.tsv": TABLE}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"rows": 3}, "stackoverflow.tsv: has 2 rows, expected 3\n  the files changed: correct revision or rows"),
        ({"result_sha256": "0" * 64}, f"sources.thing: stackoverflow.tsv: wrong checksum: sha256 is {sha256(TABLE)}"),
    ],
)
def test_a_table_that_is_not_the_expected_one_is_refused(site, refused, fields, message):
    source = entry(files=files_of(site, title=TITLES, label=LABELS), build="stackoverflow", **fields)
    assert message in refused(source)


def test_files_in_the_wrong_order_are_refused(site, refused):
    source = entry(files=files_of(site, label=LABELS, title=TITLES), build="stackoverflow")
    assert "line 1: expected a label from 1 to 20, found 'How to sort'" in refused(source)


def test_an_archive_is_unpacked(site, fetched):
    site.pages["/index.zip"] = Page(zip_of({"index/segments": b"1", "index.histogram": b"2"}))
    source = entry(files=[{"url": f"{site.address}/index.zip"}], build="unpack")
    assert fetched(source) == {"index/segments": b"1", "index.histogram": b"2"}


def test_an_archive_that_leaves_the_folder_is_refused(site, refused, tmp_path):
    site.pages["/index.zip"] = Page(zip_of({"../../outside": b"1"}))
    source = entry(files=[{"url": f"{site.address}/index.zip"}], build="unpack")
    assert "holds a file that lies outside the folder" in refused(source)
    assert list(tmp_path.rglob("outside")) == []


def test_files_that_arrived_are_not_fetched_again_after_a_failure(site, fetched, refused):
    files = files_of(site, a=b"1" * 100, b=b"2" * 100)
    files[0]["sha256"] = sha256(b"1" * 100)
    site.pages["/b.txt"] = Page(b"2" * 100, deaths=1, dies_after=60)
    assert "the body ended after 60 of 100 bytes" in refused(entry(files=files), attempts=1)
    site.requests.clear()
    fetched(entry(files=files))
    assert [(path, headers.get("Range")) for path, headers in site.requests] == [("/b.txt", "bytes=60-")]


def test_a_full_disk_while_unpacking_does_not_cost_the_download(site, fetched, refused, monkeypatch):
    site.pages["/index.zip"] = Page(zip_of({"index/segments": b"1"}))
    source = entry(files=[{"url": f"{site.address}/index.zip"}], build="unpack")

    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("topicbench.sources.archives.shutil.copyfileobj", full)
        said = refused(source)
    assert "sources.thing: no room left in " in said
    assert "free some and run again, which goes on where it stopped" in said
    assert fetched(source) == {"index/segments": b"1"}
    assert len(site.requests) == 1


def test_a_source_is_replaced_as_a_whole(site, fetched):
    assert fetched(entry(files=files_of(site, a=b"1"))) == {"a.txt": b"1"}
    assert fetched(entry(files=files_of(site, b=b"2"))) == {"b.txt": b"2"}


def test_what_is_taken_on_trust_must_stay_the_same(site, fetched, refused, tmp_path):
    source = entry(files=files_of(site, a=b"first"))
    fetched(source)
    lock = tmp_path / "locks/thing.json"
    assert json.loads(lock.read_text())["sha256"] == {"a.txt": sha256(b"first")}
    shutil.rmtree(tmp_path / "results")
    site.pages["/a.txt"].body = b"other"
    said = refused(source)
    assert f"a.txt is not what it was at the first fetch: SHA-256 {sha256(b'other')}, {lock} says" in said
    assert f"if the change is meant, delete {lock}" in said
    lock.unlink()
    assert fetched(source) == {"a.txt": b"other"}


def test_another_address_or_revision_is_trusted_anew(site, fetched):
    fetched(entry(files=files_of(site, a=b"1")))
    site.pages["/v2/a.txt"] = Page(b"2")
    assert fetched(entry(files=[{"url": f"{site.address}/v2/a.txt"}])) == {"a.txt": b"2"}


@pytest.mark.parametrize("relative", [True, False])
def test_a_mirror_is_a_folder_of_the_files(fetched, tmp_path, relative):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/title.txt").write_bytes(TITLES)
    (tmp_path / "mine/label.txt").write_bytes(LABELS)
    files = [{"url": f"http://nowhere.invalid/{name}.txt"} for name in ("title", "label")]
    mirror = "mine" if relative else str(tmp_path / "mine")
    assert fetched(entry(files=files, build="stackoverflow", mirror=mirror)) == {"stackoverflow.tsv": TABLE}


def test_a_mirror_is_the_only_file(fetched, tmp_path):
    (tmp_path / "palmetto-0.1.jar").write_bytes(b"jar")
    source = entry(files=[{"url": "http://nowhere.invalid/palmetto.jar"}], mirror="palmetto-0.1.jar")
    assert fetched(source) == {"palmetto.jar": b"jar"}


@pytest.mark.parametrize("ending", ["/copies", "/copies/", "/copies/a.txt"])
def test_a_mirror_is_an_address_of_a_folder_or_of_the_file(site, fetched, ending):
    site.pages["/copies/a.txt"] = Page(b"1")
    source = entry(files=[{"url": "http://nowhere.invalid/a.txt"}], mirror=site.address + ending)
    assert fetched(source) == {"a.txt": b"1"}


def test_a_mirror_must_have_the_right_files(refused, tmp_path):
    (tmp_path / "mine").mkdir()
    files = [{"url": "http://nowhere.invalid/a.txt", "sha256": sha256(b"1")}]
    assert "mine has no a.txt\n  add it, or correct the mirror" in refused(entry(files=files, mirror="mine"))
    (tmp_path / "mine/a.txt").write_bytes(b"2")
    said = refused(entry(files=files, mirror="mine"))
    assert "sources.thing.mirror: " in said
    assert f"a.txt wrong checksum: sha256 is {sha256(b'2')}" in said
    assert (tmp_path / "mine/a.txt").exists(), "what is the user's is not deleted"


@pytest.mark.parametrize("kind", ["file", "address"])
def test_a_mirror_may_be_the_table_itself(site, fetched, tmp_path, kind):
    (tmp_path / "tweets.tsv").write_bytes(TABLE)
    site.pages["/tweets.tsv"] = Page(TABLE)
    mirror = "tweets.tsv" if kind == "file" else f"{site.address}/tweets.tsv"
    source = entry(
        hub="a/b", kind="dataset", revision="0" * 40, build="tweet_topic", result_sha256=sha256(TABLE), mirror=mirror
    )
    assert fetched(source) == {"tweet_topic.tsv": TABLE}


def test_a_table_that_is_the_wrong_one_is_refused(refused, tmp_path):
    (tmp_path / "tweets.tsv").write_bytes(TABLE + b"x\t1\ty\n")
    source = entry(
        hub="a/b", kind="dataset", revision="0" * 40, build="tweet_topic", result_sha256="0" * 64, mirror="tweets.tsv"
    )
    assert "sources.thing: tweet_topic.tsv: wrong checksum" in refused(source)


def test_a_folder_in_place_of_a_table_is_refused(refused, tmp_path):
    (tmp_path / "tweets.tsv").mkdir()
    source = entry(hub="a/b", kind="dataset", revision="0" * 40, build="tweet_topic", mirror="tweets.tsv")
    assert "tweets.tsv is a folder" in refused(source)


def test_the_papers_own_table_is_a_mirror_of_its_source(fetched):
    from pathlib import Path

    from topicbench.config.load import load

    path = os.environ.get("TOPICBENCH_TWEET_TOPIC")
    if not path:
        pytest.skip("TOPICBENCH_TWEET_TOPIC does not name the paper's tweet_topic.tsv")
    source = load(ROOT / "config/paper.yaml").sources["tweet_topic"]
    files = fetched(source.model_copy(update={"mirror": path}))
    assert files["tweet_topic.tsv"] == Path(path).read_bytes()
