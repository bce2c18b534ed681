"""The commands that README and Makefile give mean what they say."""

import re
import shlex
import subprocess

import pytest
from snakemake.cli import get_argument_parser

from tests.support import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
LINES = [line.split("  #")[0].split(" #")[0].strip() for block in BLOCKS for line in block.splitlines()]
COMMANDS = [line for line in LINES if line.startswith("snakemake ")]
MADE = [line for line in LINES if line.startswith("make ")]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_snakemake_command_has_its_target(command):
    # Options with several values swallow a target that follows them.
    arguments = get_argument_parser().parse_args(shlex.split(command)[1:])
    assert arguments.targets in (["all"], ["results/table1.tex"])


@pytest.mark.parametrize("command", MADE)
def test_a_make_command_has_a_rule(command):
    result = subprocess.run([*shlex.split(command), "--dry-run"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    for line in re.findall(r"bin/snakemake (.*)", result.stdout):
        assert get_argument_parser().parse_args(shlex.split(line)).targets == ["all"]


def test_there_are_commands():
    assert len(COMMANDS) >= 5
    assert {"make benchmark", "make test"} <= set(MADE)


@pytest.mark.parametrize("path", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_a_link_leads_somewhere(path):
    assert (ROOT / path).exists()
