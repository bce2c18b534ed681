import re
import shutil

import pytest
from figures_support import configuration
from matplotlib.figure import Figure

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import write_text
from topicbench.views import document, style
from topicbench.views.render import Cell, Heading, Section, Table, to_tex

needs_pdflatex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")


def table(number, columns, rows=3):
    body = [[Cell(f"Row_{row} & τ"), *(Cell("0.123 ± .45") for _ in range(columns))] for row in range(rows)]
    headings = [Heading(""), *(Heading(f"column {column}") for column in range(columns))]
    return Table(
        f"table{number}", f"Table of {columns} columns, α = 0.05.", headings, [Section(body)], wide=columns > 5
    )


def parts(folder, tables=((1, 4), (3, 30)), figures=((1, 3.25), (4, 6.75), ("ranks", 9.0))):
    """Files as the workflow lays them out, and what names them."""
    for number, columns in tables:
        write_text(folder / f"results/table{number}.tex", to_tex(table(number, columns)))
    for number, width in figures:
        figure = Figure(figsize=(width, 1))
        figure.text(0.1, 0.5, f"figure {number}")
        style.save(figure, folder / f"results/figure{number}.pdf", folder / f"results/figure{number}.png")
    return (
        [(number, f"results/table{number}.tex") for number, _ in tables],
        [(number, f"results/figure{number}.pdf") for number, _ in figures],
        {number: f"Figure {number}: 50 % of “{{τ_s}}” & more." for number, _ in figures},
    )


def test_floats_come_in_the_papers_order_with_the_papers_numbers(tmp_path):
    named = {
        "table": [(number, f"results/table{number}.tex") for number in (9, 7, 1, 8)],
        "figure": [(number, f"results/figure{number}.pdf") for number in ("ranks", 5, 4, 1)],
    }
    captions = dict.fromkeys(["ranks", 1, 4, 5], "caption")
    source = document.latex_source(configuration(), named["table"], named["figure"], captions)
    found = re.findall(r"results/(\w+)\.", source)
    assert found == ["figure1", "table1", "table7", "figure4", "table8", "figure5", "table9", "figureranks"]
    counters = re.findall(r"\\setcounter\{(table|figure)\}\{(\d+)\}", source)
    assert [(kind, int(n) + 1) for kind, n in counters] == [
        ("figure", 1),
        ("table", 1),
        ("table", 7),
        ("figure", 4),
        ("table", 8),
        ("figure", 5),
        ("table", 9),
        ("figure", 6),
    ]


def test_configuration_is_stated():
    config = configuration(
        corpora={"a": {"title": "A & B", "path": "a", "sample": {"documents": 1200}}},
        methods={"prodlda": {"num_epochs": 7}},
        judge=None,
    )
    source = document.latex_source(config, [], [], {})
    for stated in (
        r"A \& B (a sample of 1,200 documents)",
        r"ProdLDA (num\_epochs = 7)",
        "K = 10, 20",
        "no LLM rating",
    ):
        assert stated in source


def test_source_is_ascii_and_names_no_date():
    source = document.latex_source(configuration(), [], [(1, "f.pdf")], {1: "“τ” ‖ 中"})
    assert source.isascii()
    assert r"\date{}" in source
    assert r"\today" not in source


def test_figure_without_caption_is_an_error():
    with pytest.raises(TopicbenchError, match="no caption for figure 2"):
        document.latex_source(configuration(), [], [(2, "figure2.pdf")], {})


@needs_pdflatex
def test_same_source_same_bytes_without_date_or_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = document.latex_source(configuration(), *parts(tmp_path))
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
    tables, figures, captions = parts(tmp_path)
    write_text("results/table7.tex", to_tex(table(7, 6, rows=90)))
    document.build(
        document.latex_source(configuration(), [*tables, (7, "results/table7.tex")], figures, captions), "out.pdf"
    )
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
    source = document.latex_source(configuration(), [(1, "results/table1.tex")], [], {})
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
