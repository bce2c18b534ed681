"""Sizes of corpora and models, as far as they are known before the run."""

from pathlib import Path

import pytest

from topicbench.config import load as config_file
from topicbench.config.schema import Config
from topicbench.plan.costs import sizes
from topicbench.plan.costs.sizes import CorpusSize

ROOT = Path(__file__).parents[3]


@pytest.fixture
def default():
    return config_file.load(ROOT / "config/config.yaml")


def with_model(default, **model):
    return Config.model_validate({**default.model_dump(mode="json"), "slms": {"model": model}})


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        ({"title": "ERNIE-4.5-0.3B", "folder": "ernie"}, 0.3e9),
        ({"title": "Llama", "hub": "meta-llama/Llama-3.2-1B-Instruct", "revision": "a" * 40}, 1e9),
        ({"title": "Llama-3.1-8B", "folder": "models/any"}, 8e9),
        ({"title": "SmolLM2-135M", "folder": "x"}, 135e6),
        ({"title": "mine", "folder": "models/mine-2.5b"}, 2.5e9),
        ({"title": "mine", "folder": "v2.1-beta"}, sizes.PARAMETERS),
    ],
)
def test_the_name_of_a_model_tells_its_parameters(default, model, parameters):
    assert sizes.parameters(with_model(default, **model), "model") == parameters


def test_a_source_tells_the_parameters_of_its_model(default):
    source = {"licence": "none", "hub": "someone/model", "revision": "a" * 40, "bytes": 700}
    config = with_model(default, title="Model-3B", folder="results/sources/model")
    config = config.model_copy(
        update={
            "sources": {
                "model": Config.model_validate(
                    {**default.model_dump(mode="json"), "sources": {"model": source}}
                ).sources["model"]
            }
        }
    )
    assert sizes.parameters(config, "model") == 350


def test_a_corpus_is_as_large_as_its_sample_or_the_documented_default(default):
    assert {name: size.documents for name, size in sizes.declared(default).items()} == {
        name: corpus.sample.documents for name, corpus in default.corpora.items()
    }
    whole = {
        name: corpus.model_copy(update={"sample": None, "path": "data/none.tsv"})
        for name, corpus in default.corpora.items()
    }
    unknown = default.model_copy(update={"corpora": whole})
    assert {size.documents for size in sizes.declared(unknown).values()} == {sizes.DOCUMENTS}
    assert sizes.measured(unknown, ROOT) == sizes.declared(unknown)


def test_a_file_that_is_there_is_measured(tmp_path, default):
    (tmp_path / "mine.tsv").write_text("text\tlabel\n" + "abcdef\tx\nabcd\ty\n" * 10)
    corpus = default.corpora["stackoverflow"].model_copy(update={"sample": None, "path": "mine.tsv"})
    config = default.model_copy(update={"corpora": {"mine": corpus}})
    assert sizes.measured(config, tmp_path) == {"mine": CorpusSize(20, 5.0, 20)}


def test_tokens_are_cut_and_each_prompt_ends_alike():
    size = CorpusSize(10, 900)
    assert size.tokens() == pytest.approx(2000)
    assert size.tokens(longest=48, extra=12) == pytest.approx(600)
