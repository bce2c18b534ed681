"""From files to what a view is made from, and from a view to its files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from topicbench.core.files import write_text
from topicbench.views import render, style
from topicbench.views.contract import About, Drawing, Records, Scores, View
from topicbench.views.frame import read
from topicbench.views.render import Table


def read_inputs(view: View, files: Mapping[str, Any], about: Mapping[str, Any] | None = None) -> Scores:
    """What ``view`` is made from.

    Args:
        view: the view.
        files: by name: for each experiment it reads, its gathered scores under the experiment's name and what was
            written with them under ``about_…``; and the files of each of its `View.needs`.
        about: for a view about no experiment, what would be written with its scores.

    Raises:
        TopicbenchError: a file is missing or malformed.
    """
    gathered = {
        name: read(files[name], files[f"about_{name}"])
        for name in (view.experiment, *view.others)
        if name is not None and name in files
    }
    needs = {need: [Path(path) for path in _listed(files[need])] for need in view.needs}
    others = {name: gathered[name] for name in view.others if name in gathered}
    if view.experiment is None:
        return Scores(About.model_validate(about), files=needs, others=others)
    own = gathered[view.experiment]
    return Scores(own.about, own.rows, needs, others)


def write(made: Table | Drawing | Records, outputs: Mapping[str, Path]) -> None:
    """Write what a view made, to the files that `View.outputs` names by suffix."""
    if isinstance(made, Drawing):
        style.write(made, *(outputs[suffix] for suffix in ("pdf", "png", "csv", "txt")))
    else:
        for suffix, text in render.texts(made).items():
            write_text(outputs[suffix], text)


def _listed(value: Any) -> list[Any]:
    return [value] if isinstance(value, str | Path) else list(value)
