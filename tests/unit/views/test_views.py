"""What every table and figure in the folder must do, whatever it is: no list of views here."""

import re
import shutil
import subprocess
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.support.synthetic import CONTROLS, about, scores, with_rows
from topicbench.core.errors import TopicbenchError
from topicbench.views import render, style
from topicbench.views.contract import SUFFIXES, Drawing, Records, Scores, views
from topicbench.views.degenerate import KINDS, RUN
from topicbench.views.render import Table

RESULTS = {"table": Table, "figure": Drawing, "records": Records}
# Of what views read beside scores their own tests say more.
MADE = [name for name, view in views().items() if not view.needs]
OF_SCORES = [name for name in MADE if views()[name].experiment]


@cache
def given(name):
    """Scores that the view can be made of."""
    view = views()[name]
    controls = CONTROLS if view.experiment == "main" else {}
    facts = about(view.experiment or "", controls=controls)
    others = {other: scores(about(other)) for other in view.others}
    if view.experiment is None:
        return Scores(facts, others=others)
    made = scores(facts)
    return Scores(facts, made.rows, others=others)


@cache
def made(name):
    return views()[name].make(given(name))


def test_names_labels_and_files_are_unique():
    files = [file for view in views().values() for file in view.outputs().values()]
    labels = [view.label for view in views().values()]
    assert len(files) == len(set(files))
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("view", views().values(), ids=lambda view: view.name)
def test_a_view_says_what_it_is(view):
    assert re.fullmatch(r"[a-z0-9_]+", view.name)
    assert re.fullmatch(r"[^.].*\.", view.summary)
    assert view.label
    assert view.category
    assert set(view.outputs()) >= set(SUFFIXES[view.kind])


def test_the_papers_tables_and_figures_come_first_and_in_their_order():
    papers = [name for name in views() if re.fullmatch(r"(table|figure)\d", name)]
    assert list(views())[: len(papers)] == papers
    for kind in ("table", "figure"):
        of_kind = [name for name in papers if name.startswith(kind)]
        assert of_kind == sorted(of_kind)


@pytest.mark.parametrize("name", MADE)
def test_it_renders_every_file_it_declares(name, tmp_path):
    view, result = views()[name], made(name)
    assert isinstance(result, RESULTS[view.kind])
    if isinstance(result, Drawing):
        paths = [tmp_path / file for file in view.outputs().values()]
        style.write(result, *paths)
        assert all(path.stat().st_size for path in paths)
    else:
        assert render.texts(result).keys() == view.outputs().keys()
        assert all(render.texts(result).values())


@pytest.mark.parametrize("name", OF_SCORES)
def test_its_caption_says_over_how_many_runs(name):
    if not isinstance(made(name), Records):
        assert re.search(r"n = \d|\d (random )?seed", made(name).caption)


@pytest.mark.parametrize("name", OF_SCORES)
@pytest.mark.parametrize("how", ["missing", "repeated", "not a number"])
def test_it_refuses_scores_that_are_not_whole(name, how):
    whole = given(name)
    frame = whole.rows
    last = frame[frame["group"] != "control"].iloc[-1]
    values = (frame[RUN] == last[RUN]).all(axis=1) & ~frame["metric"].isin(KINDS)
    broken = {
        "missing": frame[~values],
        "repeated": pd.concat([frame, frame[values]], ignore_index=True),
        "not a number": frame.assign(value=frame["value"].where(~values, np.nan)),
    }[how]
    with pytest.raises(TopicbenchError, match=re.escape(f"{last['method']}/")):
        views()[name].make(with_rows(whole, broken))


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_every_table_compiles_alone(tmp_path):
    tables = [made(name) for name in MADE if views()[name].kind == "table"]
    names = "".join(rf"\input{{{table.name}}}" + "\n" for table in tables)
    for table in tables:
        (tmp_path / f"{table.name}.tex").write_text(render.to_tex(table), encoding="ascii")
    preamble = r"\documentclass{article}\usepackage{booktabs,graphicx,ulem}\usepackage[table]{xcolor}"
    (tmp_path / "all.tex").write_text(preamble + "\n\\begin{document}\n" + names + "\\end{document}\n")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Undefined" not in done.stdout
