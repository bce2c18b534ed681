"""Nothing half-written is ever taken for whole."""

import numpy as np
import pytest

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import (
    read_json,
    read_lines,
    read_npy,
    require_checksum,
    sha256_of,
    write_json,
    write_npy,
    write_text,
    written_beside,
)


def fail_half_way(target, write):
    with written_beside(target) as partial:
        write(partial)
        raise RuntimeError


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "a.txt"
    write_text(target, "old")
    with pytest.raises(RuntimeError):
        fail_half_way(target, lambda partial: partial.write_text("half"))
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_appears_whole_and_replaces_the_old_one(tmp_path):
    target = tmp_path / "run"
    for content in ("first", "second"):
        with written_beside(target) as partial:
            write_text(partial / f"{content}.txt", content)
            assert not (target / f"{content}.txt").exists()
    assert [path.name for path in target.iterdir()] == ["second.txt"]
    with pytest.raises(RuntimeError):
        fail_half_way(target, lambda partial: (partial.mkdir(), write_text(partial / "half.txt", "half")))
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_the_temporary_name_keeps_the_suffix(tmp_path):
    # pandas, matplotlib and numpy choose a format, or add one, by the suffix.
    with written_beside(tmp_path / "a.npz") as partial:
        assert partial.suffix == ".npz"
        np.savez(partial, x=1)
    assert (tmp_path / "a.npz").is_file()


def test_json_round_trip_and_its_errors(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"ü": [1, 2.5, None]})
    assert read_json(path) == {"ü": [1, 2.5, None]}
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, float("nan"))
    assert read_json(path) == {"ü": [1, 2.5, None]}
    path.write_text('{"a": ')
    with pytest.raises(TopicbenchError, match=r"a\.json: not valid JSON: .*line 1 column"):
        read_json(path)
    with pytest.raises(TopicbenchError, match="file not found"):
        read_json(tmp_path / "none.json")


def test_arrays_round_trip_without_pickle(tmp_path):
    path = tmp_path / "a.npy"
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    write_npy(path, array)
    assert (read_npy(path) == array).all()
    assert isinstance(read_npy(path, mapped=True), np.memmap)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(TopicbenchError, match="not a whole NumPy array"):
        read_npy(path)
    with pytest.raises(TopicbenchError, match="file not found"):
        read_npy(tmp_path / "none.npy")
    np.save(path, np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(TopicbenchError, match="not a whole NumPy array"):
        read_npy(path)


def test_checksums(tmp_path):
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    # FIPS 180-2, appendix B.1.
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(path) == known
    require_checksum(path, known)
    require_checksum(path, None)
    with pytest.raises(TopicbenchError, match=f"wrong checksum: SHA-256 is {known}"):
        require_checksum(path, "0" * 64)
    with pytest.raises(TopicbenchError, match="file not found"):
        require_checksum(tmp_path / "none", None)


def test_lines(tmp_path):
    write_text(tmp_path / "words.txt", "alpha\nbeta\n")
    assert read_lines(tmp_path / "words.txt") == ["alpha", "beta"]
