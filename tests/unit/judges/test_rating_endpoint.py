"""The client against a real HTTP server on localhost that speaks the chat-completions protocol."""

import json
import logging
import socket
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.judges import endpoint
from topicbench.metrics.judges.check import check, make_word_sets
from topicbench.metrics.judges.prompt import SYSTEM_PROMPT
from topicbench.metrics.judges.rate import rate
from topicbench.metrics.section import Judge
from topicbench.metrics.windows import count_windows

KEY = "sk-test-9f3c1e77aa20"
TOPIC = ["god", "faith", "belief"]


class Server:
    """Answers with what ``reply(number, words)`` returns: a string, a (status, body, headers) triple, or a callable."""

    def __init__(self):
        self.reply = lambda number, words: "3"
        self.requests, self.headers, self.times = [], [], []
        self.running = self.most_at_once = 0
        self.lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with outer.lock:
                    number = len(outer.requests)
                    outer.requests.append(payload)
                    outer.headers.append(self.headers)
                    outer.times.append(time.monotonic())
                    outer.running += 1
                    outer.most_at_once = max(outer.most_at_once, outer.running)
                try:
                    self.answer(number, payload)
                finally:
                    with outer.lock:
                        outer.running -= 1

            def answer(self, number, payload):
                if self.headers["Authorization"] != f"Bearer {KEY}":
                    given = self.headers["Authorization"].removeprefix("Bearer ")
                    self.send(401, {"error": {"message": f"Incorrect API key provided: {given}"}})
                    return
                assert self.path == "/v1/chat/completions"
                reply = outer.reply(number, payload["messages"][1]["content"].split(", "))
                if callable(reply):
                    reply(self)
                elif isinstance(reply, tuple):
                    self.send(*reply)
                else:
                    message = {"role": "assistant", "content": reply}
                    choice = {"index": 0, "message": message, "finish_reason": "stop"}
                    self.send(200, {"id": "x", "object": "chat.completion", "created": 0, "choices": [choice]})

            def send(self, status, body, headers=()):
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **dict(headers)}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args):
                pass

        class Quiet(ThreadingHTTPServer):
            # Clients that give up are part of the tests.
            def handle_error(self, request, client_address):
                pass

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("JUDGE_KEY", KEY)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


def judge_at(url, **changes):
    settings = {"retries": 3, "timeout_seconds": 10, "concurrency": 4, **changes}
    return Judge(title="Tester", model="test-model", base_url=url, key_variable="JUDGE_KEY", **settings)


def ask(server, topics=(TOPIC,), **changes):
    ratings = {}
    first_delay = changes.pop("first_delay", 0.01)
    judge = judge_at(server.url, **changes)
    endpoint.ask(judge, topics, lambda words, rating, answer: ratings.update({tuple(words): rating}), first_delay)
    return ratings


def topics_of(count):
    return [[f"word{chr(97 + number % 26)}{'x' * (number // 26)}", "other"] for number in range(count)]


def everything_in(folder):
    return "".join(path.read_text() for path in sorted(folder.rglob("*")) if path.is_file())


def test_asks_as_the_paper_does(server):
    assert ask(server) == {tuple(TOPIC): 3}
    payload = server.requests[0]
    assert payload["model"] == "test-model"
    assert payload["temperature"] == 0
    assert payload["messages"] == [
        {"role": "system", "content": SYSTEM_PROMPT},
        {"role": "user", "content": "god, faith, belief"},
    ]


@pytest.mark.parametrize(
    ("answer", "rating"),
    [
        ("3", 3),
        (" 2.\n", 2),
        ("Rating: 1", 1),
        ("**2**", 2),
        ("3.0", 3),
        ("", None),
        (None, None),
        ("4", None),
        ("0", None),
        ("-1", None),
        ("2.5", None),
        ("13", None),
        ("1 or 2", None),
        ("3/3", None),
        ("1-3", None),
        ("three", None),
        ("I cannot rate these words.", None),
    ],
)
def test_only_a_single_number_is_an_answer(answer, rating):
    assert endpoint.rating_in(answer) == rating


def test_rate_limit_waits_as_long_as_the_server_says(server):
    limited = (429, {"error": {"message": "slow down"}}, {"Retry-After": "1"})
    server.reply = lambda number, words: limited if number == 0 else "2"
    assert ask(server) == {tuple(TOPIC): 2}
    assert len(server.requests) == 2
    assert server.times[1] - server.times[0] >= 1.0


def test_retry_after_may_be_milliseconds_a_date_or_nonsense():
    in_a_minute = formatdate(time.time() + 60, usegmt=True)
    assert endpoint._retry_after({"retry-after-ms": "1500"}) == 1.5
    assert 55 < endpoint._retry_after({"retry-after": in_a_minute}) <= 60
    assert endpoint._retry_after({"retry-after": formatdate(0, usegmt=True)}) == 0
    assert endpoint._retry_after({"retry-after": "soon"}) == 0
    assert endpoint._retry_after({}) == 0


def test_a_server_that_asks_for_an_hour_is_not_waited_for(server):
    server.reply = lambda number, words: (429, {"error": {"message": "no"}}, {"Retry-After": "3600"})
    with pytest.raises(TopicbenchError, match=r"(?s)3600 s.*1 attempt;.*god, faith, belief"):
        ask(server)
    assert len(server.requests) == 1


def test_spent_quota_is_not_tried_again(server):
    error = {"message": "You exceeded your current quota", "code": "insufficient_quota", "type": "insufficient_quota"}
    server.reply = lambda number, words: (429, {"error": error})
    with pytest.raises(TopicbenchError, match="exceeded your current quota"):
        ask(server)
    assert len(server.requests) == 1


def test_server_errors_are_tried_again(server):
    server.reply = lambda number, words: (500 + number, {"error": {"message": "oops"}}) if number < 3 else "1"
    assert ask(server) == {tuple(TOPIC): 1}
    assert len(server.requests) == 4


def test_delays_double(server):
    server.reply = lambda number, words: (503, {}) if number < 3 else "1"
    ask(server, first_delay=0.1)
    gaps = [later - earlier for earlier, later in zip(server.times, server.times[1:], strict=False)]
    assert all(gap >= 0.05 * 2**number for number, gap in enumerate(gaps))


def test_server_that_keeps_failing_is_an_error(server):
    server.reply = lambda number, words: (500, {"error": {"message": "oops"}})
    with pytest.raises(TopicbenchError, match=r"HTTP 500.*oops.*4 attempts.*god, faith, belief") as caught:
        ask(server)
    assert caught.value.culprit == server.url
    assert len(server.requests) == 4


def test_garbage_is_asked_again(server):
    server.reply = lambda number, words: "These words are nice" if number == 0 else "3"
    assert ask(server) == {tuple(TOPIC): 3}


def test_answer_that_stays_garbage_names_the_topic(server):
    server.reply = lambda number, words: "between 2 and 3"
    with pytest.raises(TopicbenchError, match=r"'between 2 and 3'.*4 attempts") as caught:
        ask(server)
    assert caught.value.culprit == "topic 'god, faith, belief'"
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "reply",
    [
        (200, b"<html>hello</html>", {"Content-Type": "text/html"}),
        (200, b"{not json"),
        (200, {"object": "chat.completion", "choices": []}),
        (200, {"hello": "world"}),
    ],
)
def test_reply_of_another_protocol(server, reply):
    server.reply = lambda number, words: reply
    with pytest.raises(TopicbenchError, match="chat-completions protocol"):
        ask(server, retries=1)
    assert len(server.requests) == 2


def test_time_out_is_tried_again(server):
    def slow(handler):
        time.sleep(0.8)

    server.reply = lambda number, words: slow if number == 0 else "2"
    assert ask(server, timeout_seconds=0.4) == {tuple(TOPIC): 2}


def test_dripping_answer_times_out_as_a_whole(server):
    def drip(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(20):
            handler.wfile.write(b" ")
            time.sleep(0.1)

    server.reply = lambda number, words: drip
    with pytest.raises(TopicbenchError, match=r"no answer within 0\.4 s"):
        ask(server, timeout_seconds=0.4, retries=0)


def test_dropped_connection_is_tried_again(server):
    def drop(handler):
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)

    server.reply = lambda number, words: drop if number == 0 else "1"
    assert ask(server) == {tuple(TOPIC): 1}
    assert len(server.requests) == 2


def test_refused_connection_names_the_endpoint(server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(TopicbenchError, match="refuses the connection") as caught:
        endpoint.ask(judge_at(url, retries=1), [TOPIC], lambda *answer: None, 0.01)
    assert caught.value.culprit == url


def test_wrong_key_ends_at_once_and_is_not_shown(server, monkeypatch):
    monkeypatch.setenv("JUDGE_KEY", "sk-wrong-4711")
    with pytest.raises(TopicbenchError, match="refuses the key in JUDGE_KEY") as caught:
        ask(server)
    assert len(server.requests) == 1
    assert "4711" not in str(caught.value)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_missing_key(server, monkeypatch, value):
    if value is None:
        monkeypatch.delenv("JUDGE_KEY")
    else:
        monkeypatch.setenv("JUDGE_KEY", value)
    with pytest.raises(TopicbenchError, match="JUDGE_KEY"):
        ask(server)
    assert not server.requests


def test_key_with_a_line_break_inside_is_refused_unseen(server, monkeypatch):
    monkeypatch.setenv("JUDGE_KEY", "sk-first\nsecond")
    with pytest.raises(TopicbenchError, match="JUDGE_KEY") as caught:
        ask(server)
    assert "sk-first" not in str(caught.value)


def test_unknown_model_ends_at_once(server):
    server.reply = lambda number, words: (404, {"error": {"message": "The model `test-model` does not exist"}})
    with pytest.raises(TopicbenchError, match=r"HTTP 404.*does not exist"):
        ask(server)
    assert len(server.requests) == 1


def test_credentials_in_the_url_are_refused():
    with pytest.raises(TopicbenchError, match=r"judge\.base_url") as caught:
        endpoint.identity(judge_at("https://me:secret@example.org/v1"))
    assert "secret" not in str(caught.value)


def test_default_endpoint_is_part_of_the_identity(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1/v1/")
    assert endpoint.identity(judge_at(None))["base_url"] == "http://localhost:1/v1"
    monkeypatch.delenv("OPENAI_BASE_URL")
    assert endpoint.identity(judge_at(None))["base_url"] == "https://api.openai.com/v1"


@pytest.mark.parametrize("concurrency", [1, 3])
def test_concurrency_is_bounded_and_used(server, concurrency):
    def answer(number, words):
        time.sleep(0.05)
        return "2"

    server.reply = answer
    assert len(ask(server, topics_of(12), concurrency=concurrency)) == 12
    assert server.most_at_once == concurrency


def test_each_topic_gets_its_own_rating_and_a_rerun_asks_nothing(server, tmp_path, monkeypatch):
    server.reply = lambda number, words: str(1 + len(words[0]) % 3)
    topics = topics_of(60)
    expected = [1.0 + len(words[0]) % 3 for words in topics]
    topics, expected = topics + topics[:5], expected + expected[:5]
    judge = judge_at(server.url)
    assert rate(judge, topics, tmp_path) == expected
    assert len(server.requests) == 60
    monkeypatch.delenv("JUDGE_KEY")
    assert rate(judge, topics, tmp_path) == expected
    assert len(server.requests) == 60


def test_another_model_endpoint_or_word_order_is_another_question(server, tmp_path):
    judge = judge_at(server.url)
    rate(judge, [TOPIC], tmp_path)
    rate(judge, [TOPIC[::-1]], tmp_path)
    rate(judge.model_copy(update={"model": "other"}), [TOPIC], tmp_path)
    rate(judge.model_copy(update={"base_url": server.url.replace("127.0.0.1", "localhost")}), [TOPIC], tmp_path)
    assert len(server.requests) == 4
    rate(judge.model_copy(update={"title": "New name", "concurrency": 1}), [TOPIC], tmp_path)
    assert len(server.requests) == 4


def test_failure_half_way_keeps_the_answers_that_came(server, tmp_path):
    topics = topics_of(20)
    server.reply = lambda number, words: "nonsense" if words == topics[10] else "2"
    judge = judge_at(server.url, concurrency=1, retries=0)
    with pytest.raises(TopicbenchError, match=topics[10][0]):
        rate(judge, topics, tmp_path)
    assert len(server.requests) == 11
    server.reply = lambda number, words: "3"
    assert rate(judge, topics, tmp_path) == [2.0] * 10 + [3.0] * 10
    assert len(server.requests) == 21


def test_key_is_nowhere(server, tmp_path, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    replies = [
        (500, {"error": {"message": f"crashed on {KEY}"}}),
        f"you sent {KEY}",
        (429, {"error": {"message": f"slow down, {KEY}"}}),
        f"Rating: 3 ({'x'.join(KEY.split('x'))})",
    ]
    messages = []
    for reply in [*replies, (400, {"error": {"message": f"bad {KEY}"}}), (403, {"error": {"message": KEY}})]:
        server.reply = lambda number, words, reply=reply: reply
        with pytest.raises(TopicbenchError) as caught:
            rate(judge_at(server.url, retries=0), [TOPIC], tmp_path)
        messages.append(str(caught.value))
    server.reply = lambda number, words: "Rating: 3"
    rate(judge_at(server.url), topics_of(3), tmp_path)
    output = capfd.readouterr()
    seen = [*messages, caplog.text, output.out, output.err, everything_in(tmp_path)]
    assert len(caplog.records) > 10
    assert not [text for text in seen if KEY in text]


def test_key_of_letters_is_struck_out_of_a_stored_answer(server, tmp_path, monkeypatch):
    monkeypatch.setattr("test_rating_endpoint.KEY", "sk-secret-letters")
    monkeypatch.setenv("JUDGE_KEY", "sk-secret-letters")
    server.reply = lambda number, words: "3 (sk-secret-letters)"
    assert rate(judge_at(server.url), [TOPIC], tmp_path) == [3.0]
    assert '"answer": "3 ([key])"' in everything_in(tmp_path)


def test_topic_without_words(server, tmp_path):
    with pytest.raises(TopicbenchError, match="topic 1"):
        rate(judge_at(server.url), [TOPIC, []], tmp_path)
    assert not server.requests


THEMES = [[a + b for b in ("ball", "bat", "cap", "dog", "ear", "fan", "gum", "hat")] for a in ("red", "sun", "sea")]


@pytest.fixture(scope="module")
def counts():
    documents = [[*theme, *theme[::-1]] for theme in THEMES for _ in range(3)]
    # What keeps the themes in the more frequent half.
    documents += [[word] for theme in THEMES for word in theme] + [[f"rare{number}"] for number in range(24)]
    words = sorted({word for document in documents for word in document})
    return count_windows(documents, words, windows=[20])[20]


def test_judge_that_sees_themes_is_informative(server, tmp_path, counts):
    def of_one_theme(words):
        return len({word[:3] for word in words}) == 1

    server.reply = lambda number, words: "3" if of_one_theme(words) else "1"
    judge = judge_at(server.url)
    result = check(judge, counts, tmp_path, pairs=12, top_words=4, seed=7)
    # With three themes a shuffled set can be of one theme by chance; it then ties with every coherent set.
    chance = sum(map(of_one_theme, make_word_sets(counts, 12, 4, 7).shuffled)) / 12
    assert result == {
        "judge": "Tester",
        "auc": pytest.approx(1 - chance / 2),
        "n": 12,
        "seed": 7,
        "informative": True,
        "mean_coherent": 3.0,
        "mean_shuffled": pytest.approx(1 + 2 * chance),
    }
    asked = len(server.requests)
    assert check(judge, counts, tmp_path, pairs=12, top_words=4, seed=7) == result
    assert len(server.requests) == asked


def test_judge_that_says_one_number_is_not_informative(server, tmp_path, counts):
    server.reply = lambda number, words: "2"
    result = check(judge_at(server.url), counts, tmp_path, pairs=12, top_words=3)
    assert (result["auc"], result["informative"]) == (0.5, False)
