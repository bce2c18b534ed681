"""Reading a configuration file, and saying clearly what is wrong with one."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from topicbench.config.checks import resolve
from topicbench.config.schema import Config
from topicbench.core.errors import TopicbenchError
from topicbench.core.files import RESULTS
from topicbench.corpora.tokens import SPACY, require_language
from topicbench.sources.paths import fetched

MOST_KEYS = 100_000
"""Keys and values of a configuration; more are made by aliases of aliases."""


def parse(values: Mapping[str, Any], source: str = "configuration", lines: Mapping[tuple, int] | None = None) -> Config:
    """Typed configuration from plain values.

    Args:
        values: what the YAML file says.
        source: the file's name, for messages.
        lines: line number of each key path, see `line_numbers`.

    Raises:
        TopicbenchError: on the first thing wrong, naming file, line and key.
    """
    lines = lines or {}

    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        path = tuple(first["loc"])
        key = ".".join(str(part) for part in path if part != "[key]") or "(top level)"
        raise TopicbenchError(f"{_place(path, source, lines)}: {key}", *_explain(first, path)) from None
    try:
        resolve(config)
    except TopicbenchError as error:
        raise TopicbenchError(
            f"{_place(tuple(error.culprit.split('.')), source, lines)}: {error.culprit}", error.problem, error.remedy
        ) from None
    return config


def _explain(error: Mapping[str, Any], path: tuple) -> tuple[str, str]:
    if error["type"] == "extra_forbidden":
        siblings = sorted(_keys_at(path[:-1]))
        close = difflib.get_close_matches(str(path[-1]), siblings, n=1)
        return "unknown key", f"did you mean '{close[0]}'?" if close else f"allowed here: {', '.join(siblings)}"
    if error["type"] == "missing":
        return "required, but missing", _meaning(path)
    if error["type"] == "string_pattern_mismatch" and path and path[-1] == "[key]":
        return "not a usable name", "names are lower-case letters and digits, joined by . _ + or -; a + may end them"
    given = error.get("input")
    shown = "" if isinstance(given, dict | list) else f" (given: {given!r})"
    return error["msg"].removeprefix("Value error, ") + shown, _meaning(path)


def _meaning(path: tuple) -> str:
    """What the nearest key of a path is for, in the words of its documentation."""
    keys = [part for part in path if part != "[key]"]
    while keys:
        nodes = _nodes(tuple(keys))
        description = next((node["description"] for node in nodes[::-1] if "description" in node), "")
        if description:
            return f"{keys[-1]}: {description.splitlines()[0]} (docs/configuration.md explains every key)"
        keys.pop()
    return "docs/configuration.md explains every key"


def _keys_at(path: tuple) -> set[str]:
    return set(_nodes(path)[-1].get("properties", {}))


def _nodes(path: tuple) -> list[dict]:
    """The JSON schema's node of a path's last key, as it stands and as what it refers to."""
    schema = Config.model_json_schema()
    named: Any = schema
    for part in path:
        node = _deref(named, schema)
        by_pattern = next(iter(node.get("patternProperties", {}).values()), None)
        own = node.get("properties", {}).get(part)
        named = own or by_pattern or node.get("additionalProperties") or node.get("items") or {}
    return [named if isinstance(named, dict) else {}, _deref(named, schema)]


def _deref(node: Any, schema: Mapping[str, Any]) -> dict:
    if not isinstance(node, dict):
        return {}
    for option in node.get("anyOf", []):
        if "$ref" in option:
            node = option
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    # A section that may be given as one word has its keys in the other option.
    return next((option for option in node.get("anyOf", []) if "properties" in option), node)


def from_workflow(
    values: Mapping[str, Any], files: Sequence[str | Path], root: str | Path, given: Mapping[str, Any] | None = None
) -> Config:
    """The configuration of a workflow: what Snakemake made of its files and ``--config``, checked with its inputs.

    Args:
        values: Snakemake's merged ``config``.
        files: the configuration files it read; where the workflow is a module, those of the workflow that uses it.
        root: the checkout, which relative paths start from.
        given: what ``--config`` says, which is part of ``values``.
    """
    lines: dict[tuple, int] = {}
    for file in files:
        written, found = read_yaml(file)
        lines.update({path: line for path, line in found.items() if path and _same(written, values, path[0])})
    source = ", ".join([*(_short(file, root) for file in files), *(["--config"] if given or not files else [])])
    config = parse(_typed(values, given or {}), source, lines)
    inputs: dict[tuple, str] = {
        ("corpora", name, "path"): corpus.path for name, corpus in config.corpora.items() if corpus.path
    }
    for name, corpus in config.corpora.items():
        if corpus.tokens.stop_words != SPACY:
            inputs["corpora", name, "tokens", "stop_words"] = corpus.tokens.stop_words
    inputs["reference", "path"] = config.reference.path
    if config.second_reference:
        inputs["second_reference", "path"] = config.second_reference.path
    for name, vectors in config.word_vectors.items():
        if vectors.path:
            inputs["word_vectors", name, "path"] = vectors.path
    for key, path in inputs.items():
        if not fetched(path) and Path(path).parts[:1] == (RESULTS,):
            raise TopicbenchError(
                f"{_place(key, source, lines)}: {'.'.join(key)}",
                f"{path} lies in {RESULTS}/, which the workflow itself writes",
                "copy the file elsewhere and name the copy",
            )
        if not any(candidate.is_file() for candidate in (Path(path), Path(root) / path)):
            raise TopicbenchError(
                f"{_place(key, source, lines)}: {'.'.join(key)}",
                f"no such file: {path}",
                "correct the path; it starts from the working directory or the repository",
            )
    languages: dict[tuple, str] = {
        ("corpora", name, "language"): corpus.language for name, corpus in config.corpora.items()
    }
    languages["reference", "language"] = config.reference.language or "en"
    if config.second_reference:
        languages["second_reference", "language"] = config.second_reference.language or "en"
    for key, language in languages.items():
        require_language(language, f"{_place(key, source, lines)}: {'.'.join(key)}")
    return config


def _same(written: Mapping[str, Any], values: Mapping[str, Any], key: str) -> bool:
    return key in values and written[key] == values[key]


def _typed(value: Any, given: Any) -> Any:
    """``value`` as YAML types it where ``--config`` gives it: Snakemake leaves all in lists and mappings text."""
    if isinstance(given, Mapping) and isinstance(value, Mapping):
        return {key: _typed(value[key], given[key]) if key in given else value[key] for key in value}
    if value != given:
        return value
    if isinstance(value, list):
        return [_typed(each, each) for each in value]
    if isinstance(value, str):
        loader = yaml.SafeLoader("")
        return loader.construct_object(yaml.ScalarNode(loader.resolve(yaml.ScalarNode, value, (True, False)), value))
    return value


def _short(path: str | Path, root: str | Path) -> str:
    path = Path(path)
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _place(path: tuple, source: str, lines: Mapping[tuple, int]) -> str:
    while path and path not in lines:
        path = path[:-1]
    return f"{source}, line {lines[path]}" if path else source


def load(path: str | Path) -> Config:
    """Read and check a configuration file."""
    values, lines = read_yaml(path)
    return parse(values, str(path), lines)


def read_yaml(path: str | Path) -> tuple[dict, dict[tuple, int]]:
    """The values of a YAML file and the line of each key path; a repeated key is an error."""
    try:
        text = Path(path).read_text(encoding="utf-8")
        lines: dict[tuple, int] = {}
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            _walk(node, (), lines, str(path))
        values = yaml.safe_load(text)
    except FileNotFoundError:
        raise TopicbenchError(path, "file not found", "correct the path of the configuration") from None
    except UnicodeDecodeError as error:
        raise TopicbenchError(path, f"not UTF-8 text: {error}", "save it as UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}" if mark else str(path)
        raise TopicbenchError(
            where, f"not valid YAML: {getattr(error, 'problem', error)}", "mend the line, or the one before it"
        ) from None
    if not isinstance(values, dict):
        raise TopicbenchError(path, "expected a mapping of keys to values", "config/config.yaml is an example")
    return values, lines


def _walk(
    node: yaml.Node, path: tuple, lines: dict[tuple, int], source: str, above: tuple[yaml.Node, ...] = ()
) -> None:
    # An alias (*name) may stand for what it is a part of, and aliases of aliases multiply.
    if node in above or len(lines) > MOST_KEYS:
        problem = "contains itself" if node in above else f"has more than {MOST_KEYS:,} keys and values"
        raise TopicbenchError(
            f"{source}, line {node.start_mark.line + 1}", problem, "write out what the alias (*name) stands for"
        )
    above = (*above, node)
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                raise TopicbenchError(f"{source}, line {line}: {key.value}", "key is given twice", "remove one of them")
            seen.add(key.value)
            lines[(*path, key.value)] = line
            _walk(value, (*path, key.value), lines, source, above)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            lines[(*path, position)] = value.start_mark.line + 1
            _walk(value, (*path, position), lines, source, above)
