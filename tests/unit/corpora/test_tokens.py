"""The word filter beyond the paper's English: capitalised nouns, scripts without case, other stop words."""

import pytest
from pydantic import ValidationError

from topicbench.core.errors import TopicbenchError
from topicbench.corpora.section import Corpus
from topicbench.corpora.tokens import Tokens, is_word, read_stop_words
from topicbench.corpora.vocabulary import all_words, tokenise

GERMAN = "Der Hund bellt im Garten. Äpfel schmecken uns im Herbst, z. B. 3 Boskoop!"


def words(text, language="de", stop_words=None, **settings):
    return next(iter(tokenise([text], language, Tokens(**settings), stop_words)))


def test_the_papers_filter_loses_german_nouns_and_lower_keeps_them():
    assert words(GERMAN) == ["bellt", "schmecken"]
    assert words(GERMAN, case="lower") == ["hund", "bellt", "garten", "schmecken", "herbst", "boskoop"]


def test_the_first_word_of_a_sentence_is_kept_if_asked_for():
    assert words("Äpfel schmecken. Birnen auch.", case="lower", sentence_initial="keep") == [
        "äpfel",
        "schmecken",
        "birnen",
    ]
    # Kept, and yet not written in lower case.
    assert words("Äpfel schmecken. Birnen auch.", sentence_initial="keep") == ["schmecken"]


def test_stop_words_do_not_depend_on_their_case():
    kept = {"case": "lower", "sentence_initial": "keep"}
    assert words("Der Hund und DER Garten", **kept) == ["hund", "garten"]
    assert words("Der Hund und DER Garten", stop_words={"hund", "und"}, **kept) == ["der", "der", "garten"]


@pytest.mark.parametrize(("length", "expected"), [(1, ["ei", "tee"]), (3, ["tee"]), (4, [])])
def test_the_least_length(length, expected):
    assert words("kein Ei zum Tee", case="lower", min_length=length, stop_words={"kein", "zum"}) == expected


def test_scripts_without_case():
    kept = {"case": "lower", "sentence_initial": "keep", "min_length": 1}
    # Chinese by spaCy's own segmentation into characters; Hindi by spaces, with its vowel signs.
    assert words("北京 的 天气", "zh", **kept) == ["北", "京", "天", "气"]
    assert words("मौसम अच्छा, दिल्ली 2020", "hi", **kept) == ["मौसम", "अच्छा", "दिल्ली"]
    assert words("मौसम अच्छा, दिल्ली 2020", "hi", sentence_initial="keep") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("straße", True), ("दिल्ली", True), ("b2b", False), ("", False), ("\u0301", False), ("-", False)],
)
def test_what_a_word_is(text, expected):
    assert is_word(text) is expected


def test_a_reference_corpus_keeps_every_word():
    assert list(all_words(["Der Hund (3 Jahre) bellt.", "Und"], "de")) == [["der", "hund", "jahre", "bellt"], ["und"]]
    assert list(all_words(["天气。2020"], "zh")) == [["天", "气"]]


def test_stop_words_from_a_file(tmp_path):
    path = tmp_path / "stop.txt"
    path.write_text("\ufeffUnd\n\n  der \n", encoding="utf-8")
    assert read_stop_words(path) == {"und", "der"}
    for content, message in (
        (b"und\nzum Beispiel\n", "line 2: holds several words"),
        (b"\n\n", "holds no stop words"),
        ("für".encode("latin-1"), "not UTF-8"),
    ):
        path.write_bytes(content)
        with pytest.raises(TopicbenchError, match=message):
            read_stop_words(path)
    with pytest.raises(TopicbenchError, match="not found"):
        read_stop_words(tmp_path / "none.txt")


def test_the_default_leaves_a_corpus_as_it_was_handed_to_jobs():
    # What jobs are handed decides whether their results are still valid.
    assert "tokens" not in Corpus(title="a", path="a.csv").model_dump(mode="json")
    changed = Corpus(title="a", path="a.csv", tokens={"case": "lower"})
    assert Corpus(**changed.model_dump(mode="json")) == changed


@pytest.mark.parametrize("settings", [{"case": "upper"}, {"min_length": 0}, {"min_length": "3"}, {"stopwords": "a"}])
def test_the_settings_are_closed(settings):
    with pytest.raises(ValidationError):
        Tokens(**settings)
