"""One source of the registry, from wherever it is, into its folder: fetched, checked, built and recorded.

Checksums that the configuration does not give are taken on trust the first time and kept in a lock file, outside the
folder; from then on the source must have them. The lock file can be handed to others with the configuration.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import link_or_copy, read_json, sha256_of, write_json, written_beside
from topicbench.sources import mirrors
from topicbench.sources.archives import unpack
from topicbench.sources.downloads import DEFAULT, Expected, Transfer, download, room
from topicbench.sources.hub import fetch_hub
from topicbench.sources.section import UNPACK, Source

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
        TopicbenchError: see `download`, `fetch_hub`, `unpack`, `topicbench.sources.mirrors` and `Build.make`; also a
            wrong number of rows, a wrong checksum of what is built, or one that is not what the lock file says.
    """
    culprit = f"sources.{name}"
    staging = folder.with_name(f".{folder.name}.partial")
    files, result = staging / "files", staging / "result"
    shutil.rmtree(result, ignore_errors=True)
    for each in (files, result):
        each.mkdir(parents=True, exist_ok=True)
    with room(staging, culprit):
        mirror = mirrors.locate(source, root, culprit)
        if source.table_build and source.mirror and source.mirror.endswith(Path(source.main_file).suffix):
            built = [_whole_table(source, mirror, staging, result / source.main_file, culprit, how)]
        else:
            trusted = _trusted(lock, source)
            paths = _gather(source, mirror, files, culprit, how, trusted)
            _require_locked(lock, files, paths, source, trusted, culprit)
            built = _build(source, files, paths, result)
    if source.result_sha256 is not None:
        problem = Expected(sha256=source.result_sha256).problem(result / built[0])
        if problem:
            raise TopicbenchError(
                culprit, f"{built[0]}: {problem}", "the files changed: correct revision or mirror, or result_sha256"
            )
    checksums = {path: sha256_of(result / path) for path in built}
    record = {
        "source": source.model_dump(mode="json"),
        "taken_from": source.mirror or source.hub or [file.url for file in source.files],
        "files": checksums,
    }
    with written_beside(folder) as partial:
        result.replace(partial)
        write_json(partial / RECORD, record)
    shutil.rmtree(staging)
    return checksums


def _whole_table(source: Source, mirror: str | Path, staging: Path, table: Path, culprit: str, how: Transfer) -> str:
    """Adopt a mirror that is the table itself; the table's name."""
    if isinstance(mirror, str):
        path = staging / table.name
        download(mirror, path, culprit, Expected(sha256=source.result_sha256), how)
        mirror = path
    if mirror.is_dir():
        raise TopicbenchError(f"{culprit}.mirror", f"{mirror} is a folder", "name a file, or a folder of another name")
    shutil.copyfile(mirror, table)
    return table.name


def _gather(
    source: Source, mirror: str | Path | None, folder: Path, culprit: str, how: Transfer, trusted: Mapping[str, str]
) -> list[str]:
    """Bring the source's own files into ``folder``; their paths, sorted."""
    if isinstance(mirror, Path):
        return mirrors.link_files(source, mirror, folder, culprit)
    if source.hub:
        return fetch_hub(source, folder, culprit, how, mirror)
    for file in source.files:
        target = folder / file.filename
        if target.is_file() and trusted.get(file.filename) == sha256_of(target):
            continue
        url = file.url
        if mirror:
            url = mirror if mirror.endswith(f"/{file.filename}") else f"{mirror}/{file.filename}"
        download(url, target, culprit, Expected(file.bytes, file.sha256, file.md5), how)
    return sorted(file.filename for file in source.files)


def _build(source: Source, files: Path, paths: list[str], result: Path) -> list[str]:
    """Fill ``result`` from the files fetched; the paths of what is in it."""
    if source.build is None:
        # By links, which cost nothing: the files fetched stay for another try, should this one end here.
        for path in paths:
            link_or_copy(files / path, result / path)
        return paths
    if source.build == UNPACK:
        return unpack(files / paths[0], result)
    names = [file.filename for file in source.files] or paths
    table = result / source.main_file
    rows = source.table_build.make({name: files / name for name in names}, table)
    if source.rows is not None and rows != source.rows:
        raise TopicbenchError(
            table.name, f"has {rows:,} rows, expected {source.rows:,}", "the files changed: correct revision or rows"
        )
    return [table.name]


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
