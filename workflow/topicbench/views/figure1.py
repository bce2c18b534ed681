"""Figure 1: one document's bag of words against its soft label.

Which words are boxed is decided by a rule, not by eye. The *class words* are the 20 vocabulary words that
contribute most to the divergence of the document's class from the whole corpus, p(w|class) log(p(w|class)/p(w)),
counted without the document itself. A word's *relatedness* is the cosine between its vector and the mean of the
class words' unit vectors, all vectors centred on the vocabulary's mean. A shown word is boxed green when it is not
in the document and its relatedness is among the top tenth of the vocabulary, and orange when it is in the document
and its relatedness is in the lower half. Words without a vector are never boxed.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from scipy.sparse import csr_matrix, load_npz
from scipy.special import log_softmax, softmax

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_lines, read_npy
from topicbench.views import caption as captions
from topicbench.views import style
from topicbench.views.contract import About, Drawing, Scores, View

WORDS = 15
CLASS_WORDS = 20
RELATED_QUANTILE, DISTANT_QUANTILE = 0.9, 0.5
DISTINCT_WORDS = (15, 40)
PAPER_TEMPERATURE = 3.0
PANELS = {"bag_of_words": "Bag of words", "soft_label": "Soft label"}
COLUMNS = [
    *("panel", "rank", "word", "probability", "in_document", "relatedness", "box"),
    *("temperature", "related_from", "distant_below", "doc_id", "choice", "class", "text"),
]
"""Of the figure's CSV; from temperature on the same in every row."""

_PRESENT, _ABSENT = "#999999", "#56B4E9"
_BLOCK = 512


def choose_document(bow: csr_matrix, logits: np.ndarray, temperature: float, kept: np.ndarray) -> int:
    """The row of a typical document of readable length.

    Of the kept documents with 15 to 40 distinct vocabulary words (those nearest to that where none is), the one
    whose soft label has the median entropy (the lower of two; ties by row).

    Args:
        bow: N×V counts.
        logits: N×V of the language model.
        temperature: tau of the soft label.
        kept: bool N, the documents with a vocabulary word.
    """
    distinct = np.diff(csr_matrix(bow).indptr)
    low, high = DISTINCT_WORDS
    excess = np.where(kept, np.maximum(np.maximum(low - distinct, distinct - high), 0), np.iinfo(np.int64).max)
    if not np.any(kept):
        raise TopicbenchError("figure 1", "no document has a word of the vocabulary")
    candidates = np.flatnonzero(excess == excess.min())
    entropies = np.concatenate(
        [_entropy(logits[candidates[i : i + _BLOCK]], temperature) for i in range(0, len(candidates), _BLOCK)]
    )
    return int(candidates[np.argsort(entropies, kind="stable")[(len(candidates) - 1) // 2]])


def _entropy(logits: np.ndarray, temperature: float) -> np.ndarray:
    log_p = log_softmax(np.asarray(logits, dtype=np.float64) / temperature, axis=1)
    return -(np.exp(log_p) * log_p).sum(axis=1)


def class_words(bow: csr_matrix, labels: np.ndarray, row: int) -> np.ndarray:
    """Indices of the up to 20 words that mark the class of document ``row``, most marked first.

    Only words the class uses more than the corpus count. ``bow`` is N×V, ``labels`` has N entries.
    """
    bow = csr_matrix(bow)
    others = np.arange(bow.shape[0]) != row
    in_class = np.asarray(bow[others & (labels == labels[row])].sum(axis=0), dtype=np.float64).ravel()
    overall = np.asarray(bow[others].sum(axis=0), dtype=np.float64).ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = in_class / in_class.sum(), overall / overall.sum()
        weight = np.where(p > 0, p * np.log(p / q), 0.0)
    order = np.argsort(-weight, kind="stable")[:CLASS_WORDS]
    return order[weight[order] > 0]


def relatedness(word_vectors: np.ndarray, found: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """Cosine of each word to the mean unit vector of the ``anchors``; NaN for words without a vector.

    Word vectors share a large common component, which makes any two frequent words look alike; it is removed by
    centring on the mean over the vocabulary (Mu and Viswanath 2018).

    Args:
        word_vectors: V×W.
        found: bool V, False where a word's vector is a random stand-in.
        anchors: indices of words.
    """
    vectors = np.asarray(word_vectors, dtype=np.float64)
    centred = vectors - vectors[found].mean(axis=0) if found.any() else np.zeros_like(vectors)
    norms = np.linalg.norm(centred, axis=1)
    usable = found & (norms > 0)
    units = centred / np.where(norms > 0, norms, 1.0)[:, None]
    anchors = anchors[usable[anchors]]
    centre = units[anchors].sum(axis=0)
    if not len(anchors) or not np.linalg.norm(centre):
        raise TopicbenchError(
            "figure 1", "none of the words that mark the document's class has a word vector", "name another document"
        )
    return np.where(usable, units @ (centre / np.linalg.norm(centre)), np.nan)


def shown_words(
    vocabulary: Sequence[str], counts: np.ndarray, soft_label: np.ndarray, near: np.ndarray
) -> pd.DataFrame:
    """The words of both panels, best first.

    Args:
        vocabulary: V words.
        counts, soft_label: V each, the document's word counts and the probabilities of its soft label.
        near: V, `relatedness` to the document's class.

    Returns:
        panel, rank, word, probability, in_document, relatedness (NaN: no vector), box ("green", "orange" or ""), and
        the two thresholds of relatedness, the same in every row: related_from and distant_below.
    """
    related_from, distant_below = np.nanquantile(near, (RELATED_QUANTILE, DISTANT_QUANTILE))
    present = counts > 0
    boxes = [~present & (near >= related_from), present & (near < distant_below)]
    words = pd.DataFrame(
        {
            "word": vocabulary,
            "in_document": present,
            "relatedness": near,
            "box": np.select(boxes, ["green", "orange"], ""),
            "related_from": related_from,
            "distant_below": distant_below,
        }
    )
    parts = []
    for panel, weights in zip(PANELS, (counts / counts.sum(), soft_label), strict=True):
        top = np.argsort(-weights, kind="stable")[:WORDS]
        top = top[weights[top] > 0]
        parts.append(words.iloc[top].assign(panel=panel, rank=np.arange(1, len(top) + 1), probability=weights[top]))
    return pd.concat(parts, ignore_index=True)


def draw(data: pd.DataFrame) -> Figure:
    """Both panels side by side under the opening of the document's text."""
    first = data.iloc[0]
    with style.applied():
        figure = Figure(figsize=(style.SINGLE_COLUMN, 3.9), layout="constrained")
        text, panels = np.asarray(figure.subfigures(2, 1, height_ratios=(0.17, 0.83)))
        excerpt = textwrap.fill(
            textwrap.shorten(style.plain(first["text"]), 200, placeholder=" …"), 72, break_long_words=True, max_lines=3
        )
        text.text(
            0.02, 0.97, f"Document {first['doc_id']}, class {style.plain(first['class'])}", va="top", weight="bold"
        )
        text.text(0.02, 0.68, excerpt, va="top", style="italic", fontsize=7, linespacing=1.15)
        for axes, panel in zip(panels.subplots(1, 2), PANELS, strict=True):
            _bars(axes, data[data["panel"] == panel])
            label = f" (τ = {first['temperature']:g})" if panel == "soft_label" else ""
            axes.set_title(PANELS[panel] + label, pad=3)
        panels.legend(
            handles=[
                Patch(facecolor=_ABSENT, label="not in the document"),
                Patch(facecolor="none", edgecolor=style.GREEN, label="and related to its class"),
                Patch(facecolor=_PRESENT, label="in the document"),
                Patch(facecolor="none", edgecolor=style.ORANGE, linestyle=(0, (2, 1)), label="and distant from it"),
            ],
            loc="outside lower center",
            ncols=2,
            handlelength=1.6,
            columnspacing=1.2,
        )
    return figure


def _bars(axes: Axes, rows: pd.DataFrame) -> None:
    axes.barh(rows["rank"], rows["probability"], height=0.62, color=np.where(rows["in_document"], _PRESENT, _ABSENT))
    axes.set_ylim(WORDS + 0.6, 0.4)
    axes.set_yticks(rows["rank"], [style.plain(word) for word in rows["word"]], fontsize=7)
    axes.tick_params(axis="y", length=0, pad=3)
    axes.locator_params(axis="x", nbins=3)
    axes.set_xlabel("probability", labelpad=2)
    for label, box in zip(axes.get_yticklabels(), rows["box"], strict=True):
        if box:
            label.set_bbox(
                {
                    "boxstyle": "round,pad=0.1,rounding_size=0.25",
                    "facecolor": "none",
                    "edgecolor": style.GREEN if box == "green" else style.ORANGE,
                    "linestyle": "-" if box == "green" else (0, (2, 1)),
                    "linewidth": 0.9,
                }
            )


def caption(data: pd.DataFrame, about: About) -> str:
    """What is drawn, and by which rules the document and the boxes are chosen."""
    first = data.iloc[0]
    vectors = about.word_vectors[about.section["word_vectors"]]
    return (
        f"Reconstruction targets of document {first['doc_id']} (class “{first['class']}”) of "
        f"{captions.corpus(about, about.section['corpus'])}: its bag of words (left) and its soft label of "
        f"{about.language_models[about.section['slm']].title} at τ = {first['temperature']:g} (right). Relatedness of "
        f"a word is the cosine of its vector ({vectors.title}, centred) to the mean of the {CLASS_WORDS} words that "
        "mark the class most, p(w|class) log(p(w|class)/p(w)), this document left out. Green: not in the document, "
        "relatedness in the vocabulary’s top tenth; orange (dashed): in the document, relatedness in the lower half. "
        "The document is the one of median soft-label entropy among those with "
        f"{DISTINCT_WORDS[0]} to {DISTINCT_WORDS[1]} distinct vocabulary words, or nearest to that."
    )


class Figure1(View):
    """Its section names the corpus, the language model and the word vectors that its files are of."""

    name = "figure1"
    label = "Figure 1"
    summary = "Bag of words and soft label of one document, with the words the soft label adds."
    category = "Reproduction"
    kind = "figure"
    order = 1
    needs = ("documents", "vocabulary", "bow", "kept", "logits", "word_vectors", "found")
    of_one_corpus = True

    def make(self, scores: Scores) -> Drawing:
        """The figure.

        Raises:
            TopicbenchError: no document has a vocabulary word, or no word of its class has a vector.
        """
        files = {need: scores.files[need][0] for need in self.needs}
        documents, bow = pd.read_parquet(files["documents"]), csr_matrix(load_npz(files["bow"]))
        logits = read_npy(files["logits"], mapped=True)
        softlabel = scores.about.methods.get("softlabel")
        temperature = softlabel.settings["temperature"] if softlabel else PAPER_TEMPERATURE
        if "label" not in documents:
            raise TopicbenchError("figure 1", "the corpus has no labels", "name a corpus with label_column")
        row = choose_document(bow, logits, temperature, read_npy(files["kept"]))
        anchors = class_words(bow, documents["label"].to_numpy(), row)
        near = relatedness(read_npy(files["word_vectors"]), read_npy(files["found"]), anchors)
        counts = np.asarray(bow[row].todense(), dtype=np.float64).ravel()
        soft_label = softmax(np.asarray(logits[row], dtype=np.float64) / temperature)
        document = documents.iloc[row]
        words = shown_words(read_lines(files["vocabulary"]), counts, soft_label, near).assign(
            **{
                "temperature": temperature,
                "doc_id": int(document["doc_id"]),
                "choice": "median entropy",
                "class": str(document.get("label_name", document["label"])),
                "text": " ".join(str(document["text"]).split()),
            }
        )[COLUMNS]
        return Drawing(draw(words), words, caption(words, scores.about))

    def requires(self, about: About) -> str:
        lacking = {"corpus": "a corpus with labels", "slm": "a language model", "word_vectors": "word vectors"}
        return captions.listed(what for key, what in lacking.items() if not about.section.get(key))
