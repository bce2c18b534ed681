"""The configuration of language models, the sentence encoder and word vectors."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from topicbench.core.sections import Closed, Name, NonEmpty, Seed, Sha256, source_field
from topicbench.sources.paths import fetched
from topicbench.sources.section import Commit


class PackagedFile(Closed):
    """A model file that lies in an installed Python package."""

    package: NonEmpty = Field(description="Distribution name, as pip knows it.")
    file: NonEmpty = Field(description="Path of the file inside site-packages; '*' matches within a folder.")
    parts: list[PackagedFile] = Field(
        [], description="Further packages whose files are appended to this one, in order."
    )
    sha256: Sha256 | None = Field(None, description="SHA-256 of the whole (parts joined); checked before loading.")


class LanguageModel(Closed):
    """A causal language model. Exactly one of gguf, folder, hub and source says where it comes from."""

    title: NonEmpty = Field(description="Name in tables.")
    gguf: PackagedFile | None = Field(None, description="A GGUF file from an installed package.")
    folder: NonEmpty | None = Field(None, description="A local folder in Hugging Face format.")
    hub: NonEmpty | None = Field(None, description="A model name on the Hugging Face Hub.")
    source: Name | None = source_field("a model of the Hub")
    revision: Commit | None = Field(None, description="Full commit hash of the Hub model; required with hub.")
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto", description="Arithmetic of the forward pass; auto is bfloat16 where the processor has it, else float32."
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto takes CUDA where there is one.")
    max_document_tokens: int | None = Field(
        None, ge=1, strict=True, description="Cut documents after this many tokens; null: only where the context ends."
    )
    batch_tokens: int = Field(4096, ge=1, strict=True, description="Tokens per forward pass, padding included.")
    threads: int = Field(
        1, ge=1, strict=True, description="Processor threads of a job; fixed here because they change the last bits."
    )
    chunk_documents: int = Field(512, ge=1, strict=True, description="Documents per resumable chunk on disk.")

    @model_validator(mode="after")
    def _one_source(self) -> LanguageModel:
        if sum(source is not None for source in (self.gguf, self.folder, self.hub, self.source)) != 1:
            raise ValueError("exactly one of gguf, folder, hub and source is needed")
        if self.hub and not self.revision:
            raise ValueError("hub needs a pinned revision (a commit hash)")
        return self


class Encoder(Closed):
    """The sentence encoder all contextual baselines read. Exactly one of package, folder, hub and source."""

    name: Name = Field(description="Name in paths.")
    title: NonEmpty = Field(description="Name in tables.")
    package: PackagedFile | None = Field(None, description="A model folder in an installed package.")
    folder: NonEmpty | None = Field(None, description="A local sentence-transformers folder.")
    hub: NonEmpty | None = Field(None, description="A sentence-transformers model name on the Hugging Face Hub.")
    source: Name | None = source_field("a model of the Hub")
    revision: Commit | None = Field(None, description="Full commit hash of the Hub model; required with hub.")
    trust_remote_code: bool = Field(False, description="Run the model's own code; only of a source, which pins it.")
    batch_size: int = Field(64, ge=1, strict=True, description="Documents per forward pass.")
    threads: int = Field(1, ge=1, strict=True, description="Processor threads of a job.")

    @model_validator(mode="after")
    def _one_source(self) -> Encoder:
        if sum(source is not None for source in (self.package, self.folder, self.hub, self.source)) != 1:
            raise ValueError("exactly one of package, folder, hub and source is needed")
        if self.hub and not self.revision:
            raise ValueError("hub needs a pinned revision (a commit hash)")
        # A hub model may name the code of another repository, of which its own revision says nothing.
        if self.trust_remote_code and not (self.source or fetched(self.folder)):
            raise ValueError("trust_remote_code is only for a source, which pins the code's revision")
        return self


class WordVectors(Closed):
    """Pretrained word vectors. Exactly one of package, path, gensim and source."""

    title: NonEmpty = Field(description="Name in tables.")
    package: PackagedFile | None = Field(None, description="A matrix (.npy) in an installed package.")
    index: PackagedFile | None = Field(None, description="Its words (Parquet: word, row), with package.")
    path: NonEmpty | None = Field(
        None, description="A file in word2vec's format, binary or text, also gzipped; no pickle (gensim's .kv)."
    )
    gensim: NonEmpty | None = Field(None, description="A name of gensim's downloader.")
    source: Name | None = source_field("a file as for path")
    sha256: Sha256 | None = Field(None, description="Expected SHA-256 of path.")
    missing_seed: Seed = Field(0, description="Seed of the vectors of words that have none.")

    @model_validator(mode="after")
    def _one_source(self) -> WordVectors:
        if sum(source is not None for source in (self.package, self.path, self.gensim, self.source)) != 1:
            raise ValueError("exactly one of package, path, gensim and source is needed")
        if (self.package is None) != (self.index is None):
            raise ValueError("package and index go together")
        return self


PAPER_PROMPTS = {
    "default": "Generate a label that captures the overall theme of the document below.",
    "prompt1": "Name the document’s central theme.",
    "prompt2": "Give a single label that sums up the text.",
    "prompt3": "Tag the document with its main idea.",
    "prompt4": "Read the following document in full, identify its principal theme, and output a one-word label that "
    "best conveys that unifying concept.",
    "prompt5": "Generate a tag that captures the primary theme running through the entire document.",
}
"""The paper's instruction (section 3.1 of its released prompts) and its five paraphrases (Table 8)."""
