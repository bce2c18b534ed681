"""In how many sliding windows of a reference corpus words, and pairs of words, occur; counted once for all runs.

Windows are those of Röder, Both and Hinneburg, "Exploring the Space of Topic Coherence Measures" (WSDM 2015), as in
Palmetto and gensim: a boolean sliding window moves token by token over each document, a document no longer than the
window is one window (an empty one too), and probabilities are shares of windows.

The two libraries count differently once a word occurs twice in a window. Palmetto, like the article, counts every
window that holds the word. gensim's `WordOccurrenceAccumulator` drops the word as soon as its *first* occurrence
leaves, although another one is still inside, and takes it up again only when a further one enters. Both are here:
``counting="gensim"`` and ``counting="boolean"``.
"""

from __future__ import annotations

import re
import zipfile
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from tqdm import tqdm

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import written_beside

C_V_WINDOW = 110
C_NPMI_WINDOW = 10

Counting = Literal["gensim", "boolean"]

_LETTERS = re.compile(r"[^\W\d_]+")
_BATCH_TOKENS = 1 << 20


def tokenise_reference(text: str) -> list[str]:
    """The lower-cased runs of letters of a text, stop words included.

    A vocabulary word (alphabetic, lower-case) is one such run, so it is found wherever it stands, in the first word
    of a sentence too. Digits and punctuation separate tokens and take no place in a window.
    """
    return _LETTERS.findall(text.lower())


@dataclass(frozen=True, eq=False)
class WindowCounts:
    """In how many windows of a reference corpus words, and pairs of words, occur.

    Attributes:
        words: the V words counted.
        window: window size in tokens.
        num_windows: windows in the whole reference corpus.
        word_counts: V int64, windows that hold the word.
        pair_counts: V·(V−1)/2 int64, windows that hold both words: the upper triangle without diagonal, row by row.
        reference: name of the reference corpus.
        counting: how a word that occurs twice in a window is counted, see the module's text.
    """

    words: tuple[str, ...]
    window: int
    num_windows: int
    word_counts: np.ndarray
    pair_counts: np.ndarray
    reference: str = ""
    counting: Counting = "gensim"

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Position of each word."""
        return {word: position for position, word in enumerate(self.words)}

    def joint(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Windows that hold both of the words at positions ``left`` and ``right`` (arrays of one shape)."""
        same = left == right
        if len(self.words) < 2:
            return self.word_counts[left]
        low, high = np.minimum(left, right), np.maximum(left, right)
        # A word with itself has no place in the triangle; any valid position serves until it is replaced.
        place = np.where(same, 0, low * (2 * len(self.words) - low - 1) // 2 + high - low - 1)
        return np.where(same, self.word_counts[left], self.pair_counts[place])


def count_windows(
    documents: Iterable[str | Sequence[str]],
    words: Sequence[str],
    windows: Sequence[int] = (C_V_WINDOW, C_NPMI_WINDOW),
    reference: str = "",
    counting: Counting = "gensim",
) -> dict[int, WindowCounts]:
    """Count ``words`` and their pairs in all sliding windows of a reference corpus, in one pass.

    Pairs are counted when a word leaves the windows, against the words then present, so the work grows with the
    tokens and not with tokens × window. Documents are read one by one; memory is 4·V² bytes per window size for the
    pairs (16 MB for 2,000 words, 400 MB for 10,000) and some 10 MB besides.

    Args:
        documents: texts, split by `tokenise_reference`, or lists of tokens, taken as they are.
        words: V distinct words to count; all others only take up their place in the windows.
        windows: window sizes in tokens.
        reference: name of the reference corpus, kept with the counts.
        counting: "gensim" for gensim's numbers, "boolean" for Palmetto's and the article's.

    Returns:
        The counts by window size, in the order asked for.

    Raises:
        TopicbenchError: no documents, no words, a repeated word, a window below 1, or an unknown way of counting.
    """
    _require_countable(words, windows, counting)
    size = len(words)
    word_counts = {window: np.zeros(size, np.int64) for window in windows}
    pair_counts = {window: np.zeros(size * (size - 1) // 2, np.int64) for window in windows}
    num_windows = dict.fromkeys(windows, 0)
    num_documents = 0
    count = _compiled()
    for ids, ends in _batches(documents, words):
        num_documents += len(ends)
        for window in num_windows:
            num_windows[window] += count(
                ids, ends, window, counting == "gensim", word_counts[window], pair_counts[window]
            )
    if not num_documents:
        raise TopicbenchError(reference or "reference corpus", "has no documents")
    return {
        window: WindowCounts(
            tuple(words),
            window,
            int(num_windows[window]),
            word_counts[window],
            pair_counts[window],
            reference,
            counting,
        )
        for window in num_windows
    }


def save_counts(path: str | Path, counts: Mapping[int, WindowCounts]) -> None:
    """Write counts of one reference corpus and one list of words to a compressed npz file; same counts, same bytes."""
    first = next(iter(counts.values()))
    same = {(each.words, each.reference, each.counting) for each in counts.values()}
    if len(same) != 1:
        raise ValueError("counts of different words, reference corpora or ways of counting do not share a file")
    with written_beside(path) as partial, open(partial, "wb") as file:
        np.savez_compressed(
            file,
            words=np.array(first.words, dtype=np.str_),
            reference=np.array(first.reference, dtype=np.str_),
            counting=np.array(first.counting, dtype=np.str_),
            windows=np.array([*counts], dtype=np.int64),
            num_windows=np.array([each.num_windows for each in counts.values()], dtype=np.int64),
            **{f"word_counts_{window}": each.word_counts for window, each in counts.items()},
            **{f"pair_counts_{window}": each.pair_counts for window, each in counts.items()},
        )


def load_counts(path: str | Path) -> dict[int, WindowCounts]:
    """Read what `save_counts` wrote; `TopicbenchError` where the file is missing or not whole."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            words = tuple(stored["words"].tolist())
            counts = {
                window: WindowCounts(
                    words,
                    window,
                    number,
                    stored[f"word_counts_{window}"],
                    stored[f"pair_counts_{window}"],
                    str(stored["reference"]),
                    str(stored["counting"]),  # type: ignore[arg-type]
                )
                for window, number in zip(stored["windows"].tolist(), stored["num_windows"].tolist(), strict=True)
            }
    except FileNotFoundError:
        raise TopicbenchError(path, "file not found") from None
    except (KeyError, ValueError, OSError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise TopicbenchError(path, f"not a whole file of counts: {error}", "delete it and run again") from None
    size = len(words)
    for each in counts.values():
        if each.word_counts.shape != (size,) or each.pair_counts.shape != (size * (size - 1) // 2,):
            raise TopicbenchError(path, f"counts do not fit its {size} words", "delete it and run again")
    return counts


def _require_countable(words: Sequence[str], windows: Sequence[int], counting: str) -> None:
    if not len(words):
        raise TopicbenchError("words", "there are no words to count")
    if len(set(words)) < len(words):
        repeated = next(word for place, word in enumerate(words) if word in words[:place])
        raise TopicbenchError("words", f"'{repeated}' is listed more than once")
    if not len(windows) or min(windows) < 1:
        raise TopicbenchError("windows", f"{[*windows]} are not window sizes", "give sizes of 1 or more tokens")
    if counting not in get_args(Counting):
        raise TopicbenchError("counting", f"'{counting}' is unknown; there are {', '.join(get_args(Counting))}")


class _Positions(dict[str, int]):
    """Word → position; −1 for every other word. (A method of a dictionary is the fastest look-up Python has.)"""

    def __missing__(self, word: str) -> int:
        return -1


def _batches(documents: Iterable[str | Sequence[str]], words: Sequence[str]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Documents as word positions, many at a time: all their tokens in one array, and where each document ends."""
    look_up = _Positions((word, position) for position, word in enumerate(words)).__getitem__
    ids, ends = array("i"), array("q")
    for document in tqdm(documents, desc="reference corpus", unit=" documents", mininterval=1):
        ids.extend(map(look_up, tokenise_reference(document) if isinstance(document, str) else document))
        ends.append(len(ids))
        if len(ids) >= _BATCH_TOKENS:
            yield np.array(ids, dtype=np.int32), np.array(ends, dtype=np.int64)
            ids, ends = array("i"), array("q")
    if ends:
        yield np.array(ids, dtype=np.int32), np.array(ends, dtype=np.int64)


@cache
def _compiled() -> Any:
    import numba

    return numba.njit(cache=True)(_count_batch)


def _count_batch(
    ids: np.ndarray,
    ends: np.ndarray,
    window: int,
    gensim_counting: bool,
    word_counts: np.ndarray,
    pair_counts: np.ndarray,
) -> int:
    """Add the windows of a batch of documents to the counts; returns how many windows they have.

    A word is present from window ``since[word]`` on until it leaves. On leaving it adds its stay to its own count,
    and to the pair count of each word still present the part of the stay they shared: every pair is thus counted
    once, when the first of the two leaves. ``gensim_counting`` is gensim's counting.
    """
    size = len(word_counts)
    inside = np.zeros(size, np.int32)
    since = np.zeros(size, np.int64)
    slot = np.full(size, -1, np.int32)
    present = np.empty(size, np.int32)
    total = 0
    start = 0
    for end in ends:
        length = end - start
        last = max(1, length - window + 1)
        total += last
        num_present = 0
        for place in range(start, start + min(length, window)):
            word = ids[place]
            if word >= 0:
                inside[word] += 1
                if slot[word] < 0:
                    slot[word] = num_present
                    present[num_present] = word
                    num_present += 1
                    since[word] = 0
        # The step beyond the last window empties it: each word present leaves, whatever is inside.
        for step in range(1, last + 1):
            leaving = 1 if step < last else num_present
            for _ in range(leaving):
                word = ids[start + step - 1] if step < last else present[num_present - 1]
                if word < 0:
                    continue
                if step < last:
                    inside[word] -= 1
                    if slot[word] < 0 or (inside[word] > 0 and not gensim_counting):
                        continue
                    # A word that leaves and enters at once has not left.
                    if ids[start + step + window - 1] == word:
                        continue
                num_present -= 1
                moved = present[num_present]
                present[slot[word]] = moved
                slot[moved] = slot[word]
                slot[word] = -1
                word_counts[word] += step - since[word]
                for other_place in range(num_present):
                    other = present[other_place]
                    low, high = min(word, other), max(word, other)
                    shared = step - max(since[word], since[other])
                    # Widened: the product does not fit 32 bits.
                    row = np.int64(low) * (2 * size - low - 1) // 2
                    pair_counts[row + high - low - 1] += shared
            if step < last:
                word = ids[start + step + window - 1]
                if word >= 0:
                    inside[word] += 1
                    if slot[word] < 0:
                        slot[word] = num_present
                        present[num_present] = word
                        num_present += 1
                        since[word] = step
        for place in range(max(start, end - window), end):
            if ids[place] >= 0:
                inside[ids[place]] = 0
        start = end
    return total
