"""``docs/configuration.md`` and ``config/schema.json``, written by ``make docs`` from the typed sections."""

from __future__ import annotations

import json
import types
import typing
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from topicbench.config.schema import Config
from topicbench.core.files import write_text
from topicbench.models.contract import methods

INTRODUCTION = """\
<!-- Written by `make docs` from the typed models; do not edit. -->
# Configuration

`config/config.yaml` is the default, `config/paper.yaml` the paper's full grid with the paper's own sources. Another one
is used with `snakemake --configfile my.yaml …`; it stands alone, nothing of `config.yaml` is merged into it. Single
values are set with `--config key=value`. `config/schema.json` gives editors completion and checking.

Every key is checked before any job starts: an unknown key, a bad value or a missing file is one message with file,
line and key. Names (of corpora, models, prompts, …) are lower-case letters and digits joined by `.`, `_`, `+` or `-`
(a `+` may end them), because they become folders.

What a corpus, a model or word vectors name as their `source` is an entry of `sources`: it is fetched once into
`results/sources`, goes on after an interruption where it stopped, and is checked against its commit or checksum. A
checksum that an entry does not give is recorded in `results/source_locks` at the first fetch and required from then on.
"""


def sections() -> dict[type[BaseModel], list[str]]:
    """Every section of the configuration and the keys under which it stands, in the order of a walk over `Config`.

    Found from the types, so that none can be forgotten; ``*`` is a name that the user chooses or a place in a list.
    """
    found: dict[type[BaseModel], list[str]] = {}

    def walk(annotation: Any, path: str) -> None:
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            places = found.setdefault(annotation, [])
            if path not in places:
                places.append(path)
            if len(places) == 1:
                for name, field in annotation.model_fields.items():
                    walk(field.annotation, f"{path}.{name}".lstrip("."))
        elif origin is dict:
            walk(arguments[1], f"{path}.*")
        elif origin in (list, tuple):
            walk(arguments[0], path)
        else:
            for argument in arguments:
                walk(argument, path)

    walk(Config, "")
    return found


def readme() -> str:
    """All keys with type, default and meaning, section by section; then every method's settings."""
    parts = [INTRODUCTION]
    for model, paths in sections().items():
        summary = (model.__doc__ or "").strip().splitlines()[0]
        title = ", ".join(f"`{path}`" for path in paths if path) or "Top level"
        parts.append(f"## {title}\n\n{summary}\n\n{_table(model.model_fields)}")
    parts.append("## `methods.*`: settings of each\n\nA setting left out keeps the paper's value.\n")
    for name, method in methods().items():
        summary = (method.__doc__ or "").strip().splitlines()[0]
        parts.append(f"### {name}\n\n{summary}\n\n{_table(method.model_fields)}")
    return "\n".join(parts)


def schema() -> str:
    """JSON Schema of a configuration file."""
    return json.dumps(Config.model_json_schema(), indent=1, ensure_ascii=False) + "\n"


def _table(fields: dict[str, FieldInfo]) -> str:
    lines = ["| key | type | default | meaning |", "|---|---|---|---|"]
    for name, field in fields.items():
        cells = (f"`{name}`", _type(field.annotation), _default(field), field.description or "")
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _type(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(arguments[0])
    if origin is typing.Literal:
        return " / ".join(f"`{value}`" for value in arguments)
    if origin in (types.UnionType, typing.Union):
        return " or ".join(_type(argument) for argument in arguments)
    if origin is list:
        return f"list of {_type(arguments[0])}"
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"map of {_type(arguments[1])} by name"
    names = {str: "text", int: "whole number", float: "number", bool: "true / false", type(None): "null", Any: "value"}
    if annotation in names:
        return names[annotation]
    return "section" if isinstance(annotation, type) and issubclass(annotation, BaseModel) else str(annotation)


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if isinstance(field.default, BaseModel):
        return "see its section"
    if isinstance(field.default, dict):
        return ", ".join(f"`{key}`" for key in field.default) or "none"
    return f"`{json.dumps(field.default, ensure_ascii=False)}`"


def main() -> None:
    root = Path(__file__).resolve().parents[3]
    write_text(root / "docs/configuration.md", readme())
    write_text(root / "config/schema.json", schema())


if __name__ == "__main__":
    main()
