"""What experiments may see of a configuration: corpora, models and their settings, K, seeds, |V|, language models."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator, model_validator

from topicbench.core.protocol import Protocol
from topicbench.core.sections import Closed, Name, NonEmpty, Seed, Topics, unique
from topicbench.corpora.section import Corpus
from topicbench.features.section import PAPER_PROMPTS, Encoder, LanguageModel, WordVectors
from topicbench.metrics.section import Judge, Reference


class Bench(Closed):
    """The part of a configuration that all experiments share."""

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
    controls: list[Name] = Field(
        ["random-topics", "shuffled-documents", "label-oracle"],
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

    _unique_grid = field_validator("num_topics", "seeds", "controls")(unique)

    @model_validator(mode="after")
    def _default_prompt(self) -> Bench:
        if "default" not in self.prompts:
            raise ValueError("prompts needs an entry 'default'")
        return self

    @property
    def labelled(self) -> list[str]:
        """Names of the corpora with labels."""
        return [name for name, corpus in self.corpora.items() if corpus.label_column is not None]
