"""The size of the vocabulary, for every method: Figure 5."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from topicbench.core.sections import Name, unique
from topicbench.experiments.bench import Bench
from topicbench.experiments.contract import Experiment, Grid, Row, over
from topicbench.experiments.runs import Run, main_variants


class VocabularySizeSection(Grid):
    """Figure 5: the size of the vocabulary, for every method."""

    corpus: Name | None = Field(None, description="Corpus; null: the first.")
    slm: Name | None = Field(None, description="Language model; null: the first.")
    sizes: list[Annotated[int, Field(ge=10, strict=True)]] = Field(
        [500, 1000, 2000, 4000], min_length=2, description="Values of |V|."
    )

    _unique_sizes = field_validator("sizes")(unique)


class VocabularySize(Experiment):
    name = "vocabulary"
    summary = "Figure 5."
    section = VocabularySizeSection
    order = 5

    def runs(self, bench: Bench, section: VocabularySizeSection) -> list[Run]:
        rows = [
            Row(variant, role=str(size), vocabulary_size=size)
            for size in section.sizes
            for variant in main_variants(bench, section.slm)
        ]
        return over(bench, section, [section.corpus], rows)
