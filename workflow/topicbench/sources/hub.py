"""Repositories of the Hugging Face Hub at a pinned commit, fetched file by file through `topicbench.sources.http`.

The Hub lists the files of a commit with their sizes and hashes (SHA-256 of large files, git's hash of small ones), so
that every file is checked against the commit that the configuration pins.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json, write_json
from topicbench.sources.http import Expected, Transfer, download, get_json
from topicbench.sources.section import RemoteCode, Source

HUB = "https://huggingface.co"


def endpoint() -> str:
    """Address of the Hub: ``HF_ENDPOINT`` as for the Hub's own client, else its public one."""
    return os.environ.get("HF_ENDPOINT", HUB).rstrip("/")


def fetch_hub(source: Source, folder: Path, culprit: str, how: Transfer, address: str | None = None) -> list[str]:
    """Fetch the wanted files of a Hub repository into ``folder``; their paths, sorted.

    Args:
        source: an entry with ``hub``.
        folder: what is there and right is kept.
        culprit: the entry, for messages.
        how: see `Transfer`.
        address: a mirror that has the Hub's interface; it is not given the token.

    Raises:
        TopicbenchError: gated or private without a token that is let in, no such repository, revision or file, and
            what `download` raises.
    """
    paths = _fetch_repository(source.hub, source.kind, source.revision, source.wants, folder, culprit, how, address)
    if not paths:
        raise TopicbenchError(
            culprit, f"{source.hub} has no file that matches include ({', '.join(source.include)})", "correct include"
        )
    if source.code:
        code = source.code
        found = _fetch_repository(
            code.hub, "model", code.revision, code.files.__contains__, folder, f"{culprit}.code", how, address
        )
        if missing := sorted(set(code.files) - set(found)):
            raise TopicbenchError(f"{culprit}.code", f"{code.hub} has no {missing[0]}", "correct files")
        use_own_code(folder, code, culprit)
        paths = sorted({*paths, *found})
    return paths


def use_own_code(folder: Path, code: RemoteCode, culprit: str) -> None:
    """Make ``config.json`` name the code beside it, where it names the code's repository.

    transformers would otherwise fetch the newest code of that repository whenever the model is loaded.
    """
    path = folder / "config.json"
    config = read_json(path)
    own = {key: str(value).removeprefix(f"{code.hub}--") for key, value in config.get("auto_map", {}).items()}
    foreign = sorted(value for value in own.values() if "--" in value)
    if not own or foreign:
        raise TopicbenchError(
            f"{culprit}.code",
            f"config.json refers to {foreign[0]}" if foreign else "config.json refers to no code",
            f"name the repository it refers to instead of {code.hub}, or leave code out",
        )
    write_json(path, {**config, "auto_map": own})


def _fetch_repository(
    repository: str,
    kind: str,
    revision: str,
    wanted: Any,
    folder: Path,
    culprit: str,
    how: Transfer,
    address: str | None,
) -> list[str]:
    base = (address or endpoint()).rstrip("/")
    token = None if address else _token()
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    def explain(response: requests.Response) -> TopicbenchError | None:
        return _explained(response, repository, kind, revision, culprit, bool(token))

    how = replace(how, headers={**how.headers, **headers}, explain=explain)
    page: str | None = f"{base}/api/{kind}s/{repository}/tree/{revision}?recursive=true"
    files: list[dict[str, Any]] = []
    while page:
        listed, page = get_json(page, culprit, how)
        files += [entry for entry in listed if entry["type"] == "file" and wanted(entry["path"])]
    prefix = "datasets/" if kind == "dataset" else ""
    for entry in files:
        target = folder / entry["path"]
        if not target.resolve().is_relative_to(folder.resolve()):
            raise TopicbenchError(culprit, f"{repository} lists a file outside itself: {entry['path']}", "")
        large = entry.get("lfs")
        expected = Expected(
            bytes=entry["size"],
            sha256=large["oid"] if large else None,
            git_sha1=None if large else entry["oid"],
        )
        url = f"{base}/{prefix}{repository}/resolve/{revision}/{quote(entry['path'])}"
        download(url, target, culprit, expected, how)
    return sorted(entry["path"] for entry in files)


def _token() -> str | None:
    from huggingface_hub import get_token

    return get_token()


def _explained(
    response: requests.Response, repository: str, kind: str, revision: str, culprit: str, has_token: bool
) -> TopicbenchError | None:
    """The Hub's own reason for a refusal, and what to do about it."""
    page = f"{HUB}/{'datasets/' if kind == 'dataset' else ''}{repository}"
    code = response.headers.get("X-Error-Code", "")
    token = "set HF_TOKEN to a token of that account (https://huggingface.co/settings/tokens) or run `hf auth login`"
    mirror = f"or name a folder that has it in {culprit.removesuffix('.code')}.mirror"
    if code == "GatedRepo":
        problem = (
            "is gated, and the account of HF_TOKEN has not been let in"
            if has_token
            else "is gated, and there is no HF_TOKEN"
        )
        return TopicbenchError(culprit, f"{repository} {problem}", f"accept its licence on {page}, {token}; {mirror}")
    if code == "RevisionNotFound":
        return TopicbenchError(
            culprit, f"{repository} has no revision {revision}", f"take a commit's full hash from {page}/commits/main"
        )
    if code == "EntryNotFound":
        return TopicbenchError(culprit, f"{repository} has no file {response.url}", "correct include")
    if code == "RepoNotFound" or response.status_code == 401:
        problem = "does not exist, or is private" if not has_token else "does not exist, or HF_TOKEN may not see it"
        return TopicbenchError(culprit, f"{repository} {problem}", f"check {page}; for a private one {token}; {mirror}")
    return None
