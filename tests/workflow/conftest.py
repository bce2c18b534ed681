"""One whole run of the tiny configuration, shared by all tests; and configurations to be changed."""

import pytest
import yaml

from tests.support import ROOT, TINY
from tests.support.running import snakemake


@pytest.fixture
def tiny():
    """The values of the tiny configuration, to be changed."""
    return yaml.safe_load(TINY.read_text(encoding="utf-8"))


@pytest.fixture
def configured(tmp_path):
    """Write values as a configuration file and return its path."""

    def write(values):
        path = tmp_path / "changed.yaml"
        path.write_text(yaml.safe_dump(values, sort_keys=False, allow_unicode=True), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The folder of one whole run of the tiny configuration on two cores.

    Its data lie in it, so that inputs have the same paths whatever copy of the checkout looks at it.
    """
    folder = tmp_path_factory.mktemp("finished")
    (folder / "data").symlink_to(ROOT / "data")
    result = snakemake(folder, "all")
    assert result.returncode == 0, result.stdout[-5000:]
    return folder
