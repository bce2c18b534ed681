"""Archives: what is unpacked, and what is refused before anything is."""

import io
import os
import stat
import tarfile
import zipfile

import pytest

from topicbench.core.errors import TopicbenchError
from topicbench.sources.archives import unpack

FILES = {"index/segments": b"\x00\x01" * 5000, "index.histogram": b"1\t2\n", "./index/deep/er": b""}


def tar(path, files, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return path


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/", b"")
        for name, body in files.items():
            archive.writestr(name, body)
    return path


PACKERS = [lambda path, files: tar(path, files, "w"), tar, zipped]


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(archive, tmp_path):
    folder = tmp_path / "out"
    with pytest.raises(TopicbenchError) as error:
        unpack(archive, folder)
    assert not folder.exists(), "nothing is unpacked"
    assert error.value.culprit == str(archive)
    return str(error.value)


@pytest.mark.parametrize("pack", PACKERS, ids=["tar", "tar.gz", "zip"])
def test_every_file_is_unpacked(tmp_path, pack):
    names = unpack(pack(tmp_path / "archive", FILES), tmp_path / "out")
    assert names == ["index.histogram", "index/deep/er", "index/segments"]
    assert contents(tmp_path / "out") == {name.removeprefix("./"): body for name, body in FILES.items()}


@pytest.mark.parametrize("pack", PACKERS, ids=["tar", "tar.gz", "zip"])
@pytest.mark.parametrize("name", ["../outside", "index/../../outside", "/outside", "C:\\outside", "..\\outside"])
def test_a_file_outside_the_folder_is_refused(tmp_path, pack, name):
    archive = pack(tmp_path / "archive", {"inside": b"1", name: b"2"})
    assert "holds a file that lies outside the folder: " in refused(archive, tmp_path)
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(tmp_path, kind):
    with tarfile.open(tmp_path / "archive", "w") as archive:
        info = tarfile.TarInfo("link")
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
    assert "holds a link or device: link" in refused(tmp_path / "archive", tmp_path)


def test_a_link_in_a_zip_archive_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "archive", "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert "holds a link: link" in refused(tmp_path / "archive", tmp_path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "archive", "w") as archive:
        archive.writestr("a/b", b"1")
        archive.writestr("a//b", b"2")
    assert "holds a file twice" in refused(tmp_path / "archive", tmp_path)


@pytest.mark.parametrize("pack", PACKERS, ids=["tar", "tar.gz", "zip"])
def test_a_file_that_is_also_a_folder_is_refused(tmp_path, pack):
    assert "as a file and as a folder" in refused(pack(tmp_path / "archive", {"a": b"1", "a/b": b"2"}), tmp_path)


@pytest.mark.parametrize("pack", [tar, zipped], ids=["tar.gz", "zip"])
def test_an_archive_made_to_fill_the_disk_is_refused(tmp_path, pack, monkeypatch):
    monkeypatch.setattr("topicbench.sources.archives.UNSUSPICIOUS", 1_000_000)
    bomb = pack(tmp_path / "archive", {f"zeros{number}": bytes(1_000_000) for number in range(5)})
    assert "would unpack to" in refused(bomb, tmp_path)
    # As large, but of bytes that do not shrink.
    sound = pack(tmp_path / "sound", {"noise": os.urandom(3_000_000)})
    assert unpack(sound, tmp_path / "sound-out") == ["noise"]


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "archive").write_bytes(b"<html>not found</html>")
    assert "is neither a tar nor a zip archive" in refused(tmp_path / "archive", tmp_path)


@pytest.mark.parametrize("pack", [tar, zipped], ids=["tar.gz", "zip"])
def test_a_damaged_archive_is_an_error(tmp_path, pack):
    body = os.urandom(50_000)
    archive = pack(tmp_path / "archive", {"file": body})
    data = bytearray(archive.read_bytes())
    data[20_000:20_100] = bytes(100)
    archive.write_bytes(data)
    with pytest.raises(TopicbenchError, match="is damaged: "):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out/file").exists() or pack is zipped


def test_a_truncated_archive_is_an_error(tmp_path):
    archive = tar(tmp_path / "archive", {"file": os.urandom(50_000)})
    archive.write_bytes(archive.read_bytes()[:20_000])
    with pytest.raises(TopicbenchError, match="is damaged: "):
        unpack(archive, tmp_path / "out")
