"""Coherence from counts against gensim's CoherenceModel, C_V, on the same tokens and topics."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Sequence
from typing import Any

import inputs
import numpy as np
from gensim.corpora import Dictionary
from gensim.models.coherencemodel import CoherenceModel
from measure import Row, compared, growth

from topicbench.metrics.coherence import c_v
from topicbench.metrics.windows import C_V_WINDOW, count_windows, tokenise_reference

RUNS, TOPICS, WORDS = 20, 100, 15
ARTICLES = 1500


def topics(texts: Sequence[Sequence[str]]) -> list[list[list[str]]]:
    """20 runs of 100 topics of 15 words, drawn from the words of the titles' vocabulary that the texts hold."""
    held = {word for tokens in texts for word in tokens}
    words = np.array([word for word in inputs.bags()[0] if word in held])
    rng = np.random.default_rng(3)
    return [[rng.choice(words, WORDS, replace=False).tolist() for _ in range(TOPICS)] for _ in range(RUNS)]


def gensims(texts: Sequence[Sequence[str]], dictionary: Dictionary, run: Sequence[Sequence[str]]) -> np.ndarray:
    """C_V of the topics of one run: one pass over the texts, as every call makes."""
    model = CoherenceModel(topics=run, texts=texts, dictionary=dictionary, coherence="c_v", topn=WORDS, processes=1)
    return np.array(model.get_coherence_per_topic())


def run(sizes: Sequence[int], pairs: int) -> tuple[list[Row], list[dict[str, Any]], list[str]]:
    """Rows, growth and remarks."""
    documents = inputs.articles()[:ARTICLES]
    texts = [tokenise_reference(text) for text in documents]
    tokens = sum(map(len, texts))
    runs = topics(texts)
    vocabulary = inputs.bags()[0]
    dictionary = Dictionary(texts)
    counts = count_windows(documents, vocabulary, [C_V_WINDOW])[C_V_WINDOW]
    theirs = gensims(texts, dictionary, runs[0])
    difference = float(np.nanmax(np.abs(theirs - c_v(runs[0], counts))))
    sizes_said = f"{len(texts)} articles, {tokens / 1e6:.1f} M tokens"
    rows = [
        compared(
            f"C_V of {RUNS} runs × {TOPICS} topics × {WORDS} words once counted, {sizes_said}",
            lambda: [c_v(each, counts) for each in runs],
            lambda: gensims(texts, dictionary, runs[0]),
            pairs,
            goal=100,
            scale=(1, RUNS),
            note=f"gensim measured on one run of the {RUNS}; largest difference {difference:.1e}",
        ),
        compared(
            f"counting {len(vocabulary)} words, tokenising included, against one gensim pass, {sizes_said}",
            lambda: count_windows(documents, vocabulary, [C_V_WINDOW]),
            lambda: gensims(texts, dictionary, runs[0]),
            pairs,
            goal=1,
            note="gensim counts the words of one run and is given the tokens",
        ),
    ]

    def again(size: int) -> Iterator[str]:
        rng = np.random.default_rng(4)
        return (documents[row] for row in rng.integers(len(documents), size=size))

    peaks = []
    for size in (2000, 8000):
        tracemalloc.start()
        count_windows(again(size), vocabulary[:500], [C_V_WINDOW])
        peaks.append(tracemalloc.get_traced_memory()[1] / 1e6)
        tracemalloc.stop()
    growing = growth(
        "counting (N / 10 articles, resampled)",
        [size // 10 for size in sizes],
        lambda size: lambda: count_windows(again(size), vocabulary, [C_V_WINDOW]),
    )
    remark = (
        f"Memory of counting 500 words in 2,000 and 8,000 streamed articles: {peaks[0]:.0f} and {peaks[1]:.0f} MB. The "
        f"counts take 4·V² bytes per window size, 16 MB for {len(vocabulary)} words, however long the reference."
    )
    return rows, [growing], [remark]
