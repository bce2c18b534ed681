"""Keys given to the workflow end up nowhere but in the requests, whatever servers do with them."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from tests.support import small
from tests.support.running import snakemake

KEY, TOKEN = "sk-faultsjudgekeyabcdef", "hf_faultshubtokenabcdef"
SOURCE = "results/sources/model"


@pytest.fixture
def echo():
    """A judge and a Hub in one that send every Authorization header back, in the body and in the reason phrase."""
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def reply(self):
            sent = self.headers["Authorization"] or ""
            heard.append(sent)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if server.fails or self.command == "GET":
                body, status = {"error": {"message": f"you sent {sent}", "detail": [sent]}}, 400
            else:
                message = {"role": "assistant", "content": f"3, says {sent}"}
                choice = {"index": 0, "message": message, "finish_reason": "stop"}
                body, status = {"id": sent, "object": "chat.completion", "created": 0, "choices": [choice]}, 200
            data = json.dumps(body).encode()
            self.send_response(status, f"Refused {sent}" if status != 200 else "OK")
            self.send_header("X-Seen", sent)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = reply

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.address, server.heard, server.fails = f"http://127.0.0.1:{server.server_port}", heard, True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def places_of(secret, folder, printed):
    """Files below ``folder`` that hold the secret, and the terminal if it does."""
    files = [path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    return files + (["terminal"] if secret in printed else [])


def test_keys_are_written_nowhere(echo, undisturbed, configured, tmp_path):
    folder = tmp_path / "run"
    small.copy(undisturbed[0], folder)
    values = yaml.safe_load(configured.read_text(encoding="utf-8"))
    values["judge"] = {
        "title": "Echo",
        "model": "echo",
        "base_url": f"{echo.address}/v1",
        "key_variable": "JUDGE_KEY",
        "retries": 0,
    }
    values["sources"] = {"model": {"licence": "none", "hub": "a/b", "revision": "0" * 40}}
    configfile = small.write(tmp_path / "judged.yaml", values)
    secrets = {"JUDGE_KEY": KEY, "HF_TOKEN": TOKEN, "HF_ENDPOINT": echo.address}
    # Both fail, and all that there is to say is said.
    options = ["--verbose", "--keep-going"]
    failed = snakemake(
        folder,
        "results/ratings/main.parquet",
        SOURCE,
        configfile=configfile,
        options=options,
        environment=secrets,
    )
    assert failed.returncode != 0
    assert {f"Bearer {KEY}", f"Bearer {TOKEN}"} <= set(echo.heard)
    assert "refuses the request for echo (HTTP 400)" in failed.stdout
    assert "sources.model: " in failed.stdout
    assert "Traceback" in failed.stdout
    echo.fails = False
    rated = snakemake(folder, "results/ratings/main.parquet", configfile=configfile, environment=secrets)
    assert rated.returncode == 0, rated.stdout[-3000:]
    assert "says Bearer [key]" in "".join(path.read_text() for path in folder.rglob("answers/*/*.json"))
    for secret in (KEY, TOKEN):
        assert places_of(secret, folder, failed.stdout + rated.stdout) == []
