"""The configuration: typed, closed, checked before any job starts.

Defaults, the JSON schema and ``docs/configuration.md`` all come from the models below. A configuration file stands
alone: nothing is merged into it but what ``--config key=value`` sets on the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field, field_validator, model_validator

from topicbench.config.located import check_sources
from topicbench.core.errors import TopicbenchError
from topicbench.core.protocol import Protocol
from topicbench.core.sections import Closed, Name, NonEmpty, Seed, Topics, unique
from topicbench.corpora.section import Corpus
from topicbench.experiments.sections import Experiments
from topicbench.features.section import PAPER_PROMPTS, Encoder, LanguageModel, WordVectors
from topicbench.metrics.section import Judge, Reference
from topicbench.models.contract import LANGUAGE_MODEL_NEEDS, create
from topicbench.models.controls import CONTROLS, Control
from topicbench.sources.section import Source


class Config(Closed):
    """A whole configuration."""

    protocol: Protocol = Field(
        Protocol(),
        description="`paper`: the paper's choices; `corrected`: the fairer ones where they part ways; or a section of "
        "switches. See docs/protocol.md.",
    )
    num_topics: list[Topics] = Field([25, 50, 75, 100], min_length=1, description="K values.")
    seeds: list[Seed] = Field([0, 1, 2, 3, 4], min_length=1, description="Seeds of the runs.")
    vocabulary_size: int = Field(2000, ge=10, strict=True, description="|V|, the most frequent words kept.")
    top_words: int = Field(15, ge=2, strict=True, description="Words per topic, in scores and tables.")
    corpora: dict[Name, Corpus] = Field(min_length=1, description="The corpora, in the order of the tables' columns.")
    slms: dict[Name, LanguageModel] = Field({}, description="Small language models; each is a row of the tables.")
    prompts: dict[Name, NonEmpty] = Field(
        PAPER_PROMPTS, description="Instructions; 'default' is the one used throughout."
    )
    encoder: Encoder | None = Field(None, description="The sentence encoder of the contextual baselines.")
    word_vectors: dict[Name, WordVectors] = Field({}, description="Word vectors that methods name.")
    methods: dict[Name, dict[str, Any]] = Field(
        min_length=1, description="Methods in the order of the tables' rows, each with its settings over the defaults."
    )
    controls: list[Control] = Field(
        [*CONTROLS],
        description="Rows of Tables 1, 2 and 7 that show each metric's floor and ceiling; [] for none. What they are: "
        "docs/method.md.",
    )
    reference: Reference = Field(description="The reference corpus of coherence.")
    second_reference: Reference | None = Field(
        None,
        exclude_if=lambda value: value is None,
        description="Another reference corpus, to see whether coherence over it ranks the methods alike "
        "(results/coherence_agreement).",
    )
    judge: Judge | None = Field(None, description="Who gives the LLM rating; null leaves the column empty.")
    experiments: Experiments = Field(Experiments(), description="What is run.")
    sources: dict[Name, Source] = Field(
        {}, exclude_if=lambda value: not value, description="What is fetched before anything runs, and from where."
    )

    _unique_grid = field_validator("num_topics", "seeds", "controls")(unique)

    @model_validator(mode="after")
    def _consistent(self) -> Config:
        if "default" not in self.prompts:
            raise ValueError("prompts needs an entry 'default'")
        return self


def resolve(config: Config) -> None:
    """Check what one section says of another; `TopicbenchError` names the first key that does not fit."""
    check_sources(config)
    for name, settings in config.methods.items():
        method = create(name, settings)
        _require_features(config, name, method)
    experiments = config.experiments
    for section, method in (
        ("ablation", "softlabel"),
        ("temperature", "softlabel"),
        ("prompts", "softlabel"),
        ("calibration", "softlabel"),
        ("calibration", "softlabel+"),
    ):
        if getattr(experiments, section) is not None and method not in config.methods:
            raise TopicbenchError(
                f"experiments.{section}", f"needs the method {method}", f"add {method} to methods, or set it to null"
            )
    for section in ("temperature", "prompts", "vocabulary", "qualitative", "protocol", "backbones", "heldout"):
        experiment = getattr(experiments, section)
        for key, known in (("slm", config.slms), ("corpus", config.corpora)):
            named = getattr(experiment, key, None)
            if named is not None and named not in known:
                raise TopicbenchError(
                    f"experiments.{section}.{key}", f"'{named}' is not configured", f"there are: {', '.join(known)}"
                )
    for section in ("ablation", "calibration"):
        key = f"experiments.{section}.slms"
        for name in getattr(getattr(experiments, section), "slms", None) or []:
            if name not in config.slms:
                raise TopicbenchError(key, f"'{name}' is not one of slms", f"there are: {', '.join(config.slms)}")
    for name in (experiments.prompts and experiments.prompts.prompts) or []:
        if name not in config.prompts:
            raise TopicbenchError(
                "experiments.prompts.prompts",
                f"'{name}' is not one of prompts",
                f"there are: {', '.join(config.prompts)}",
            )
    if experiments.protocol and config.protocol.name != "paper":
        raise TopicbenchError(
            "experiments.protocol",
            f"compares with protocol: paper, and the protocol is {config.protocol.name}",
            "set protocol: paper, or leave the experiment out",
        )
    for section in ("protocol", "backbones", "heldout"):
        experiment = getattr(experiments, section)
        for key, known in (("corpora", config.corpora), ("methods", config.methods)):
            for name in getattr(experiment, key, None) or []:
                if name not in known:
                    raise TopicbenchError(
                        f"experiments.{section}.{key}",
                        f"'{name}' is not configured",
                        f"there are: {', '.join(known)}",
                    )
    if experiments.backbones and not config.slms:
        raise TopicbenchError("experiments.backbones", "needs a language model", "add one to slms")
    if experiments.heldout:
        _require_labels(config, experiments.heldout.corpora)
    if experiments.prompts and len(experiments.prompts.seeds or config.seeds) < 2:
        raise TopicbenchError(
            "experiments.prompts.seeds", "one seed is no factor of an analysis of variance", "give two or more seeds"
        )
    if config.judge and config.judge.slm and config.judge.slm not in config.slms:
        raise TopicbenchError(
            "judge.slm", f"'{config.judge.slm}' is not one of slms", f"there are: {', '.join(config.slms)}"
        )
    if experiments.qualitative is not None:
        chosen = experiments.qualitative.corpus or next(iter(config.corpora))
        if config.corpora[chosen].label_column is None:
            raise TopicbenchError(
                "experiments.qualitative.corpus", f"'{chosen}' has no labels", "name a corpus with label_column"
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


def _require_labels(config: Config, corpora: Sequence[str] | None) -> None:
    labelled = [name for name, corpus in config.corpora.items() if corpus.label_column is not None]
    for name in corpora or []:
        if name not in labelled:
            raise TopicbenchError(
                "experiments.heldout.corpora", f"'{name}' has no labels", "name corpora with label_column"
            )
    if not labelled:
        raise TopicbenchError("experiments.heldout", "no corpus has labels", "set the experiment to null")


def _require_features(config: Config, name: str, method: Any) -> None:
    if "embeddings" in method.needs and config.encoder is None:
        raise TopicbenchError(
            f"methods.{name}", "reads document embeddings, and no encoder is configured", "add encoder"
        )
    if method.needs & LANGUAGE_MODEL_NEEDS and not config.slms:
        raise TopicbenchError(f"methods.{name}", "reads a language model, and none is configured", "add one to slms")
    if "word_vectors" in method.needs and method.word_vectors not in config.word_vectors:
        raise TopicbenchError(
            f"methods.{name}.word_vectors",
            f"'{method.word_vectors}' is not one of word_vectors",
            f"there are: {', '.join(config.word_vectors) or 'none'}",
        )
