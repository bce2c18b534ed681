"""Which words of a text count, in whatever language spaCy has a tokeniser for."""

from __future__ import annotations

import unicodedata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from topicbench.core.errors import TopicbenchError
from topicbench.core.sections import Closed, NonEmpty

SPACY = "spacy"


class Tokens(Closed):
    """Which words may enter the vocabulary; the defaults are the paper's, made for English."""

    case: Literal["as_written", "lower"] = Field(
        "as_written",
        description="as_written: only words written in lower case, which drops names. lower: every word, put in "
        "lower case; for languages that capitalise nouns, and for scripts without case.",
    )
    min_length: int = Field(3, ge=1, strict=True, description="Fewest characters of a word; 1 or 2 for Chinese.")
    sentence_initial: Literal["drop", "keep"] = Field(
        "drop", description="What becomes of the first word of a sentence, whose capital may be the sentence's."
    )
    stop_words: NonEmpty = Field(
        SPACY, description="Words left out: spaCy's of the language, or a text file with one word per line."
    )


def read_stop_words(path: str | Path) -> frozenset[str]:
    """The lower-cased words of a UTF-8 file, one per line; empty lines do not count.

    Raises:
        TopicbenchError: file missing, not UTF-8, without a word, or a line of several words.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (FileNotFoundError, IsADirectoryError):
        raise TopicbenchError(path, "file of stop words not found", "check tokens.stop_words") from None
    except UnicodeDecodeError as error:
        raise TopicbenchError(path, f"not UTF-8 text: {error}", "convert it to UTF-8") from None
    for number, line in enumerate(lines, start=1):
        if len(line.split()) > 1:
            raise TopicbenchError(f"{path}, line {number}", f"holds several words: {line!r}", "one word per line")
    words = frozenset(line.strip().lower() for line in lines if line.strip())
    if not words:
        raise TopicbenchError(path, "holds no stop words", "one word per line")
    return words


def tokeniser(language: str, sentences: bool = True) -> Any:
    """spaCy's rule-based pipeline of a language: its tokeniser, and the rule-based ``sentencizer`` if asked for.

    Raises:
        TopicbenchError: spaCy does not know the language, or its tokeniser needs a package that is not installed.
    """
    import spacy

    try:
        nlp = spacy.blank(language)
    except ImportError as error:
        raise TopicbenchError(
            "language", f"spaCy has no tokeniser for '{language}': {error}", "use a spaCy code such as en, de or fr"
        ) from None
    if sentences:
        nlp.add_pipe("sentencizer")
    # The limit guards parsers and taggers, of which there are none here.
    nlp.max_length = 2**31
    return nlp


def require_language(language: str, culprit: str = "language") -> None:
    """Raise a `TopicbenchError` for a language spaCy does not have; silent where spaCy is not installed."""
    spec = find_spec("spacy")
    if spec is None or not spec.submodule_search_locations:
        return
    known = sorted(path.parent.name for path in Path(spec.submodule_search_locations[0]).glob("lang/*/__init__.py"))
    if language not in known:
        raise TopicbenchError(culprit, f"spaCy has no tokeniser for '{language}'", f"there are: {', '.join(known)}")


def is_word(text: str) -> bool:
    """Whether a text is letters, with the marks that scripts such as Devanagari write vowels as, and nothing else."""
    return text.isalpha() or (
        text[:1].isalpha() and all(unicodedata.category(character)[0] in "LM" for character in text)
    )
