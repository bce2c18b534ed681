import json
from multiprocessing import get_context

import pytest

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.judges import answers as store
from topicbench.metrics.judges.prompt import SYSTEM_PROMPT, user_message

JUDGE = {"model": "m", "base_url": "http://localhost/v1"}
WORDS = ["one", "two", "drei"]


def test_prompt_is_table_6():
    first, second = SYSTEM_PROMPT.split("\n\n")
    assert first.startswith("You are a helpful assistant evaluating the top words of a topic model output")
    assert first.endswith("1 to 3 (“1” = not very related, “2” = moderately related, “3” = very related).")
    assert second == "Reply with a single number, indicating the overall appropriateness of the topic."
    assert user_message(WORDS) == "one, two, drei"


def test_what_is_put_is_got(tmp_path):
    assert store.get(tmp_path, JUDGE, WORDS) is None
    assert store.put(tmp_path, JUDGE, WORDS, 2.25, [0.1, 0.55, 0.35]) == 2.25
    assert store.get(tmp_path, JUDGE, WORDS) == 2.25
    (path,) = tmp_path.rglob("*.json")
    assert path == store.entry_path(tmp_path, JUDGE, WORDS)
    assert path.parent.name == path.stem[:2]
    assert json.loads(path.read_text())["words"] == WORDS


def test_the_same_question_whatever_the_order_of_the_judges_keys():
    turned = dict(reversed(JUDGE.items()))
    assert store.entry_path("x", turned, tuple(WORDS)) == store.entry_path("x", JUDGE, WORDS)


@pytest.mark.parametrize(
    ("judge", "words"),
    [
        ({**JUDGE, "model": "n"}, WORDS),
        ({**JUDGE, "base_url": "http://elsewhere/v1"}, WORDS),
        (JUDGE, WORDS[::-1]),
        (JUDGE, WORDS[:2]),
        (JUDGE, ["one", "two, drei"]),
        (JUDGE, ["One", "two", "drei"]),
    ],
)
def test_another_question_has_another_answer(tmp_path, judge, words):
    store.put(tmp_path, JUDGE, WORDS, 3, "3")
    assert store.get(tmp_path, judge, words) is None


def test_another_system_prompt_is_another_question(tmp_path, monkeypatch):
    store.put(tmp_path, JUDGE, WORDS, 3, "3")
    monkeypatch.setattr(store, "SYSTEM_PROMPT", "Rate.")
    assert store.get(tmp_path, JUDGE, WORDS) is None


def test_first_answer_stays(tmp_path):
    store.put(tmp_path, JUDGE, WORDS, 3, "3")
    assert store.put(tmp_path, JUDGE, WORDS, 1, "1") == 3
    assert store.get(tmp_path, JUDGE, WORDS) == 3


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:-20],
        lambda text: "[]",
        lambda text: text.replace('"rating": 3', '"rating": 4'),
        lambda text: text.replace('"rating": 3', '"rating": "3"'),
        lambda text: text.replace('"rating": 3', '"rating": NaN'),
        lambda text: text.replace('"rating": 3', '"rating": true'),
        lambda text: text.replace('"rating": 3', '"other": 3'),
        lambda text: text.replace("drei", "three"),
        lambda text: text.replace("localhost", "elsewhere"),
    ],
)
def test_damaged_entry_is_named(tmp_path, damage):
    store.put(tmp_path, JUDGE, WORDS, 3, "3")
    path = store.entry_path(tmp_path, JUDGE, WORDS)
    text = path.read_text()
    path.write_text(damage(text))
    assert path.read_text() != text
    with pytest.raises(TopicbenchError) as caught:
        store.get(tmp_path, JUDGE, WORDS)
    assert caught.value.culprit == str(path)


def _put_many(folder):
    for number in range(60):
        store.put(folder, JUDGE, [f"word{number}"], 1 + number % 3, "x")


def test_processes_that_store_the_same_at_once(tmp_path):
    processes = [get_context("fork").Process(target=_put_many, args=(tmp_path,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert [store.get(tmp_path, JUDGE, [f"word{number}"]) for number in range(60)] == [1 + n % 3 for n in range(60)]
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 60
