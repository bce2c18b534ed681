"""Full and read-only disks, two workflows in one folder, a wrong clock: nothing is lost, and what is wrong is said."""

import os
import signal
import subprocess
import time

import numpy as np
import pandas as pd
import pytest
import small
import torch
from safetensors.torch import save_file
from scipy.sparse import random as sparse
from scipy.sparse import save_npz
from victim import command, run

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import write_json, write_npy, write_text, written_beside
from topicbench.core.preflight import require_writable

DOCUMENTS = "results/corpora/stackoverflow/documents.parquet"


@pytest.fixture
def disk(tmp_path):
    """Make a folder a disk of its own, of so many bytes; called again, change it."""
    mounted = []

    def make(folder, options):
        folder.mkdir(parents=True, exist_ok=True)
        options = f"remount,{options}" if folder in mounted else options
        mount = ["mount", "-t", "tmpfs", "-o", options, "topicbench", str(folder)]
        result = subprocess.run(mount, capture_output=True, text=True) if os.geteuid() == 0 else None
        if result is None or result.returncode != 0:
            pytest.skip(f"a disk of its own needs root: {result.stderr.strip() if result else 'not root'}")
        if folder not in mounted:
            mounted.append(folder)

    yield make
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


def parquet(path):
    pd.DataFrame({"x": np.random.default_rng(0).random(30_000)}).to_parquet(path)


WRITERS = {
    "NumPy": lambda path: write_npy(path, np.random.default_rng(0).random(30_000)),
    "text": lambda path: write_text(path, "x" * 200_000),
    "JSON": lambda path: write_json(path, list(range(50_000))),
    "Parquet": parquet,
    "sparse": lambda path: save_npz(path, sparse(300, 300, 0.5, random_state=0)),
    "safetensors": lambda path: save_file({"x": torch.zeros(50_000)}, path),
}


@pytest.mark.parametrize("name", WRITERS)
def test_whatever_is_written_to_a_full_disk_is_refused_whole(name, disk, tmp_path):
    disk(tmp_path / "disk", "size=64k")
    kept = tmp_path / "disk/kept.txt"
    kept.write_text("kept")
    path = tmp_path / "disk/new.npz"
    with (
        pytest.raises(TopicbenchError, match=r"new\.npz: there is no room left on the disk"),
        written_beside(path) as new,
    ):
        WRITERS[name](new)
    assert list(kept.parent.iterdir()) == [kept]
    assert kept.read_text() == "kept"


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The small configuration with a corpus of a megabyte that does not shrink much."""
    folder = tmp_path_factory.mktemp("large")
    letters = np.random.default_rng(0).choice([*"abcdefghijklmnopqrstuvwxyz"], (8000, 120))
    table = "text,label\n" + "".join(f"{''.join(row)},{number % 5}\n" for number, row in enumerate(letters))
    (folder / "large.csv").write_text(table)
    chosen = small.values(folder, folder)
    chosen["corpora"]["stackoverflow"] = {"title": "Large", "path": str(folder / "large.csv")}
    return small.write(folder / "large.yaml", chosen)


def test_a_full_and_a_read_only_disk_are_said_and_nothing_is_lost(disk, large, tmp_path):
    folder = tmp_path / "run"
    disk(folder / "results", "size=300k")
    (folder / "results/before.txt").write_text("made before")
    result = run(folder, large, DOCUMENTS)
    assert result.returncode != 0
    assert f"topicbench: {DOCUMENTS}: there is no room left on the disk" in result.stdout
    assert "free some and run again: nothing finished is lost" in result.stdout
    assert "Traceback" not in result.stdout
    assert [path.name for path in (folder / "results").rglob("*") if path.is_file()] == ["before.txt"]
    # Room is made, and the same command goes on.
    disk(folder / "results", "size=50m")
    result = run(folder, large, DOCUMENTS)
    assert result.returncode == 0, result.stdout[-3000:]
    whole = (folder / DOCUMENTS).read_bytes()
    assert len(pd.read_parquet(folder / DOCUMENTS)) == 8000
    disk(folder / "results", "ro")
    result = run(folder, large, "results/table8.md", "results/corpora/stackoverflow/tokens.parquet")
    assert result.returncode != 0
    assert "Read-only file system" in result.stdout or "the file system is read-only" in result.stdout
    assert "Traceback" not in result.stdout
    assert (folder / DOCUMENTS).read_bytes() == whole


def test_a_read_only_working_directory_is_said(disk, tmp_path):
    disk(tmp_path / "disk", "size=64k,ro")
    with pytest.raises(TopicbenchError, match=r"disk: the file system is read-only\n  run in another folder"):
        require_writable(tmp_path / "disk")


def test_a_second_workflow_in_the_same_folder_is_refused_and_harms_nothing(large, tmp_path):
    folder = tmp_path / "run"
    first = subprocess.Popen(
        command(folder, large, DOCUMENTS), cwd=small.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        waited = time.monotonic() + 120
        while sum(lock.stat().st_size > 0 for lock in folder.glob(".snakemake/locks/*")) < 2:
            assert first.poll() is None
            assert time.monotonic() < waited
            time.sleep(0.01)
        # It waits while the other one is turned away.
        first.send_signal(signal.SIGSTOP)
        second = run(folder, large, DOCUMENTS)
        assert second.returncode != 0
        assert "Directory cannot be locked" in second.stdout
        assert "--unlock" in second.stdout
        assert "Traceback" not in second.stdout
    finally:
        first.send_signal(signal.SIGCONT)
        printed, _ = first.communicate(timeout=300)
    assert first.returncode == 0, printed[-3000:]
    assert len(pd.read_parquet(folder / DOCUMENTS)) == 8000


def test_after_a_clock_that_was_ahead_nothing_is_made_again(undisturbed, configured, tmp_path):
    folder = tmp_path / "run"
    small.copy(undisturbed[0], folder)
    times = {path: path.stat().st_mtime + 86400 for path in (folder / "results").rglob("*") if path.is_file()}
    for path, changed in times.items():
        os.utime(path, (changed, changed))
    result = run(folder, configured, *small.TARGETS)
    assert result.returncode == 0, result.stdout[-3000:]
    assert "Nothing to be done" in result.stdout
    assert {path: path.stat().st_mtime for path in times} == times


def test_a_corpus_from_the_future_is_refused_before_anything_runs(large, tmp_path):
    corpus = large.with_name("large.csv")
    times = corpus.stat().st_atime, corpus.stat().st_mtime
    os.utime(corpus, (times[0], times[1] + 10 * 86400))
    try:
        result = run(tmp_path / "run", large, DOCUMENTS)
    finally:
        os.utime(corpus, times)
    assert result.returncode != 0
    assert f"{corpus}: was last changed in the future, 10 days from now" in result.stdout
    assert f"touch {corpus}" in result.stdout
    assert "Traceback" not in result.stdout
    assert not (tmp_path / "run/results").exists()
