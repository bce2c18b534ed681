"""Repositories of the Hugging Face Hub at a pinned commit.

The Hub's own client lists the files of the commit, finds the token and gives the reason of a refusal. Its
`snapshot_download` (huggingface_hub 2.4) begins a file anew that a killed job had fetched in part and compares sizes
only, so that the files themselves come through `topicbench.sources.downloads` and are checked against the hashes of
the commit: SHA-256 of large files, git's hash of small ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from huggingface_hub import HfApi, errors, get_hf_file_metadata, hf_hub_url, snapshot_download
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils import build_hf_headers

from topicbench.core.errors import FULL, TopicbenchError, brief
from topicbench.core.files import read_json, write_json
from topicbench.sources.downloads import Expected, Transfer, download
from topicbench.sources.section import RemoteCode, Source

HUB = "https://huggingface.co"


def fetch_hub(source: Source, folder: Path, culprit: str, how: Transfer, address: str | None = None) -> list[str]:
    """Fetch the wanted files of a Hub repository into ``folder``; their paths, sorted.

    Args:
        source: an entry with ``hub``.
        folder: existing files are kept where their hashes are right.
        culprit: the entry, for messages.
        how: see `Transfer`.
        address: a mirror that has the Hub's interface; it is not given the token. None: ``HF_ENDPOINT`` or the Hub.

    Raises:
        TopicbenchError: gated or private without a token that is let in, no such repository, revision or file, and
            what `download` raises.
    """
    paths = _fetch_files(source.hub, source.kind, source.revision, source.wants, folder, culprit, how, address)
    if not paths:
        raise TopicbenchError(
            culprit, f"{source.hub} has no file that matches include ({', '.join(source.include)})", "correct include"
        )
    if source.code:
        code, of_code = source.code, f"{culprit}.code"
        found = _fetch_files(code.hub, "model", code.revision, code.files.__contains__, folder, of_code, how, address)
        if missing := sorted(set(code.files) - set(found)):
            raise TopicbenchError(of_code, f"{code.hub} has no {missing[0]}", "correct files")
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


def cached(repository: str, revision: str, patterns: Sequence[str], culprit: str) -> Path:
    """The folder of a model in the Hub client's cache, which all projects of a user share; fetched where it is not.

    Raises:
        TopicbenchError: as of `fetch_hub`; out of reach and not whole in the cache.
    """
    authorised = "authorization" in build_hf_headers()
    with _refusals(repository, "model", revision, culprit, authorised, "download it elsewhere and give its folder"):
        return Path(snapshot_download(repository, revision=revision, allow_patterns=list(patterns)))


def _fetch_files(
    repository: str,
    kind: str,
    revision: str,
    wanted: Callable[[str], bool],
    folder: Path,
    culprit: str,
    how: Transfer,
    address: str | None,
) -> list[str]:
    endpoint, token = address or os.environ.get("HF_ENDPOINT"), False if address else None
    headers = build_hf_headers(token=token)
    elsewhere = f"name a folder that has it in {culprit.removesuffix('.code')}.mirror"
    refusals = partial(_refusals, repository, kind, revision, culprit, "authorization" in headers, elsewhere)
    with refusals():
        api = HfApi(endpoint=endpoint, token=token)
        tree = api.list_repo_tree(repository, recursive=True, revision=revision, repo_type=kind)
        files = [entry for entry in tree if isinstance(entry, RepoFile) and wanted(entry.path)]
    for file in files:
        target = folder / file.path
        if not target.resolve().is_relative_to(folder.resolve()):
            raise TopicbenchError(culprit, f"{repository} lists a file outside itself: {file.path}", "do not use it")
        hashes = {"sha256": file.lfs.sha256} if file.lfs else {"git_sha1": file.blob_id}
        expected = Expected(bytes=file.size, **hashes)
        if not (target.is_file() and expected.problem(target) is None):
            url = hf_hub_url(repository, file.path, repo_type=kind, revision=revision, endpoint=endpoint)
            # Asked for by the client first, which knows the Hub's reasons of a refusal.
            with refusals():
                get_hf_file_metadata(url, token=token, retry_on_errors=True)
            download(url, target, culprit, expected, replace(how, headers=headers))
    return sorted(file.path for file in files)


@contextmanager
def _refusals(
    repository: str, kind: str, revision: str, culprit: str, authorised: bool, elsewhere: str
) -> Iterator[None]:
    """Errors of the Hub's client as a `TopicbenchError`; ``elsewhere`` says what to do without the Hub."""
    page = f"{HUB}/{'datasets/' if kind == 'dataset' else ''}{repository}"
    token = "set HF_TOKEN to a token of that account (https://huggingface.co/settings/tokens) or run `hf auth login`"
    try:
        yield
        return
    except errors.GatedRepoError:
        state = "the account of HF_TOKEN has not been let in" if authorised else "there is no HF_TOKEN"
        problem = f"{repository} is gated, and {state}"
        remedy = f"accept its licence on {page}, {token}; or {elsewhere}"
    except errors.RevisionNotFoundError:
        problem = f"{repository} has no revision {revision}"
        remedy = f"take a commit's full hash from {page}/commits/main"
    except errors.RemoteEntryNotFoundError as error:
        problem, remedy = f"{repository} has no file {error.response.url}", "correct include"
    except Exception as error:
        # Beside its own errors the client raises those of the libraries it fetches with, and of answers not in JSON.
        if getattr(error, "errno", None) in FULL:
            raise
        answer = getattr(error, "response", None)
        if isinstance(error, errors.RepositoryNotFoundError) or (answer is not None and answer.status_code == 401):
            problem = f"{repository} does not exist, or {'HF_TOKEN may not see it' if authorised else 'is private'}"
            remedy = f"check {page}; for a private one {token}; or {elsewhere}"
        else:
            reason = brief(error) if answer is None else f"{answer.status_code} {answer.reason_phrase}"
            problem = f"{repository} cannot be downloaded ({reason})"
            remedy = f"check its name and the connection, and run again; without a network, {elsewhere}"
    raise TopicbenchError(culprit, problem, remedy)
