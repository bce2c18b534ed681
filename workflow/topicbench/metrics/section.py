"""The configuration of reference corpora and of the judge."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from topicbench.core.sections import Closed, Name, NonEmpty, Sha256


class Palmetto(Closed):
    """Palmetto as the source of C_V, the paper's choice. It needs Java."""

    title: NonEmpty = Field(description="Name of the index in captions, with its version.")
    jar: NonEmpty = Field(description="Palmetto's jar with its dependencies.")
    index: NonEmpty = Field(description="Folder of the Lucene index.")
    java: NonEmpty = Field("java", description="The Java command.")


class Reference(Closed):
    """The reference corpus of coherence."""

    name: Name = Field(description="Name in paths.")
    title: NonEmpty = Field(description="Name in tables.")
    path: NonEmpty = Field(description="CSV, TSV, JSONL or Parquet file, relative to the repository.")
    sha256: Sha256 | None = Field(None, description="Expected SHA-256 of the file.")
    text_column: NonEmpty = Field("text", description="Column of the text.")
    language: NonEmpty | None = Field(
        None,
        exclude_if=lambda value: value is None,
        description="spaCy code of the tokeniser that splits the texts, for scripts that write no spaces; null: words "
        "are runs of letters.",
    )
    counting: Literal["gensim", "boolean"] = Field(
        "gensim",
        description="How windows are counted: as gensim, which drops a word when the first of several occurrences "
        "leaves the window, or truly boolean, as Palmetto.",
    )
    palmetto: Palmetto | None = Field(
        None,
        description="Take C_V from Palmetto over its index; C_NPMI and the judge check stay with the counts.",
    )


class Judge(Closed):
    """Who rates topics on a scale of 1 to 3. Exactly one of slm and model."""

    title: NonEmpty = Field(description="Name in tables.")
    slm: Name | None = Field(
        None, description="One of slms: expected rating over its next-token probabilities of 1, 2, 3."
    )
    model: NonEmpty | None = Field(None, description="Model name at an OpenAI-compatible endpoint.")
    base_url: NonEmpty | None = Field(None, description="Endpoint; null for the client's default.")
    key_variable: NonEmpty = Field("OPENAI_API_KEY", description="Environment variable that holds the key.")
    concurrency: int = Field(8, ge=1, le=256, strict=True, description="Requests at once.")
    timeout_seconds: float = Field(60, gt=0, description="Time allowed for one answer.")
    retries: int = Field(5, ge=0, strict=True, description="Further attempts after a failed or unusable answer.")

    @model_validator(mode="after")
    def _one_kind(self) -> Judge:
        if (self.slm is None) == (self.model is None):
            raise ValueError("exactly one of slm and model is needed")
        return self
