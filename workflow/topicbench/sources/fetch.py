"""One source of the registry, from wherever it is, into its folder: fetched, checked, built and recorded.

Checksums that the configuration does not give are taken on trust the first time and kept in a lock file, outside the
folder; from then on the source must have them. The lock file can be handed to others with the configuration.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json, sha256_of, write_json, written_beside
from topicbench.sources import tables
from topicbench.sources.archives import unpack
from topicbench.sources.http import DEFAULT, Expected, Transfer, download, room
from topicbench.sources.hub import fetch_hub, use_own_code
from topicbench.sources.section import TABLES, Source

RECORD = "source.json"


def fetch(
    name: str, source: Source, folder: Path, lock: Path, root: Path = Path("."), how: Transfer = DEFAULT
) -> dict[str, str]:
    """Fetch a source into ``folder``, which appears only when it is whole and right.

    What arrives is kept beside it in ``.NAME.partial`` until then, so that a later try goes on where this one stopped.

    Args:
        name: of the source.
        source: its entry.
        folder: becomes a folder of the source's files, or of what is built of them, and ``source.json``.
        lock: file of the checksums that were taken on trust.
        root: folder that a relative ``mirror`` starts from.
        how: see `Transfer`.

    Returns:
        SHA-256 of every file in ``folder`` but the record.

    Raises:
        TopicbenchError: see `download`, `fetch_hub`, `unpack` and `topicbench.sources.tables`; also a wrong number of
            rows, a wrong checksum of what is built, or one that is not what the lock file says.
    """
    culprit = f"sources.{name}"
    staging = folder.with_name(f".{folder.name}.partial")
    staging.mkdir(parents=True, exist_ok=True)
    with room(staging, culprit):
        built = _whole_table(source, staging, root, culprit, how)
        if built is None:
            trusted = _trusted(lock, source)
            paths = _gather(source, staging / "files", root, culprit, how, trusted)
            _require_locked(lock, staging / "files", paths, source, trusted, culprit)
            built = _build(source, staging, paths)
    _require_result(source, staging / "result", built, culprit)
    checksums = {path: sha256_of(staging / "result" / path) for path in built}
    record = {
        "source": source.model_dump(mode="json"),
        "taken_from": source.mirror or source.hub or [file.url for file in source.files],
        "files": checksums,
    }
    with written_beside(folder) as partial:
        (staging / "result").replace(partial)
        write_json(partial / RECORD, record)
    shutil.rmtree(staging)
    return checksums


def _mirror(source: Source, root: Path, culprit: str) -> tuple[str | None, Path | None]:
    """The mirror as an address or as a path; both None without one."""
    if source.mirror is None:
        return None, None
    if source.mirror.startswith(("http://", "https://")):
        return source.mirror.rstrip("/"), None
    path = Path(source.mirror).expanduser()
    path = path if path.exists() else root / path
    if not path.exists():
        raise TopicbenchError(f"{culprit}.mirror", f"no such file or folder: {source.mirror}", "correct the path")
    return None, path


def _whole_table(source: Source, staging: Path, root: Path, culprit: str, how: Transfer) -> list[str] | None:
    """Adopt a mirror that is the table itself; None where the mirror is not, or there is none."""
    table = TABLES.get(source.build or "")
    if table is None or source.mirror is None or not source.mirror.endswith(Path(table).suffix):
        return None
    address, path = _mirror(source, root, culprit)
    result = staging / "result"
    shutil.rmtree(result, ignore_errors=True)
    if address:
        download(address, staging / table, culprit, Expected(sha256=source.result_sha256), how)
        path = staging / table
    if path.is_dir():
        raise TopicbenchError(f"{culprit}.mirror", f"{path} is a folder", "name a file, or a folder of another name")
    result.mkdir()
    shutil.copyfile(path, result / table)
    return [table]


def _gather(
    source: Source, folder: Path, root: Path, culprit: str, how: Transfer, trusted: Mapping[str, str]
) -> list[str]:
    """Bring the source's own files into ``folder``; their paths, sorted."""
    address, local = _mirror(source, root, culprit)
    folder.mkdir(parents=True, exist_ok=True)
    if local is not None:
        return _from_folder(source, local, folder, culprit)
    if source.hub:
        return fetch_hub(source, folder, culprit, how, address)
    for file in source.files:
        target = folder / file.filename
        if target.is_file() and trusted.get(file.filename) == sha256_of(target):
            continue
        url = file.url
        if address:
            url = address if address.endswith(f"/{file.filename}") else f"{address}/{file.filename}"
        expected = Expected(bytes=file.bytes, sha256=file.sha256, md5=file.md5)
        download(url, target, culprit, expected, how)
    return sorted(file.filename for file in source.files)


def _from_folder(source: Source, local: Path, folder: Path, culprit: str) -> list[str]:
    if source.hub:
        local = _snapshot(source, local, culprit)
        wanted = [path.relative_to(local).as_posix() for path in sorted(local.rglob("*")) if path.is_file()]
        wanted = [path for path in wanted if source.wants(path)]
        if not wanted:
            raise TopicbenchError(
                f"{culprit}.mirror", f"{local} has no file that matches include ({', '.join(source.include)})", ""
            )
        wanted += [name for name in (source.code.files if source.code else []) if name not in wanted]
    else:
        wanted = [file.filename for file in source.files]
    for path in wanted:
        origin = local if local.is_file() and wanted == [path] else local / path
        if not origin.is_file():
            raise TopicbenchError(f"{culprit}.mirror", f"{local} has no {path}", "add it, or correct the mirror")
        _link_or_copy(origin.resolve(), folder / path)
    for file in source.files:
        problem = Expected(file.bytes, file.sha256, file.md5).problem(folder / file.filename)
        if problem:
            (folder / file.filename).unlink()
            raise TopicbenchError(f"{culprit}.mirror", f"{local}: {file.filename} {problem}", "use another copy")
    if source.code:
        _own_copy(folder / "config.json")
        use_own_code(folder, source.code, culprit)
    return sorted(wanted)


def _snapshot(source: Source, local: Path, culprit: str) -> Path:
    """The folder of the pinned revision, where ``local`` is a Hub cache; else ``local`` itself."""
    if local.is_file():
        raise TopicbenchError(f"{culprit}.mirror", f"{local} is a file", "name the folder that has the model's files")
    cached = local / f"{source.kind}s--{source.hub.replace('/', '--')}"
    if not cached.is_dir():
        return local
    snapshot = cached / "snapshots" / source.revision
    if not snapshot.is_dir():
        held = sorted(path.name for path in (cached / "snapshots").glob("*"))
        raise TopicbenchError(
            f"{culprit}.mirror",
            f"{cached} has no revision {source.revision}; it has {', '.join(held) or 'none'}",
            "fetch that revision into it, or pin one that it has",
        )
    return snapshot


def _build(source: Source, staging: Path, paths: list[str]) -> list[str]:
    """Make ``result`` in the staging folder of the files fetched; the paths of what is in it."""
    files, result = staging / "files", staging / "result"
    shutil.rmtree(result, ignore_errors=True)
    if source.build is None:
        # A copy by links: the files fetched stay for another try, should this one end here.
        for path in paths:
            _link_or_copy(files / path, result / path)
        return paths
    result.mkdir()
    if source.build == "unpack":
        return unpack(files / paths[0], result)
    table = result / TABLES[source.build]
    if source.build == "20newsgroups":
        rows = tables.newsgroups(files / source.files[0].filename, table)
    elif source.build == "stackoverflow":
        rows = tables.stackoverflow(*(files / file.filename for file in source.files[:2]), table)
    else:
        rows = tables.tweet_topic(files, table)
    if source.rows is not None and rows != source.rows:
        raise TopicbenchError(
            table.name, f"has {rows:,} rows, expected {source.rows:,}", "the files changed: correct revision or rows"
        )
    return [table.name]


def _require_result(source: Source, result: Path, built: list[str], culprit: str) -> None:
    if source.result_sha256 is not None:
        problem = Expected(sha256=source.result_sha256).problem(result / built[0])
        if problem:
            raise TopicbenchError(
                culprit, f"{built[0]}: {problem}", "the files changed: correct revision or mirror, or result_sha256"
            )


def _trusted(lock: Path, source: Source) -> dict[str, str]:
    """Checksums at the first fetch of this revision, or from these addresses; none before it."""
    known = read_json(lock) if lock.is_file() else {}
    return known.get("sha256", {}) if known.get("origin") == _origin(source) else {}


def _origin(source: Source) -> str | list[str]:
    return source.revision or [file.url for file in source.files]


def _require_locked(
    lock: Path, folder: Path, paths: list[str], source: Source, trusted: Mapping[str, str], culprit: str
) -> None:
    """Compare with what was taken on trust before; take what is new on trust."""
    found = {path: sha256_of(folder / path) for path in paths}
    for path, checksum in found.items():
        if trusted.get(path, checksum) != checksum:
            (folder / path).unlink()
            raise TopicbenchError(
                culprit,
                f"{path} is not what it was at the first fetch: SHA-256 {checksum}, {lock} says {trusted[path]}",
                f"if the change is meant, delete {lock}",
            )
    write_json(lock, {"origin": _origin(source), "sha256": {**trusted, **found}})


def _link_or_copy(origin: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(origin, target)
    except OSError:
        shutil.copyfile(origin, target)


def _own_copy(path: Path) -> None:
    # A hard link would carry a change into the mirror.
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)
