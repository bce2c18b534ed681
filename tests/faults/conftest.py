"""What the tests of faults share, and the summary that ends them."""

import time
from collections import Counter
from contextlib import contextmanager

import pytest

from tests.support import small
from tests.support.running import snakemake
from topicbench.core.jobs import logged

TALLY = pytest.StashKey[Counter]()


def pytest_configure(config):
    config.stash[TALLY] = Counter()


@pytest.fixture(scope="session")
def tally(pytestconfig):
    """Counts that the summary prints."""
    return pytestconfig.stash.setdefault(TALLY, Counter())


@pytest.fixture(scope="session")
def configured(tmp_path_factory, smollm2_folder):
    """Path of the small configuration."""
    folder = tmp_path_factory.mktemp("configuration")
    return small.write(folder / "small.yaml", small.values(folder, smollm2_folder))


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory, configured):
    """Folder of a run of the small configuration that nothing happened to, and the seconds it took."""
    folder = tmp_path_factory.mktemp("undisturbed")
    started = time.monotonic()
    result = snakemake(folder, *small.TARGETS, configfile=configured)
    assert result.returncode == 0, result.stdout[-5000:]
    return folder, time.monotonic() - started


@pytest.fixture
def refused(tally, capfd, tmp_path):
    """Do what a job does, as a job does it: it must end with exit code 1, a clear message and no result."""
    results = tmp_path / "results"

    def check(act, says):
        tally["tried"] += 1
        with pytest.raises(SystemExit) as ended, logged(None):
            act(results)
        printed = capfd.readouterr().err
        assert ended.value.code == 1
        assert "Traceback" not in printed, printed[-3000:]
        message = printed[printed.rindex("topicbench: ") :].rstrip("\n")
        assert says in message
        # The culprit and what is wrong with it, then what to do; a few lines that a terminal shows whole.
        first, *remedy = message.splitlines()
        assert 1 <= len(remedy) <= 3, message
        assert all(line.startswith("  ") and len(line.strip()) > 8 for line in remedy), message
        assert first.count(": ") >= 2, message
        assert len(message) < 1200
        assert [path for path in results.rglob("*") if path.is_file()] == []
        tally["clear"] += 1

    return check


@pytest.fixture
def allowed(tally):
    """Count an odd input that is legal, and does what it should."""

    @contextmanager
    def counted():
        tally["tried"] += 1
        yield
        tally["clear"] += 1

    return counted


def pytest_terminal_summary(terminalreporter, config):
    tally = config.stash.get(TALLY, Counter())
    lines = []
    if tally["kills"]:
        lines.append(f"{tally['kills']} kills, {tally['resumed']} resumed, {tally['identical']} identical")
        lines.append(f"{tally['chunks kept']} finished chunks kept through a kill, {tally['chunks redone']} made again")
    if tally["tried"]:
        lines.append(f"{tally['tried']} malformed inputs tried, {tally['clear']} clear")
    if lines:
        terminalreporter.section("faults")
        for line in lines:
            terminalreporter.write_line(line)
