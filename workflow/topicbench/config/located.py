"""From ``source: name`` in a configuration to the place where the fetched source lies."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from topicbench.config.schema import Config
from topicbench.core.errors import TopicbenchError
from topicbench.core.sections import Closed
from topicbench.sources.paths import fetched, folder
from topicbench.sources.section import Source


def check_sources(config: Config) -> None:
    """Raise a `TopicbenchError` for a source that is named but not configured, or of the wrong kind."""
    for key, source in _named(config).items():
        if source not in config.sources:
            raise TopicbenchError(
                key, f"'{source}' is not one of sources", f"there are: {', '.join(config.sources) or 'none'}"
            )
        entry = config.sources[source]
        is_model = entry.hub is not None and entry.kind == "model" and entry.build is None
        if key.startswith(("slms.", "encoder.")) and not is_model:
            raise TopicbenchError(key, f"'{source}' is no model of the Hub", f"sources.{source} needs hub")
        if key.startswith(("corpora.", "word_vectors.")) and entry.main_file is None:
            raise TopicbenchError(
                key, f"'{source}' is not one file", f"sources.{source} needs one entry in files, or build"
            )
    palmetto = config.reference.palmetto
    for key, path in (("jar", palmetto.jar), ("index", palmetto.index)) if palmetto else ():
        place = fetched(path)
        if place and PurePosixPath(place).name not in config.sources:
            raise TopicbenchError(
                f"reference.palmetto.{key}", f"'{PurePosixPath(place).name}' is not one of sources", "add it there"
            )
    encoder = config.encoder
    if encoder and encoder.source and config.sources[encoder.source].code and not encoder.trust_remote_code:
        raise TopicbenchError(
            "encoder.trust_remote_code",
            f"'{encoder.source}' runs code of its own",
            f"read it at the revision of sources.{encoder.source}.code, then set trust_remote_code: true",
        )


def located(config: Config) -> Config:
    """The configuration with every ``source`` replaced by the path or folder it is fetched to."""
    corpora = {
        name: _at(entry, "path", _main(config.sources, entry.source)) if entry.source else entry
        for name, entry in config.corpora.items()
    }
    slms = {
        name: _at(entry, "folder", folder(entry.source)) if entry.source else entry
        for name, entry in config.slms.items()
    }
    vectors = {
        name: _at(entry, "path", _main(config.sources, entry.source)) if entry.source else entry
        for name, entry in config.word_vectors.items()
    }
    encoder = config.encoder
    if encoder and encoder.source:
        encoder = _at(encoder, "folder", folder(encoder.source))
    return config.model_copy(update={"corpora": corpora, "slms": slms, "word_vectors": vectors, "encoder": encoder})


def _at(entry: Closed, key: str, path: str) -> Any:
    return entry.model_copy(update={"source": None, key: path})


def _main(sources: dict[str, Source], name: str) -> str:
    return f"{folder(name)}/{sources[name].main_file}"


def _named(config: Config) -> dict[str, str]:
    sections: dict[str, dict[str, Any]] = {
        "corpora": config.corpora,
        "slms": config.slms,
        "word_vectors": config.word_vectors,
    }
    named = {
        f"{section}.{name}.source": entry.source
        for section, entries in sections.items()
        for name, entry in entries.items()
        if entry.source
    }
    if config.encoder and config.encoder.source:
        named["encoder.source"] = config.encoder.source
    return named
