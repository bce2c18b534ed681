"""The Slurm profile speaks of rules that there are, and keeps what makes it work."""

import re

import pytest
import yaml

from tests.support import ROOT

RULES = "\n".join(path.read_text() for path in sorted((ROOT / "workflow/rules").glob("*.smk")))
NAMES = set(re.findall(r"^(?:use rule \w+ as|rule) (\w+)", RULES, re.MULTILINE))


@pytest.fixture(scope="module")
def profile():
    return yaml.safe_load((ROOT / "profiles/slurm/config.yaml").read_text())


def test_it_groups_rules_that_exist(profile):
    assert set(profile["groups"]) <= NAMES
    assert set(profile["group-components"]) <= set(profile["groups"].values())


def test_the_rules_it_offers_gpus_for_exist():
    text = (ROOT / "profiles/slurm/config.yaml").read_text()
    offered = re.findall(r"^#   (\w+): \{gpu", text, re.MULTILINE)
    assert len(offered) == 4
    assert set(offered) <= NAMES


def test_it_says_which_five_lines_to_change():
    text = (ROOT / "profiles/slurm/config.yaml").read_text()
    head, _, rest = text.partition("executor:")
    assert "(1) to (5)" in head
    assert [number for number in "12345" if f"({number})" in rest] == list("12345")


def test_retries_are_the_profiles_alone(profile):
    assert profile["retries"] >= 1
    assert "retries" not in RULES


def test_a_job_has_room_for_snakemake_itself(profile):
    assert profile["default-resources"]["mem_mb"] >= 1000
