"""The configuration of a corpus."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from topicbench.core.sections import Closed, Name, NonEmpty, Seed, Sha256, source_field, unique
from topicbench.corpora.tokens import Tokens


class Sample(Closed):
    """A seeded sample of a corpus, with equally many documents of each class as far as the classes go."""

    documents: int = Field(ge=1, strict=True, description="Number of documents to keep.")
    seed: Seed = Field(0, description="Seed of the draw.")


class Corpus(Closed):
    """A corpus: one file with a text per row. Exactly one of path and source."""

    title: NonEmpty = Field(description="Name in tables.")
    path: NonEmpty = Field("", description="CSV, TSV, JSONL or Parquet file (also .gz), relative to the repository.")
    source: Name | None = source_field("fetched first")
    sha256: Sha256 | None = Field(None, description="Expected SHA-256 of the file; not checked when left out.")
    text_column: NonEmpty = Field("text", description="Column of the document's text.")
    label_column: NonEmpty | None = Field("label", description="Column of the class; null for a corpus without labels.")
    label_name_column: NonEmpty | None = Field(None, description="Column of the class's name, if there is one.")
    strip: list[Literal["headers", "footers", "quotes"]] = Field(
        [], description="Parts of a newsgroup post to remove, as scikit-learn's fetch_20newsgroups(remove=...) does."
    )
    language: NonEmpty = Field("en", description="spaCy language code of the tokeniser and its stop words.")
    tokens: Tokens = Field(
        Tokens(), exclude_if=lambda value: value == Tokens(), description="Which words may enter the vocabulary."
    )
    sample: Sample | None = Field(None, description="Take a sample instead of the whole corpus.")

    _strip_unique = field_validator("strip")(unique)

    @model_validator(mode="after")
    def _one_source(self) -> Corpus:
        if bool(self.path) == bool(self.source):
            raise ValueError("exactly one of path and source is needed")
        return self
