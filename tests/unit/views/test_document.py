import re
import shutil

import pytest
from matplotlib.figure import Figure

from tests.support import synthetic
from topicbench.core.errors import TopicbenchError
from topicbench.core.files import write_text
from topicbench.views import document, style
from topicbench.views.render import Cell, Heading, Section, Table, to_tex

needs_pdflatex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")


def table(name, columns, rows=3):
    body = [[Cell(f"Row_{row} & τ"), *(Cell("0.123 ± .45") for _ in range(columns))] for row in range(rows)]
    headings = [Heading(""), *(Heading(f"column {column}") for column in range(columns))]
    return Table(name, f"Table of {columns} columns, α = 0.05.", headings, [Section(body)], wide=columns > 5)


def parts(folder):
    """Files as the workflow lays them out, and captions of the figures."""
    files = {}
    for name, columns in (("table1", 4), ("table3", 30)):
        files[name] = f"results/{name}.tex"
        write_text(folder / files[name], to_tex(table(name, columns)))
    widths = {"figure1": 3.25, "figure4": 6.75, "figure_ranks": 9.0}
    for name, width in widths.items():
        files[name] = f"results/{name}.pdf"
        figure = Figure(figsize=(width, 1))
        figure.text(0.1, 0.5, name)
        style.save(figure, folder / files[name], folder / f"results/{name}.png")
    return files, {name: f"Figure {name}: 50 % of “{{τ_s}}” & more." for name in widths}


def test_floats_come_in_the_papers_order_with_the_papers_numbers():
    tables = ["heldout", "table9", "table7", "table1", "table8"]
    figures = ["figure_ranks", "figure5", "figure4", "figure1"]
    files = {name: f"results/{name}.tex" for name in tables} | {name: f"results/{name}.pdf" for name in figures}
    source = document.latex_source(synthetic.about(""), files, dict.fromkeys(figures, "caption"))
    found = re.findall(r"results/(\w+)\.", source)
    expected = ["figure1", "table1", "table7", "figure4", "table8", "figure5", "table9", "heldout", "figure_ranks"]
    assert found == expected
    counters = re.findall(r"\\setcounter\{(table|figure)\}\{(\d+)\}", source)
    assert [(kind, int(n) + 1) for kind, n in counters] == [
        ("figure", 1),
        ("table", 1),
        ("table", 7),
        ("figure", 4),
        ("table", 8),
        ("figure", 5),
        ("table", 9),
        ("table", 10),
        ("figure", 6),
    ]
    spanning = [name for name in figures if r"\begin{figure*}[t]" in source.split(f"results/{name}")[0][-90:]]
    assert spanning == ["figure_ranks", "figure5", "figure4"]


def test_configuration_is_stated():
    settings = {"num_epochs": 100, "loss": "kl"}
    facts = synthetic.about(
        "",
        corpora={"a": {"title": "A & B", "labelled": True, "sample": 1200}},
        methods={
            "prodlda": {
                **{"title": "ProdLDA", "needs": [], "ours": False, "paper": settings},
                "settings": {**settings, "num_epochs": 7},
            }
        },
        judge=None,
    )
    source = document.latex_source(facts, {}, {})
    for stated in (
        r"A \& B (a sample of 1,200 documents)",
        r"ProdLDA (num\_epochs = 7)",
        "K = 5, 10",
        "no LLM rating",
    ):
        assert stated in source


def test_source_is_ascii_and_names_no_date():
    source = document.latex_source(synthetic.about(""), {"figure1": "f.pdf"}, {"figure1": "“τ” ‖ 中"})
    assert source.isascii()
    assert r"\date{}" in source
    assert r"\today" not in source


def test_figure_without_caption_is_an_error():
    with pytest.raises(TopicbenchError, match="no caption for Figure 2"):
        document.latex_source(synthetic.about(""), {"figure2": "figure2.pdf"}, {})


@needs_pdflatex
def test_same_source_same_bytes_without_date_or_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = document.latex_source(synthetic.about(""), *parts(tmp_path))
    assert document.build(source, "results/one.pdf")
    assert document.build(source, "results/two.pdf")
    one = (tmp_path / "results/one.pdf").read_bytes()
    assert one == (tmp_path / "results/two.pdf").read_bytes()
    assert one.startswith(b"%PDF")
    for absent in (b"CreationDate", b"ModDate", b"PTEX", str(tmp_path).encode(), b"/Type3"):
        assert absent not in one
    assert not [path for path in (tmp_path / "results").iterdir() if path.suffix in {".log", ".aux"}]


@needs_pdflatex
def test_nothing_is_wider_or_higher_than_its_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    logs = []
    run = document.subprocess.run
    monkeypatch.setattr(document.subprocess, "run", lambda *a, **k: logs.append(run(*a, **k)) or logs[-1])
    files, captions = parts(tmp_path)
    write_text("results/table7.tex", to_tex(table("table7", 6, rows=90)))
    files["table7"] = "results/table7.tex"
    document.build(document.latex_source(synthetic.about(""), files, captions), "out.pdf")
    assert len(logs) == 2
    assert "Overfull" not in logs[-1].stdout
    assert "Float too large" not in logs[-1].stdout
    assert "undefined" not in logs[-1].stdout


@needs_pdflatex
@pytest.mark.parametrize(
    ("table_text", "message"),
    [
        ("one\n\\nosuchcommand here\n", r"results/table1\.tex:2: Undefined control sequence"),
        (None, r"results/table1\.tex' not found"),
    ],
)
def test_first_error_is_shown_and_no_file_is_left(tmp_path, monkeypatch, table_text, message):
    monkeypatch.chdir(tmp_path)
    if table_text is not None:
        write_text("results/table1.tex", table_text)
    source = document.latex_source(synthetic.about(""), {"table1": "results/table1.tex"}, {})
    with pytest.raises(TopicbenchError, match=message) as error:
        document.build(source, "out.pdf")
    assert error.value.culprit == "out.pdf"
    assert not (tmp_path / "out.pdf").exists()


def test_without_pdflatex_it_says_so_and_makes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert document.build("any source", tmp_path / "out.pdf") is False
    assert "pdflatex is not installed" in capsys.readouterr().err
    assert not (tmp_path / "out.pdf").exists()


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (
            "This is pdfTeX\n./a.tex:12: Undefined control sequence.\nl.12 \\foo\n./b.tex:1: later",
            "./a.tex:12: Undefined control sequence. (l.12 \\foo)",
        ),
        ("x\n! Emergency stop.\nmore", "! Emergency stop."),
        ("killed", "killed"),
        ("", "no output"),
    ],
)
def test_first_error_of_a_log(log, expected):
    assert document.first_error(log) == expected
