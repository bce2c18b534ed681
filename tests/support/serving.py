"""A web server of this process that misbehaves as told, and transfers that do not wait."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from topicbench.sources.downloads import Transfer


@dataclass
class Page:
    """What an address answers.

    Attributes:
        body: the file.
        etag: its validator; None: none is sent.
        ranges: whether parts of it are sent on request.
        deaths: how many answers break off, one after the other.
        dies_after: bytes of an answer before it breaks off.
        hangs: seconds without a byte before it does.
        status: another answer than the file.
        headers: further headers.
        token: refuse whoever does not send it, as the Hub refuses.
    """

    body: bytes = b""
    etag: str | None = '"v1"'
    ranges: bool = True
    deaths: int = 0
    dies_after: int = 0
    hangs: float = 0.0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    token: str | None = None


@dataclass
class Site:
    """A running server: its address, pages by path, and the requests it got."""

    address: str
    pages: dict[str, Page]
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def ranges(self) -> list[str | None]:
        """The Range header of each request."""
        return [headers.get("Range") for _, headers in self.requests]

    def add_repository(self, name: str, revision: str, files: dict[str, bytes], kind: str = "model", **page) -> None:
        """Serve files as the Hub serves a repository: every ``.safetensors`` by its SHA-256, others as git blobs."""
        listing = []
        for path, body in files.items():
            entry = {"type": "file", "path": path, "size": len(body), "oid": hashlib.sha1(blob(body)).hexdigest()}
            if path.endswith(".safetensors"):
                entry["lfs"] = {"oid": hashlib.sha256(body).hexdigest(), "size": len(body), "pointerSize": 134}
            listing.append(entry)
            prefix = "datasets/" if kind == "dataset" else ""
            self.pages[f"/{prefix}{name}/resolve/{revision}/{path}"] = Page(body, **page)
        tree = f"/api/{kind}s/{name}/tree/{revision}"
        # In two pages, as the Hub lists large repositories.
        following = f'<{self.address}{tree}?cursor=2>; rel="next"'
        self.pages[tree] = Page(
            json.dumps([{"type": "directory", "path": "x", "oid": "0"}, *listing[:1]]).encode(),
            headers={"Link": following},
        )
        self.pages[f"{tree}?cursor=2"] = Page(json.dumps(listing[1:]).encode())


def blob(body: bytes) -> bytes:
    return b"blob %d\0%s" % (len(body), body)


def quick(attempts: int = 3, patience: float = 5, **changes) -> Transfer:
    """A transfer that does not wait between tries, and ``patience`` seconds for the next bytes."""
    return Transfer(attempts=attempts, timeout=(5, patience), progress=False, sleep=lambda seconds: None, **changes)


@contextmanager
def serving() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_GET(self) -> None:
            site.requests.append((self.path, dict(self.headers)))
            page = site.pages.get(self.path) or site.pages.get(self.path.split("?")[0]) or Page(status=404)
            if page.token and self.headers.get("Authorization") != f"Bearer {page.token}":
                page = Page(status=401, headers={"X-Error-Code": "GatedRepo"})
            if page.status != 200:
                self.send_response(page.status)
                for name, value in page.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                return
            start, whole = 0, page.body
            asked = self.headers.get("Range")
            same = self.headers.get("If-Range") in (None, page.etag)
            if asked and page.ranges and same:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
                if start >= len(whole):
                    self.send_response(416)
                    self.send_header("Content-Range", f"bytes */{len(whole)}")
                    self.end_headers()
                    return
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
            else:
                self.send_response(200)
            body = whole[start:]
            if page.etag:
                self.send_header("ETag", page.etag)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "HEAD":
                return
            if page.deaths:
                page.deaths -= 1
                self.wfile.write(body[: page.dies_after])
                self.wfile.flush()
                time.sleep(page.hangs)
            else:
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *arguments) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(f"http://127.0.0.1:{server.server_port}", {})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
