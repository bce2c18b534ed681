"""The pins of every conda file can be installed together: pip resolves each file's section from the index."""

import subprocess
import sys

import pytest
import yaml

from tests.support import ROOT

ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_pip_resolves_the_pins(tmp_path, path):
    dependencies = yaml.safe_load(path.read_text())["dependencies"]
    pins = next(entry["pip"] for entry in dependencies if isinstance(entry, dict))
    file = tmp_path / "requirements.txt"
    file.write_text("\n".join(pins))
    # What is installed is ignored, so that the index has to have every pin and the pins have to agree.
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "-r", str(file)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert result.returncode == 0, result.stderr[-2000:]
