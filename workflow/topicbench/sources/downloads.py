"""Resumable, verified downloads.

What has arrived of a file lies beside it as ``NAME.partial``, with ``NAME.partial.json`` to say of which file: address
and the server's validator (ETag or Last-Modified). A later try asks for the rest with ``Range`` and ``If-Range``, so
that a file that changed in between is fetched from its beginning. The file gets its name when size and checksum agree.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import urllib3
from tqdm import tqdm

from topicbench.core.errors import FULL, TopicbenchError, brief
from topicbench.core.files import read_json, write_json

BLOCK = 1 << 20
RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
LONGEST_WAIT = 60.0


@dataclass(frozen=True)
class Expected:
    """What is known of a file before it is fetched; None: unknown.

    Attributes:
        bytes: its size.
        sha256, md5: hex checksums.
        git_sha1: hash of the file as a git blob, as the Hub gives it for small files.
    """

    bytes: int | None = None
    sha256: str | None = None
    md5: str | None = None
    git_sha1: str | None = None

    @property
    def has_checksum(self) -> bool:
        return any((self.sha256, self.md5, self.git_sha1))

    def problem(self, path: Path) -> str | None:
        """What is wrong with a whole file; None: nothing."""
        size = path.stat().st_size
        if self.bytes is not None and size != self.bytes:
            return f"has {size:,} bytes, expected {self.bytes:,}"
        for name, expected in (("sha256", self.sha256), ("md5", self.md5), ("git_sha1", self.git_sha1)):
            if expected is not None and (found := _hash(path, name, size)) != expected:
                return f"wrong checksum: {name} is {found}, expected {expected}"
        return None


@dataclass(frozen=True)
class Transfer:
    """How files are fetched.

    Attributes:
        attempts: tries in a row that bring nothing new, before giving up.
        backoff: seconds before the second try; doubled for each further one.
        timeout: seconds to connect, and to wait for the next bytes.
        headers: sent with every request; ``Authorization`` is dropped when a server redirects to another host.
        progress: show a progress bar on standard error.
        sleep: waits; tests replace it.
    """

    attempts: int = 5
    backoff: float = 1.0
    timeout: tuple[float, float] = (15.0, 60.0)
    headers: Mapping[str, str] = field(default_factory=dict)
    progress: bool = True
    sleep: Callable[[float], None] = time.sleep


DEFAULT = Transfer()
UNKNOWN = Expected()


class _TemporaryFailure(Exception):
    """Another try may succeed; ``wait``: seconds the server asks for."""

    def __init__(self, problem: str, wait: float = 0.0) -> None:
        super().__init__(problem)
        self.wait = wait


def download(url: str, path: Path, culprit: str, expected: Expected = UNKNOWN, how: Transfer = DEFAULT) -> None:
    """Fetch ``url`` into ``path``; a file that is there and as expected is kept.

    Raises:
        TopicbenchError: named by ``culprit``: not found, refused, out of reach, cut short, the wrong file, or no room.
            What has arrived stays beside ``path`` for the next try, except where it is wrong.
    """
    if path.is_file() and expected.has_checksum and expected.problem(path) is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    # A wrong file may be joined from two versions: only a download in one piece proves the source wrong.
    for _ in range(2):
        _fetch(url, partial, culprit, expected, how)
        problem = expected.problem(partial)
        if problem is None:
            partial.replace(path)
        _forget(partial)
        if problem is None:
            return
    raise TopicbenchError(
        culprit,
        f"{url}: {problem}",
        "the file there is damaged or was replaced; fetch it again later, name another mirror, or correct the "
        "entry in sources if the change is meant",
    )


@contextmanager
def room(folder: Path, culprit: str) -> Iterator[None]:
    """A full disk, or a used-up quota, while writing to ``folder`` as a `TopicbenchError`."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise TopicbenchError(
            culprit, f"no room left in {folder}", "free some and run again, which goes on where it stopped"
        ) from None


def _fetch(url: str, partial: Path, culprit: str, expected: Expected, how: Transfer) -> None:
    """Request the rest of ``partial`` until it is whole, giving up after ``how.attempts`` tries without progress."""
    failures, reached = 0, _size(partial)
    while True:
        try:
            return _request_rest(url, partial, culprit, expected, how)
        except _TemporaryFailure as failure:
            if _size(partial) > reached:
                failures, reached = 0, _size(partial)
            failures += 1
            if failures >= how.attempts:
                raise TopicbenchError(
                    culprit,
                    f"{url}: {failure} ({failures} tries)",
                    "check the connection and run again, which goes on where it stopped; without a network, fetch it "
                    f"elsewhere and name its place in {culprit.split(':')[0]}.mirror",
                ) from None
            how.sleep(max(failure.wait, min(how.backoff * 2 ** (failures - 1), LONGEST_WAIT)))


def _request_rest(url: str, partial: Path, culprit: str, expected: Expected, how: Transfer) -> None:
    """One request for what is missing, appended to ``partial``."""
    known = _known(partial, url)
    start = _size(partial)
    validator = known.get("etag") or known.get("last_modified")
    if start and not (known and (validator or expected.has_checksum)):
        _forget(partial)
        start = 0
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if validator:
            headers["If-Range"] = validator
    with _response(url, headers, culprit, how) as response:
        sent_from, total = _extent(response)
        if response.status_code == 416:
            if start and start == total:
                return
            _forget(partial)
            raise _TemporaryFailure("the server has no such part of it")
        if response.status_code == 206 and sent_from != start:
            _forget(partial)
            raise _TemporaryFailure("the server sent another part than the one asked for")
        if response.status_code == 200:
            start = 0
        _require_room(partial, (total or expected.bytes or start) - start, culprit)
        etag = response.headers.get("ETag", "")
        # A weak validator may stay the same while bytes change, and is not allowed in If-Range.
        strong = etag if etag and not etag.startswith("W/") else None
        description = {"url": url, "etag": strong, "last_modified": response.headers.get("Last-Modified")}
        write_json(_description(partial), description)
        _append(response, partial, start, total, culprit, how)
    if total is not None and _size(partial) != total:
        raise _TemporaryFailure(f"the body ended after {_size(partial):,} of {total:,} bytes")


def _append(
    response: requests.Response, partial: Path, start: int, total: int | None, culprit: str, how: Transfer
) -> None:
    name = partial.name.removesuffix(".partial")
    bar = tqdm(total=total, initial=start, unit="B", unit_scale=True, desc=name, disable=not how.progress)
    try:
        with room(partial.parent, culprit), bar, open(partial, "r+b" if start else "wb") as file:
            file.seek(start)
            # What has arrived is written at once: a whole block would be lost with a connection that hangs.
            while block := response.raw.read1(BLOCK, decode_content=False):
                file.write(block)
                bar.update(len(block))
    except (urllib3.exceptions.HTTPError, requests.RequestException, ConnectionError, TimeoutError) as error:
        so_far = f"{_size(partial):,} of {total:,}" if total is not None else f"{_size(partial):,}"
        raise _TemporaryFailure(f"the body ended after {so_far} bytes ({brief(error)})") from None


def _response(url: str, headers: Mapping[str, str], culprit: str, how: Transfer) -> requests.Response:
    """An answer with the file or a part of it, or one that there is no such part (status 416)."""
    try:
        response = requests.get(url, headers={**how.headers, **headers}, stream=True, timeout=how.timeout)
    except requests.exceptions.InvalidURL as error:
        raise TopicbenchError(culprit, f"{url}: not an address: {error}", "correct it") from None
    except requests.RequestException as error:
        raise _TemporaryFailure(f"cannot be reached: {brief(error)}") from None
    if response.status_code in (200, 206, 416):
        return response
    with response:
        if response.status_code in RETRIED:
            after = response.headers.get("Retry-After", "")
            wait = min(float(after), LONGEST_WAIT) if after.isdigit() else 0.0
            raise _TemporaryFailure(f"the server answers {response.status_code} {response.reason}", wait)
        problem = "not found" if response.status_code in (404, 410) else "refused"
        raise TopicbenchError(
            culprit,
            f"{url}: {problem} ({response.status_code} {response.reason})",
            f"it may have moved: correct its address in sources, or name its place in {culprit.split(':')[0]}.mirror",
        )


def _extent(response: requests.Response) -> tuple[int | None, int | None]:
    """First byte that is sent, and size of the whole file, by an answer's headers; None where they do not say."""
    if response.status_code == 200:
        length = response.headers.get("Content-Length", "")
        return 0, int(length) if length.isdigit() else None
    match = re.match(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", response.headers.get("Content-Range", ""))
    start, total = match.groups() if match else (None, None)
    return int(start) if start else None, int(total) if total and total != "*" else None


def _require_room(partial: Path, needed: int, culprit: str) -> None:
    free = shutil.disk_usage(partial.parent).free
    if needed > free:
        raise TopicbenchError(
            culprit, f"needs {needed:,} more bytes in {partial.parent}, {free:,} are free", "free some and run again"
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _description(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.json")


def _known(partial: Path, url: str) -> dict[str, Any]:
    if not (partial.is_file() and _description(partial).is_file()):
        return {}
    known = read_json(_description(partial))
    return known if known.get("url") == url else {}


def _forget(partial: Path) -> None:
    partial.unlink(missing_ok=True)
    _description(partial).unlink(missing_ok=True)


def _hash(path: Path, name: str, size: int) -> str:
    digest = hashlib.new("sha1" if name == "git_sha1" else name, usedforsecurity=False)
    if name == "git_sha1":
        digest.update(b"blob %d\0" % size)
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
