"""The configuration: typed, closed, checked before any job starts.

Defaults, the JSON schema and ``config/README.md`` all come from the models below. A configuration file stands
alone: nothing is merged into it but what ``--config key=value`` sets on the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from topicbench.config_experiments import Experiments
from topicbench.config_protocol import Protocol
from topicbench.config_types import Closed, Name, NonEmpty, Seed, Sha256, Topics, unique
from topicbench.controls import CONTROLS, Control
from topicbench.corpora.tokens import Tokens
from topicbench.errors import TopicbenchError
from topicbench.models.base import LANGUAGE_MODEL_NEEDS, create
from topicbench.sources.entries import Commit, Source
from topicbench.sources.located import check_sources, fetched


def _source(meaning: str) -> Any:
    # Left out of what is handed to jobs where it is not used, so that results made without it stay valid.
    return Field(None, exclude_if=lambda value: value is None, description=f"Instead: one of sources, {meaning}.")


class Sample(Closed):
    """A seeded sample of a corpus, with equally many documents of each class as far as the classes go."""

    documents: int = Field(ge=1, strict=True, description="Number of documents to keep.")
    seed: Seed = Field(0, description="Seed of the draw.")


class Corpus(Closed):
    """A corpus: one file with a text per row. Exactly one of path and source."""

    title: NonEmpty = Field(description="Name in tables.")
    path: NonEmpty = Field("", description="CSV, TSV, JSONL or Parquet file (also .gz), relative to the repository.")
    source: Name | None = _source("fetched first")
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
    source: Name | None = _source("a model of the Hub")
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
    source: Name | None = _source("a model of the Hub")
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
    source: Name | None = _source("a file as for path")
    sha256: Sha256 | None = Field(None, description="Expected SHA-256 of path.")
    missing_seed: Seed = Field(0, description="Seed of the vectors of words that have none.")

    @model_validator(mode="after")
    def _one_source(self) -> WordVectors:
        if sum(source is not None for source in (self.package, self.path, self.gensim, self.source)) != 1:
            raise ValueError("exactly one of package, path, gensim and source is needed")
        if (self.package is None) != (self.index is None):
            raise ValueError("package and index go together")
        return self


class Palmetto(Closed):
    """Palmetto as the source of C_V, the paper's choice. It needs Java."""

    title: NonEmpty = Field(description="Name of the index in captions, with its version.")
    jar: NonEmpty = Field(description="Palmetto's jar with its dependencies.")
    index: NonEmpty = Field(description="Folder of the Lucene index.")
    java: NonEmpty = Field("java", description="The Java command.")


class Reference(Closed):
    """The reference corpus of coherence."""

    name: Name = Field(description="Name in paths and metric identities.")
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
        None, description="Take C_V from Palmetto over its index; C_NPMI and the judge's controls stay with the counts."
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


class Config(Closed):
    """A whole configuration."""

    protocol: Protocol = Field(
        Protocol(),
        description="`paper`: the paper's choices; `corrected`: the fairer ones where they part ways; or a section of "
        "switches. See workflow/docs/protocol.md.",
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
        "workflow/docs/method.md.",
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
