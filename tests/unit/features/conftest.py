"""Language models for the tests of this folder: SmolLM2 itself, and tiny random ones built on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerFast

from tests.support.tiny_models import save_model, tiny_llama_config, train_tokenizer
from topicbench.features.language_model import LoadedModel, load, prepare
from topicbench.features.section import LanguageModel


@pytest.fixture(scope="session")
def bytes_tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer("bytes")


@pytest.fixture(scope="session")
def metaspace_tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer("metaspace")


@pytest.fixture(scope="session")
def newlines_tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer("newlines")


@pytest.fixture(scope="session")
def tiny_llama_folder(tmp_path_factory, bytes_tokenizer) -> Path:
    """A random Llama of two layers as the Hub would give it; not prepared."""
    return save_model(tiny_llama_config(), bytes_tokenizer, tmp_path_factory.mktemp("llama") / "source")


@pytest.fixture(scope="session")
def prepared_llama_folder(tmp_path_factory, tiny_llama_folder) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "llama"
    prepare(LanguageModel(title="tiny", folder=str(tiny_llama_folder)), folder)
    return folder


@pytest.fixture
def tiny_llama(prepared_llama_folder) -> LoadedModel:
    return load(prepared_llama_folder, "float32", "cpu")


@pytest.fixture
def tiny_model(tmp_path, bytes_tokenizer) -> Callable[..., LoadedModel]:
    """Make, prepare and load a random model of another architecture."""

    def make(config) -> LoadedModel:
        source = save_model(config, bytes_tokenizer, tmp_path / "source")
        prepare(LanguageModel(title="tiny", folder=str(source)), tmp_path / "prepared")
        return load(tmp_path / "prepared", "float32", "cpu")

    return make


@pytest.fixture(scope="session")
def smollm2(smollm2_folder) -> LoadedModel:
    return load(smollm2_folder, "float32", "cpu")
