"""What the tests of faults share, and the summary that ends them."""

from collections import Counter

import pytest
import small

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
    """Folder of a run of the small configuration that nothing happened to."""
    from victim import run

    folder = tmp_path_factory.mktemp("undisturbed")
    result = run(folder, configured, *small.TARGETS)
    assert result.returncode == 0, result.stdout[-5000:]
    return folder


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
