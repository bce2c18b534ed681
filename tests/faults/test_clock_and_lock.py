"""Two workflows in one folder, and a wrong clock: nothing is lost, and what is wrong is said."""

import os
import signal
import subprocess
import time

import pandas as pd
import pytest

from tests.support import ROOT, small
from tests.support.running import command, snakemake

DOCUMENTS = "results/corpora/stackoverflow/documents.parquet"


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    return small.write_large(tmp_path_factory.mktemp("large"))


def test_a_second_workflow_in_the_same_folder_is_refused_and_harms_nothing(large, tmp_path):
    folder = tmp_path / "run"
    first = subprocess.Popen(
        command(folder, DOCUMENTS, configfile=large),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        waited = time.monotonic() + 120
        while sum(lock.stat().st_size > 0 for lock in folder.glob(".snakemake/locks/*")) < 2:
            assert first.poll() is None
            assert time.monotonic() < waited
            time.sleep(0.01)
        # It waits while the other one is turned away.
        first.send_signal(signal.SIGSTOP)
        second = snakemake(folder, DOCUMENTS, configfile=large)
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
    result = snakemake(folder, *small.TARGETS, configfile=configured)
    assert result.returncode == 0, result.stdout[-3000:]
    assert "Nothing to be done" in result.stdout
    assert {path: path.stat().st_mtime for path in times} == times


def test_a_corpus_from_the_future_is_refused_before_anything_runs(large, tmp_path):
    corpus = large.with_name("large.csv")
    times = corpus.stat().st_atime, corpus.stat().st_mtime
    os.utime(corpus, (times[0], times[1] + 10 * 86400))
    try:
        result = snakemake(tmp_path / "run", DOCUMENTS, configfile=large)
    finally:
        os.utime(corpus, times)
    assert result.returncode != 0
    assert f"{corpus}: was last changed in the future, 10 days from now" in result.stdout
    assert f"touch {corpus}" in result.stdout
    assert "Traceback" not in result.stdout
    assert not (tmp_path / "run/results").exists()
