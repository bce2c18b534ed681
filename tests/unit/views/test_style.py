import matplotlib
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from tests.support.figures import METHODS
from topicbench.views import style
from topicbench.views.contract import SUFFIXES, Drawing


def figure_of(heights):
    with style.applied():
        figure = Figure(figsize=(style.SINGLE_COLUMN, 2), layout="constrained")
        axes = figure.subplots()
        axes.plot(heights, label="τ of $x$")
        figure.legend(loc="outside lower center")
    return figure


def test_same_figure_same_bytes_and_another_figure_other_bytes(tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    for name, heights in (("a", [1, 2]), ("b", [1, 2]), ("c", [2, 1])):
        style.save(figure_of(heights), tmp_path / f"{name}.pdf", tmp_path / f"{name}.png")
    for kind in ("pdf", "png"):
        a, b, c = ((tmp_path / f"{name}.{kind}").read_bytes() for name in "abc")
        assert a == b
        assert a != c
    pdf = (tmp_path / "a.pdf").read_bytes()
    assert b"CreationDate" not in pdf
    assert b"atplotlib" not in pdf
    assert b"atplotlib" not in (tmp_path / "a.png").read_bytes()
    assert b"/Subtype /Type3" not in pdf
    assert b"/CIDFontType2" in pdf
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"{n}.{k}" for n in "abc" for k in ("pdf", "png"))


def test_parameters_are_undone_and_do_not_depend_on_the_users(tmp_path):
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black"}):
        with style.applied():
            assert matplotlib.rcParams["font.size"] == 8
            assert matplotlib.rcParams["axes.facecolor"] == "white"
            assert matplotlib.rcParams["pdf.fonttype"] == 42
        assert matplotlib.rcParams["font.size"] == 30


OURS = {method: method == "softlabel" for method in METHODS}


def test_every_method_has_its_own_line_and_ours_alone_is_red():
    lines = {method: style.method_style(OURS, method) for method in METHODS}
    assert len({tuple(map(str, line.values())) for line in lines.values()}) == len(METHODS)
    assert len({line["color"] for line in lines.values()}) == len(METHODS)
    assert [method for method, line in lines.items() if line["color"] == style.RED] == ["softlabel"]


def test_a_method_keeps_its_line_when_ours_is_left_out_or_moved():
    moved = {"softlabel": True, **OURS}
    assert list(moved) != list(OURS)
    assert all(style.method_style(OURS, method) == style.method_style(moved, method) for method in METHODS)


def test_series_beyond_the_palette_stay_distinct():
    lines = [tuple(map(str, style.series_style(place).values())) for place in range(60)]
    assert len(set(lines)) == 60


@pytest.mark.parametrize("place", range(8))
def test_colours_show_on_white_without_colour(place):
    # Relative luminance (WCAG): against white a line needs a contrast of at least 2 to be seen in grey print.
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(style.series_style(place)["color"])
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 2


def test_a_drawing_is_written_with_its_numbers_and_its_caption(tmp_path):
    drawing = Drawing(figure_of([1, 2]), pd.DataFrame({"x": [0.1, 0.25]}), "What τ does.")
    style.write(drawing, *(tmp_path / f"figure.{suffix}" for suffix in SUFFIXES["figure"]))
    assert (tmp_path / "figure.csv").read_text() == "x\n0.1\n0.25\n"
    assert (tmp_path / "figure.txt").read_text(encoding="utf-8") == "What τ does.\n"
    assert (tmp_path / "figure.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
