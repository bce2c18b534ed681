"""What the benchmarks read: the corpora of data/, and a language model's states of them, computed once and kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from topicbench.config.load import load
from topicbench.config.schema import Config
from topicbench.core.files import read_npy, write_npy
from topicbench.corpora.documents import read_documents
from topicbench.corpora.reader import read_columns
from topicbench.corpora.section import Corpus
from topicbench.corpora.vocabulary import bag_of_words, build_vocabulary, tokenise
from topicbench.features.section import LanguageModel

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "results" / "speed"
VOCABULARY_SIZE = 2000
TITLES = 20_000


@cache
def config() -> Config:
    return load(ROOT / "config/config.yaml")


def slm() -> LanguageModel:
    return config().slms["smollm2"]


def instruction() -> str:
    return config().prompts["default"]


def model_folder() -> Path:
    """The language model, prepared if it is not."""
    from topicbench.features.language_model import prepare

    folder = KEPT / "slm"
    if not (folder / "prepared.json").is_file():
        prepare(slm(), folder)
    return folder


@cache
def titles() -> tuple[list[str], np.ndarray]:
    """20,000 StackOverflow titles, all there are, and their labels."""
    documents = read_documents(_whole("stackoverflow"), ROOT)
    return documents["text"].tolist(), documents["label"].to_numpy()


@cache
def posts(words: int = 200, count: int = 64) -> list[str]:
    """Posts of 20 Newsgroups, each cut to its first ``words`` words."""
    texts = (text.split() for text in read_documents(_whole("20newsgroups"), ROOT)["text"])
    long = (" ".join(each[:words]) for each in texts if len(each) >= words)
    return [text for text, _ in zip(long, range(count), strict=False)]


@cache
def articles() -> list[str]:
    """The reference corpus: a sample of Wikipedia."""
    reference = config().reference
    return read_columns(ROOT / reference.path, [reference.text_column])[reference.text_column]


def _whole(name: str) -> Corpus:
    return config().corpora[name].model_copy(update={"sample": None})


@cache
def bags() -> tuple[list[str], csr_matrix]:
    """Vocabulary and bag of words of the titles."""
    tokens = list(tokenise(titles()[0], "en"))
    vocabulary = build_vocabulary(tokens, VOCABULARY_SIZE)
    return vocabulary, bag_of_words(tokens, vocabulary)


@dataclass(frozen=True)
class Features:
    """Of N titles: hidden states N×D and logits over the vocabulary N×V, float32, and labels."""

    hidden: np.ndarray
    logits: np.ndarray
    labels: np.ndarray
    resampled: bool


def features(documents: int) -> Features:
    """Of ``documents`` titles; more than there are by drawing again with replacement.

    Up to `TITLES` titles are put through the language model once, which takes some minutes, and kept.
    """
    from topicbench.features.hidden_states import extract
    from topicbench.features.language_model import load as load_model
    from topicbench.features.soft_labels import logits, read_head, read_tokenizer, vocabulary_tokens

    texts, labels = titles()
    rows = np.random.default_rng(0).permutation(len(texts))[: min(documents, TITLES)]
    folder = KEPT / f"titles-{len(rows)}"
    if not (folder / "hidden.npy").is_file():
        print(f"hidden states of {len(rows)} titles, kept in {folder}", flush=True)
        extract(load_model(model_folder()), instruction(), [texts[row] for row in rows], folder, batch_tokens=512)
    if not (folder / "logits.npy").is_file():
        ids = vocabulary_tokens(read_tokenizer(model_folder()), bags()[0]).ids
        write_npy(folder / "logits.npy", logits(read_npy(folder / "hidden.npy"), read_head(model_folder()), ids))
    hidden, values = read_npy(folder / "hidden.npy"), read_npy(folder / "logits.npy")
    if documents > len(rows):
        again = np.random.default_rng(1).integers(len(rows), size=documents)
        return Features(hidden[again], values[again], labels[rows][again], True)
    return Features(hidden, values, labels[rows], False)
