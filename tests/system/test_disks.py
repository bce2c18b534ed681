"""Full and read-only disks, as file systems of their own: nothing is lost, and what is wrong is said."""

import os
import subprocess

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file
from scipy.sparse import random as sparse
from scipy.sparse import save_npz

from tests.support import small
from tests.support.running import snakemake
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
    return small.write_large(tmp_path_factory.mktemp("large"))


def test_a_full_and_a_read_only_disk_are_said_and_nothing_is_lost(disk, large, tmp_path):
    folder = tmp_path / "run"
    disk(folder / "results", "size=300k")
    (folder / "results/before.txt").write_text("made before")
    result = snakemake(folder, DOCUMENTS, configfile=large)
    assert result.returncode != 0
    assert f"topicbench: {DOCUMENTS}: there is no room left on the disk" in result.stdout
    assert "free some and run again: nothing finished is lost" in result.stdout
    assert "Traceback" not in result.stdout
    assert [path.name for path in (folder / "results").rglob("*") if path.is_file()] == ["before.txt"]
    # Room is made, and the same command goes on.
    disk(folder / "results", "size=50m")
    result = snakemake(folder, DOCUMENTS, configfile=large)
    assert result.returncode == 0, result.stdout[-3000:]
    whole = (folder / DOCUMENTS).read_bytes()
    assert len(pd.read_parquet(folder / DOCUMENTS)) == 8000
    disk(folder / "results", "ro")
    result = snakemake(folder, "results/table8.md", "results/corpora/stackoverflow/tokens.parquet", configfile=large)
    assert result.returncode != 0
    assert "Read-only file system" in result.stdout or "the file system is read-only" in result.stdout
    assert "Traceback" not in result.stdout
    assert (folder / DOCUMENTS).read_bytes() == whole


def test_a_read_only_working_directory_is_said(disk, tmp_path):
    disk(tmp_path / "disk", "size=64k,ro")
    with pytest.raises(TopicbenchError, match=r"disk: the file system is read-only\n  run in another folder"):
        require_writable(tmp_path / "disk")
