"""The workflow through a real Slurm: the same bytes as locally, and what happens when something is killed."""

import re
import shutil

import pytest

from tests.support.cluster import command, wait_for
from tests.support.controller import Controller


def results(folder):
    """Everything whose bytes must not depend on where it was computed."""
    patterns = (
        "*.csv",
        "*.md",
        "*.tex",
        "runs/*/v*/*/*/K*/seed*/*.npy",
        "runs/*/v*/*/*/K*/seed*/topics.json",
        "scores/**/*.json",
        "features/**/*.npy",
    )
    files = [path for pattern in patterns for path in sorted((folder / "results").glob(pattern))]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def queue(slurm, *states):
    """(job, comment, megabytes) of the jobs in these states; the comment names rule and wildcards."""
    listed = command("squeue", "-h", "-t", ",".join(states), "-o", "%i|%k|%m", environment=slurm)
    return [tuple(line.split("|")) for line in listed.splitlines()]


def megabytes(job):
    number, unit = re.fullmatch(r"([\d.]+)([MG])", job[2]).groups()
    return float(number) * (1024 if unit == "G" else 1)


def rerunnable(finished, tmp_path):
    """A copy of a finished folder without its runs and all that follows from them."""
    folder = tmp_path / "run"
    shutil.copytree(finished, folder, symlinks=True)
    for name in ("runs", "scores", "experiments"):
        shutil.rmtree(folder / "results" / name)
    for path in (folder / "results").glob("*.*"):
        path.unlink()
    return folder


@pytest.fixture(scope="module")
def local_results(tmp_path_factory, configfile):
    folder = tmp_path_factory.mktemp("local")
    controller = Controller(folder, configfile, {}, cores=2)
    assert controller.wait() == 0, controller.output[-4000:]
    return results(folder)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder that `test_the_same_bytes_as_locally` fills."""
    return tmp_path_factory.mktemp("cluster")


def test_the_same_bytes_as_locally(start, finished, local_results):
    controller = start(finished)
    assert controller.wait() == 0, controller.output[-4000:]
    assert len(local_results) > 10
    assert results(finished) == local_results
    assert list((finished / "logs/slurm").rglob("*.log"))


def test_a_killed_controller_is_resumed(start, slurm, finished, tmp_path, local_results):
    folder = rerunnable(finished, tmp_path)
    features = {path: path.stat().st_mtime_ns for path in folder.glob("results/features/**/*.npy")}
    first = start(folder)
    wait_for(lambda: queue(slurm, "RUNNING") or first.process.poll() is not None, 120, "a running job")
    assert first.process.poll() is None, first.output[-4000:]
    first.kill()
    # Its jobs are Slurm's and go on.
    assert queue(slurm, "RUNNING", "PENDING")
    assert not (folder / "results/scores.csv").exists()
    wait_for(lambda: not queue(slurm, "RUNNING", "PENDING"), 200, "the jobs left behind to end")
    locked = start(folder)
    assert locked.wait(120) != 0
    assert "lock" in locked.output
    assert start(folder, "--unlock").wait(120) == 0
    resumed = start(folder)
    assert resumed.wait() == 0, resumed.output[-4000:]
    assert results(folder) == local_results
    assert {path: path.stat().st_mtime_ns for path in features} == features


def test_a_cancelled_job_is_tried_again_with_more_memory(start, slurm, finished, tmp_path, local_results):
    folder = rerunnable(finished, tmp_path)
    runs = "results/runs/titles/v60/softlabel/tiny/K4"
    controller = start(folder, targets=[f"{runs}/seed0"])
    [cancelled] = wait_for(lambda: queue(slurm, "RUNNING"), 120, "a running fit")
    command("scancel", cancelled[0], environment=slurm)

    def later():
        submitted = queue(slurm, "PENDING", "RUNNING", "COMPLETED")
        return [job for job in submitted if int(job[0]) > int(cancelled[0])]

    [again] = wait_for(later, 200, "the fit to be submitted again")
    assert "fit_slm" in again[1]
    assert megabytes(again) == 2 * megabytes(cancelled)
    assert controller.wait() == 0, controller.output[-4000:]
    fitted = {path: value for path, value in results(folder).items() if path.startswith(runs)}
    assert len(fitted) == 6
    assert fitted == {path: value for path, value in local_results.items() if path.startswith(runs)}
