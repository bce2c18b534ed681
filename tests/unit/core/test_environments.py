"""All environments agree with the one file of pins."""

import re
from importlib.metadata import version

import pytest
from packaging.utils import canonicalize_name

from tests.support import ROOT
from tools.environments import FAMILIES, closure, conda_files, read_pins
from topicbench.models.contract import methods

FILES = [ROOT / f"envs/requirements{kind}.txt" for kind in ("", "-no-deps", "-dev")]
PINS = {name: pin for file in FILES for name, pin in read_pins(file).items()}


def test_the_files_are_generated_from_the_pins():
    for name, text in conda_files(ROOT / "envs").items():
        assert (ROOT / "envs" / name).read_text() == text, f"envs/{name} has drifted: run `make docs`"


@pytest.mark.parametrize("family", FAMILIES)
def test_every_direct_dependency_is_pinned(family):
    assert [name for name in FAMILIES[family] if canonicalize_name(name) not in PINS] == []


def test_the_environment_that_runs_is_the_pinned_one():
    differing = {
        pin: version(name)
        for name, pin in PINS.items()
        if version(name).split("+")[0] != pin.split("==")[1].split("+")[0]
    }
    assert differing == {}


def test_every_method_and_rule_names_an_environment_that_exists():
    assert {method.environment for method in methods().values()} <= set(FAMILIES)
    rules = "\n".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    named = {*re.findall(r"envs/(\w+)\.yaml", rules), *(method.environment for method in methods().values())}
    assert named == set(FAMILIES)


def test_a_closure_follows_dependencies_and_skips_what_is_not_pinned():
    pins = {"pandas": "pandas==1", "numpy": "numpy==2", "six": "six==3"}
    assert closure(["pandas"], pins) == ["numpy==2", "pandas==1"]
