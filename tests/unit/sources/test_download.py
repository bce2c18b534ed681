"""Downloads from a server that works, breaks off, sends the wrong thing, refuses, or changes the file."""

import errno
import hashlib
import os
import socket
import subprocess
import sys
import time
from collections import namedtuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.serving import Page, blob, quick
from topicbench.core.errors import TopicbenchError
from topicbench.sources import downloads
from topicbench.sources.downloads import UNKNOWN, Expected, download

BODY = bytes(range(256)) * 40
SHA256 = hashlib.sha256(BODY).hexdigest()


def fetched(site, tmp_path, expected=UNKNOWN, path="/file.bin", **how):
    target = tmp_path / "folder" / "file.bin"
    download(f"{site.address}{path}", target, "sources.file", expected, quick(**how))
    assert sorted(os.listdir(target.parent)) == ["file.bin"], "nothing else is left"
    return target.read_bytes()


def refused(site, tmp_path, expected=UNKNOWN, path="/file.bin", **how):
    target = tmp_path / "folder" / "file.bin"
    with pytest.raises(TopicbenchError) as error:
        download(f"{site.address}{path}", target, "sources.file", expected, quick(**how))
    assert not target.exists()
    assert error.value.culprit == "sources.file"
    return str(error.value)


@pytest.mark.parametrize(
    "expected",
    [
        Expected(),
        Expected(bytes=len(BODY), sha256=SHA256),
        Expected(md5=hashlib.md5(BODY).hexdigest()),
        Expected(git_sha1=hashlib.sha1(blob(BODY)).hexdigest()),
    ],
    ids=["unknown", "sha256", "md5", "git"],
)
def test_a_whole_file_arrives(site, tmp_path, expected):
    site.pages["/file.bin"] = Page(BODY)
    assert fetched(site, tmp_path, expected) == BODY
    assert site.ranges() == [None]


def test_a_file_that_is_there_and_right_is_not_fetched_again(site, tmp_path):
    site.pages["/file.bin"] = Page(BODY)
    for _ in range(2):
        fetched(site, tmp_path, Expected(sha256=SHA256))
    assert len(site.requests) == 1


def test_an_empty_file_arrives(site, tmp_path):
    site.pages["/file.bin"] = Page(b"")
    assert fetched(site, tmp_path, Expected(bytes=0)) == b""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300), dies_after=st.integers(0, 300), deaths=st.integers(0, 2), ranges=st.booleans())
def test_whatever_breaks_the_file_is_whole_or_not_there(site, tmp_path_factory, body, dies_after, deaths, ranges):
    site.pages["/file.bin"] = Page(body, dies_after=dies_after, deaths=deaths, ranges=ranges)
    assert fetched(site, tmp_path_factory.mktemp("download")) == body


def test_a_server_that_dies_half_way_is_asked_for_the_rest(site, tmp_path):
    site.pages["/file.bin"] = Page(BODY, deaths=1, dies_after=4000)
    assert fetched(site, tmp_path) == BODY
    assert site.ranges() == [None, "bytes=4000-"]
    assert site.requests[1][1]["If-Range"] == '"v1"'


def test_the_next_run_goes_on_where_this_one_stopped(site, tmp_path):
    site.pages["/file.bin"] = Page(BODY, deaths=1, dies_after=4000)
    message = refused(site, tmp_path, attempts=1)
    assert "the body ended after 4,000 of 10,240 bytes" in message
    assert "run again, which goes on where it stopped" in message
    assert "name its place in sources.file.mirror" in message
    assert (tmp_path / "folder/file.bin.partial").read_bytes() == BODY[:4000]
    assert fetched(site, tmp_path) == BODY
    assert site.ranges() == [None, "bytes=4000-"]


def test_tries_that_bring_something_do_not_count(site, tmp_path):
    site.pages["/file.bin"] = Page(BODY, deaths=20, dies_after=500)
    assert fetched(site, tmp_path, attempts=2) == BODY
    assert len(site.requests) == 21


def test_a_body_that_is_always_cut_short_is_refused(site, tmp_path):
    site.pages["/file.bin"] = Page(BODY, deaths=1000, dies_after=0)
    assert "the body ended after 0 of 10,240 bytes" in refused(site, tmp_path)
    assert len(site.requests) == 3


def test_a_server_without_ranges_starts_again(site, tmp_path):
    site.pages["/file.bin"] = Page(BODY, ranges=False, deaths=1, dies_after=4000)
    assert fetched(site, tmp_path) == BODY
    assert site.ranges() == [None, "bytes=4000-"]


def test_a_file_that_changed_in_between_is_not_joined_of_two(site, tmp_path):
    site.pages["/file.bin"] = Page(b"old" * 2000, etag='"old"', deaths=1, dies_after=3000)
    refused(site, tmp_path, attempts=1)
    site.pages["/file.bin"] = Page(BODY, etag='"new"')
    assert fetched(site, tmp_path) == BODY


def test_without_a_validator_only_a_checksum_allows_to_go_on(site, tmp_path):
    site.pages["/file.bin"] = Page(BODY, etag=None, deaths=1, dies_after=4000)
    assert fetched(site, tmp_path) == BODY
    assert site.ranges() == [None, None]
    site.requests.clear()
    site.pages["/file.bin"] = Page(BODY, etag=None, deaths=1, dies_after=4000)
    assert fetched(site, tmp_path / "other", Expected(sha256=SHA256)) == BODY
    assert site.ranges() == [None, "bytes=4000-"]


def test_a_weak_validator_is_not_relied_on(site, tmp_path):
    site.pages["/file.bin"] = Page(BODY, etag='W/"v1"', deaths=1, dies_after=4000)
    assert fetched(site, tmp_path) == BODY
    assert site.ranges() == [None, None]


def test_a_part_of_another_file_is_replaced_where_the_checksum_says_so(site, tmp_path):
    # No validator: the server cannot tell that the part on disk is of an older file, only the checksum can.
    site.pages["/file.bin"] = Page(b"o" * 9000, etag=None, deaths=1, dies_after=3000)
    refused(site, tmp_path, Expected(sha256=SHA256), attempts=1)
    site.pages["/file.bin"] = Page(BODY, etag=None)
    assert fetched(site, tmp_path, Expected(sha256=SHA256)) == BODY
    assert site.ranges() == [None, "bytes=3000-", None]


def test_a_part_fetched_from_another_address_is_not_used(site, tmp_path):
    site.pages["/old.bin"] = Page(b"o" * 9000, deaths=1, dies_after=3000)
    refused(site, tmp_path, path="/old.bin", attempts=1)
    site.pages["/file.bin"] = Page(BODY)
    assert fetched(site, tmp_path) == BODY
    assert site.ranges() == [None, None]


def test_a_part_that_is_the_whole_is_taken(site, tmp_path):
    site.pages["/file.bin"] = Page(BODY, deaths=1, dies_after=4000)
    refused(site, tmp_path, attempts=1)
    (tmp_path / "folder/file.bin.partial").write_bytes(BODY)
    assert fetched(site, tmp_path, Expected(sha256=SHA256)) == BODY


def test_a_part_longer_than_the_file_is_thrown_away(site, tmp_path):
    site.pages["/file.bin"] = Page(BODY, deaths=1, dies_after=4000)
    refused(site, tmp_path, attempts=1)
    (tmp_path / "folder/file.bin.partial").write_bytes(BODY + b"more")
    assert fetched(site, tmp_path) == BODY


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        (Expected(sha256="0" * 64), f"wrong checksum: sha256 is {SHA256}, expected {'0' * 64}"),
        (Expected(md5="0" * 32), "wrong checksum: md5 is "),
        (Expected(git_sha1="0" * 40), "wrong checksum: git_sha1 is "),
        (Expected(bytes=7), "has 10,240 bytes, expected 7"),
    ],
)
def test_the_wrong_file_is_refused_and_thrown_away(site, tmp_path, expected, message):
    site.pages["/file.bin"] = Page(BODY)
    said = refused(site, tmp_path, expected)
    assert message in said
    assert "name another mirror, or correct the entry in sources" in said
    assert os.listdir(tmp_path / "folder") == []
    assert len(site.requests) == 2, "once more from the beginning, and no more"


@pytest.mark.parametrize(
    ("status", "message"), [(404, "not found (404 Not Found)"), (410, "not found"), (403, "refused (403 Forbidden)")]
)
def test_a_refusal_is_not_repeated(site, tmp_path, status, message):
    site.pages["/file.bin"] = Page(status=status)
    said = refused(site, tmp_path)
    assert message in said
    assert "correct its address in sources, or name its place in sources.file.mirror" in said
    assert len(site.requests) == 1


def test_a_busy_server_is_asked_again_after_the_time_it_names(site, tmp_path):
    site.pages["/file.bin"] = Page(status=503, headers={"Retry-After": "7"})
    waited = []

    def sleep(seconds):
        waited.append(seconds)
        if len(waited) == 2:
            site.pages["/file.bin"] = Page(BODY)

    target = tmp_path / "file.bin"
    how = downloads.Transfer(attempts=4, progress=False, sleep=sleep)
    download(f"{site.address}/file.bin", target, "sources.file", Expected(), how)
    assert target.read_bytes() == BODY
    assert waited == [7.0, 7.0]


def test_waits_double_and_end(site, tmp_path):
    site.pages["/file.bin"] = Page(status=500)
    waited = []
    how = downloads.Transfer(attempts=9, progress=False, sleep=waited.append)
    with pytest.raises(TopicbenchError, match=r"the server answers 500 .* \(9 tries\)"):
        download(f"{site.address}/file.bin", tmp_path / "file.bin", "sources.file", Expected(), how)
    assert waited == [1, 2, 4, 8, 16, 32, 60, 60]


def test_no_network_points_to_the_mirror(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/file.bin"
    with pytest.raises(TopicbenchError) as error:
        download(address, tmp_path / "file.bin", "sources.file", Expected(), quick())
    assert "cannot be reached: ConnectionError" in str(error.value)
    assert "without a network, fetch it elsewhere and name its place in sources.file.mirror" in str(error.value)


def test_a_server_that_hangs_is_given_up_and_asked_for_the_rest(site, tmp_path):
    site.pages["/file.bin"] = Page(BODY, deaths=1, dies_after=4000, hangs=1.0)
    assert fetched(site, tmp_path, patience=0.2) == BODY
    assert site.ranges() == [None, "bytes=4000-"]


def test_a_server_that_never_answers_in_time_is_named(site, tmp_path):
    site.pages["/file.bin"] = Page(BODY, deaths=9, dies_after=0, hangs=0.4)
    said = refused(site, tmp_path, patience=0.1, attempts=2)
    assert "the body ended after 0 of 10,240 bytes (ReadTimeoutError" in said
    assert "(2 tries)" in said


def test_too_little_room_is_found_before_the_first_byte(site, tmp_path, monkeypatch):
    site.pages["/file.bin"] = Page(BODY)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda path: usage(100, 99, 1))
    said = refused(site, tmp_path)
    assert "needs 10,240 more bytes in " in said
    assert "1 are free\n  free some and run again" in said


def test_a_disk_that_fills_up_keeps_what_has_arrived(site, tmp_path, monkeypatch):
    site.pages["/file.bin"] = Page(BODY)
    real = open

    def full(path, mode="r", *arguments, **options):
        file = real(path, mode, *arguments, **options)
        if str(path).endswith(".partial") and "w" in mode:

            class Full:
                def __enter__(self):
                    return self

                def __exit__(self, *error):
                    file.close()

                def seek(self, place):
                    file.seek(place)

                def write(self, block):
                    file.write(block[:1000])
                    raise OSError(errno.ENOSPC, "No space left on device")

            return Full()
        return file

    monkeypatch.setattr(downloads, "open", full, raising=False)
    assert "no room left in " in refused(site, tmp_path)
    monkeypatch.undo()
    assert fetched(site, tmp_path) == BODY
    assert site.ranges()[-1] == "bytes=1000-"


def test_what_is_no_address_is_refused(tmp_path):
    with pytest.raises(TopicbenchError, match=r"http://\[: not an address"):
        download("http://[", tmp_path / "file.bin", "sources.file", Expected(), quick())


def test_a_killed_job_leaves_what_had_arrived(site, tmp_path):
    site.pages["/file.bin"] = Page(BODY * 20, deaths=1, dies_after=150_000, hangs=20)
    target = tmp_path / "folder/file.bin"
    code = (
        "import sys; from pathlib import Path; from topicbench.sources.downloads import *;"
        "download(sys.argv[1], Path(sys.argv[2]), 'sources.file', UNKNOWN, Transfer(progress=False))"
    )
    command = [sys.executable, "-c", code, f"{site.address}/file.bin", str(target)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    partial = target.with_name("file.bin.partial")
    job = subprocess.Popen(command, env=environment)
    try:
        deadline = time.monotonic() + 60
        while (not partial.is_file() or partial.stat().st_size < 100_000) and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        job.kill()
        job.wait()
    arrived = partial.stat().st_size
    assert 100_000 <= arrived <= 150_000
    download(f"{site.address}/file.bin", target, "sources.file", UNKNOWN, quick())
    assert target.read_bytes() == BODY * 20
    assert site.ranges() == [None, f"bytes={arrived}-"]
