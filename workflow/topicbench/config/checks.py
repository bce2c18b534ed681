"""What one section of the configuration says of another, checked before any job starts."""

from __future__ import annotations

from topicbench.config.located import check_sources
from topicbench.config.schema import Config
from topicbench.core.errors import TopicbenchError
from topicbench.experiments import contract
from topicbench.experiments.runs import reads_language_model
from topicbench.models.contract import Method, controls, create


def resolve(config: Config) -> None:
    """Check what one section says of another; `TopicbenchError` names the first key that does not fit."""
    check_sources(config)
    for name in config.controls:
        if name not in controls():
            raise TopicbenchError("controls", f"unknown control '{name}'", f"there are: {', '.join(controls())}")
    for name, settings in config.methods.items():
        if name in controls():
            raise TopicbenchError(f"methods.{name}", "is a control, not a method", "list it under controls")
        _require_features(config, name, create(name, settings))
    for name, experiment in contract.experiments().items():
        section = getattr(config.experiments, name)
        if section is not None:
            contract.check(experiment, config, section)
    if config.judge and config.judge.slm and config.judge.slm not in config.slms:
        raise TopicbenchError(
            "judge.slm", f"'{config.judge.slm}' is not one of slms", f"there are: {', '.join(config.slms)}"
        )
    second = config.second_reference
    if second and second.name == config.reference.name:
        raise TopicbenchError(
            "second_reference.name", f"'{second.name}' is the name of the first one", "choose another name"
        )
    if second and second.palmetto:
        raise TopicbenchError("second_reference.palmetto", "only reference can have it", "leave it out")
    if max(config.num_topics) > config.vocabulary_size:
        raise TopicbenchError(
            "num_topics",
            f"K = {max(config.num_topics)} exceeds vocabulary_size = {config.vocabulary_size}",
            "lower K or raise the size",
        )
    for name, corpus in config.corpora.items():
        if corpus.sample and max(config.num_topics) > corpus.sample.documents:
            raise TopicbenchError(
                "num_topics",
                f"K = {max(config.num_topics)} exceeds the {corpus.sample.documents} documents of {name}'s sample",
                "lower K or raise sample.documents",
            )


def _require_features(config: Config, name: str, method: Method) -> None:
    if method.needs & {"embeddings", "word_embeddings"} and config.encoder is None:
        raise TopicbenchError(f"methods.{name}", "reads embeddings, and no encoder is configured", "add encoder")
    if reads_language_model(method) and not config.slms:
        raise TopicbenchError(f"methods.{name}", "reads a language model, and none is configured", "add one to slms")
    named = getattr(method, "word_vectors", None)
    if "word_vectors" in method.needs and named not in config.word_vectors:
        raise TopicbenchError(
            f"methods.{name}.word_vectors",
            f"'{named}' is not one of word_vectors",
            f"there are: {', '.join(config.word_vectors) or 'none'}",
        )
