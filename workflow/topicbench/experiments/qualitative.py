"""For a class, the topic that holds most of its documents: Table 4."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from topicbench.core.errors import TopicbenchError
from topicbench.core.sections import Closed, Name, NonEmpty, Seed, Topics
from topicbench.experiments.bench import Bench
from topicbench.experiments.contract import Experiment
from topicbench.experiments.runs import Run, main_variants


class QualitativeSection(Closed):
    """Table 4: for a class, the topic that holds most of its documents."""

    corpus: Name | None = Field(None, description="Corpus; null: the first.")
    classes: list[NonEmpty] = Field(
        ["alt.atheism", "talk.politics.misc"], min_length=1, description="Names of the classes shown."
    )
    num_topics: Topics | None = Field(None, description="K; null: the second smallest of num_topics, or the only one.")
    seed: Seed | None = Field(None, description="Seed; null: the first of seeds.")


class Qualitative(Experiment):
    name = "qualitative"
    summary = "Table 4."
    section = QualitativeSection
    order = 6

    def runs(self, bench: Bench, section: QualitativeSection) -> list[Run]:
        return [
            Run(section.corpus, bench.vocabulary_size, variant, section.num_topics, section.seed)
            for variant in main_variants(bench)
        ]

    def check(self, bench: Bench, section: QualitativeSection) -> None:
        if section.corpus not in bench.labelled:
            raise TopicbenchError(
                "experiments.qualitative.corpus", f"'{section.corpus}' has no labels", "name a corpus with label_column"
            )

    def filled(self, bench: Bench, section: Any) -> Any:
        # The paper's grid of K has 50, which its Table 4 shows, in second place.
        values = sorted(bench.num_topics)
        k = section.num_topics or values[min(1, len(values) - 1)]
        seed = bench.seeds[0] if section.seed is None else section.seed
        return super().filled(bench, section.model_copy(update={"num_topics": k, "seed": seed}))
