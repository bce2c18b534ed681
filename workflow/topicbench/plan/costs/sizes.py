"""How large a configuration's corpora and models are, as far as that is known before the run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from topicbench.config.schema import Config
from topicbench.corpora.section import Corpus
from topicbench.features.section import Encoder, WordVectors
from topicbench.metrics.section import Reference
from topicbench.sources.paths import fetched
from topicbench.sources.section import Source

DOCUMENTS = 20_000
"""Documents of a corpus whose file is not read and that is not sampled; the paper's have 16,309 to 21,996."""

CHARACTERS = 1000
"""Characters of a document whose file is not read, about those of 20 Newsgroups without headers and quotes."""

CHARACTERS_PER_TOKEN = 4.5
"""Of English in the tokenisers of language models."""

PROMPT_TOKENS = 12
"""What stands after the document in a prompt, and cannot be computed once for all documents."""

PARAMETERS = 1e9
"""Parameters of a language model whose name does not tell them."""

ENCODER_PARAMETERS = {"mini": 23e6, "small": 33e6, "base": 110e6, "large": 434e6}
"""Parameters of a sentence encoder, by a part of its name; else those of "base"."""

UNPACKED = 2.5
"""Size of word vectors in memory to that of their file, which may be compressed."""

SAMPLED_DOCUMENTS = 2000
"""Documents whose length is measured, spread over the corpus."""


@dataclass(frozen=True)
class CorpusSize:
    """Documents, characters of the mean document, and documents in its file where it is a sample of them."""

    documents: int
    characters: float
    in_file: int = 0

    @property
    def million_characters(self) -> float:
        return self.documents * self.characters / 1e6

    @property
    def million_characters_in_file(self) -> float:
        return max(self.documents, self.in_file) * self.characters / 1e6

    def tokens(self, longest: int | None = None, extra: int = 0) -> float:
        """Tokens a language model or encoder reads of all documents, each cut to ``longest``.

        Cutting the mean instead of each document overstates corpora of very uneven lengths.
        """
        each = self.characters / CHARACTERS_PER_TOKEN
        return self.documents * ((min(each, longest) if longest else each) + extra)


def declared(config: Config) -> dict[str, CorpusSize]:
    """Sizes from the configuration alone: a sample's or a source's rows, else `DOCUMENTS`, of `CHARACTERS`."""
    sizes = {}
    for name, corpus in config.corpora.items():
        source = _source(config, corpus.path)
        rows = (source and source.rows) or DOCUMENTS
        sizes[name] = CorpusSize(min(corpus.sample.documents, rows) if corpus.sample else rows, CHARACTERS, rows)
    return sizes


def _source(config: Config, path: str | None) -> Source | None:
    """The entry of sources that a path of a located configuration is fetched from."""
    folder = fetched(path)
    return config.sources.get(folder.rpartition("/")[2]) if folder else None


def measured(config: Config, root: str | Path) -> dict[str, CorpusSize]:
    """Sizes from the corpora's files where they are there, else as `declared`."""
    from topicbench.corpora.reader import read_columns

    sizes = declared(config)
    for name, corpus in config.corpora.items():
        path = _local(corpus.path, root)
        if path is not None:
            sizes[name] = _measure(corpus, read_columns(path, [corpus.text_column])[corpus.text_column])
    return sizes


def _measure(corpus: Corpus, texts: Sequence[str]) -> CorpusSize:
    # Imports pandas, which a workflow that only asks for `declared` sizes need not wait for.
    from topicbench.corpora.documents import strip_post

    documents = min(corpus.sample.documents, len(texts)) if corpus.sample else len(texts)
    drawn = texts[:: max(1, len(texts) // SAMPLED_DOCUMENTS)]
    characters = sum(len(strip_post(str(text), corpus.strip)) for text in drawn) / len(drawn)
    return CorpusSize(documents, characters, len(texts))


def _local(path: str | None, root: str | Path) -> Path | None:
    candidates = (Path(path), Path(root) / path) if path else ()
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def parameters(config: Config, name: str) -> float:
    """Parameters of a language model: of two bytes in its source, else by its name ("135M"), else `PARAMETERS`."""
    model = config.slms[name]
    source = _source(config, f"{model.folder}/config.json")
    if source and source.bytes:
        return source.bytes / 2
    for text in (model.hub, model.title, model.folder and Path(model.folder).name):
        if found := re.findall(r"(?<![\d.])(\d+(?:\.\d+)?)([BM])(?![a-z])", text or "", re.IGNORECASE):
            number, unit = found[-1]
            return float(number) * (1e9 if unit in "bB" else 1e6)
    return PARAMETERS


def hidden_size(parameter_count: float) -> int:
    """Width D of a language model: 576 of SmolLM2-135M, growing with the square root of the parameters."""
    return round(576 * (parameter_count / 135e6) ** 0.5)


def encoder_parameters(encoder: Encoder) -> float:
    """Parameters of a sentence encoder by its name."""
    text = f"{encoder.hub or ''} {encoder.name} {encoder.title}".lower()
    named = [count for part, count in ENCODER_PARAMETERS.items() if part in text]
    return named[0] if named else ENCODER_PARAMETERS["base"]


def embedding_size(parameter_count: float) -> int:
    """Width E of a sentence encoder: 384 of the small ones, 768, 1024."""
    return 384 if parameter_count < 50e6 else 768 if parameter_count < 200e6 else 1024


def word_vectors_mb(config: Config, name: str, root: str | Path = ".") -> float:
    """Megabytes of a table of word vectors: of its file where it is there, else by its name, else 1,000."""
    vectors: WordVectors = config.word_vectors[name]
    path = _local(vectors.path, root)
    if path is not None:
        return path.stat().st_size / 1e6 * UNPACKED
    source = _source(config, vectors.path)
    if source and source.bytes:
        return source.bytes / 1e6 * UNPACKED
    if vectors.package:
        return 100
    return 3600 if "google-news" in (vectors.gensim or vectors.path or "") else 1000


def reference_mb(reference: Reference, root: str | Path = ".") -> float:
    """Megabytes of the reference corpus's file; 50 where it is not there yet."""
    path = _local(reference.path, root)
    return path.stat().st_size / 1e6 if path else 50
