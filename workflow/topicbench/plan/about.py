"""What is written with gathered scores, so that no table or caption asks the configuration."""

from __future__ import annotations

from typing import Any

from topicbench.config.schema import Config
from topicbench.experiments.runs import main_variants
from topicbench.features.section import Encoder, LanguageModel, WordVectors
from topicbench.models.contract import controls, create


def about(config: Config, experiment: str, section: Any) -> dict[str, Any]:
    """Plain values for `topicbench.views.contract.About`, but for its metrics, which those who score fill in.

    Args:
        config: what is run.
        experiment: its name; empty for a view about no experiment.
        section: the experiment's filled section; None: that of `example`.
    """
    values = example(config) if section is None else section.model_dump(mode="json")
    grid = {key: values.get(key) for key in ("num_topics", "seeds")}
    # Table 4 has one K and one seed.
    topics = [grid["num_topics"]] if isinstance(grid["num_topics"], int) else grid["num_topics"] or config.num_topics
    seeds = [values["seed"]] if "seed" in values else grid["seeds"] or config.seeds
    return {
        "experiment": experiment,
        "section": values,
        "num_topics": list(topics),
        "seeds": list(seeds),
        "protocol": config.protocol.model_dump(mode="json"),
        "vocabulary_size": config.vocabulary_size,
        "top_words": config.top_words,
        "corpora": {
            name: {
                "title": corpus.title,
                "labelled": corpus.label_column is not None,
                "sample": corpus.sample and corpus.sample.documents,
                "sample_seed": corpus.sample and corpus.sample.seed,
                "strip": list(corpus.strip),
            }
            for name, corpus in config.corpora.items()
        },
        "language_models": {name: _model(model) for name, model in config.slms.items()},
        "word_vectors": {name: _model(vectors) for name, vectors in config.word_vectors.items()},
        "encoder": config.encoder and _model(config.encoder),
        "methods": {name: _method(name, settings) for name, settings in config.methods.items()},
        "prompts": {name: config.prompts[name] for name in _prompts(config)},
        "controls": _controls(config),
        "metrics": {},
        "judge": config.judge
        and {"title": config.judge.title, "local": config.judge.slm is not None, "model": config.judge.model},
    }


def example(config: Config) -> dict[str, Any]:
    """What Figure 1 shows: 20newsgroups as in the paper, else the first corpus with labels; the first models."""
    corpus = "20newsgroups" if "20newsgroups" in config.labelled else next(iter(config.labelled), None)
    return {
        "corpus": corpus,
        "slm": next(iter(config.slms), None),
        "word_vectors": next(iter(config.word_vectors), None),
    }


def _model(entry: LanguageModel | Encoder | WordVectors) -> dict[str, Any]:
    names = (getattr(entry, key, None) for key in ("hub", "folder", "gensim"))
    return {
        "title": entry.title,
        "names": [name for name in names if name],
        "quantised": getattr(entry, "gguf", None) is not None,
        "max_document_tokens": getattr(entry, "max_document_tokens", None),
    }


def _method(name: str, settings: dict[str, Any]) -> dict[str, Any]:
    method = create(name, settings)
    return {
        "title": method.title,
        "needs": sorted(method.needs),
        "settings": method.model_dump(mode="json"),
        "paper": create(name, {}).model_dump(mode="json"),
        "ours": method.group == "ours",
    }


def _prompts(config: Config) -> list[str]:
    """The instruction used throughout, then those that are compared."""
    section = config.asked_for.get("prompts")
    compared = section.prompts if section else list(config.prompts)
    return ["default", *(name for name in compared if name != "default")]


def _controls(config: Config) -> dict[str, str]:
    first = main_variants(config)[0].title
    found = [controls()[name] for name in config.controls]
    return {each.title.format(method=first): each.meaning.format(method=first) for each in found}
