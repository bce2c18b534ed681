import csv
import io
import math
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicbench.metrics.contract import Context, metrics
from topicbench.views.contract import Records
from topicbench.views.latex import escape
from topicbench.views.render import (
    Cell,
    Heading,
    Part,
    Section,
    Table,
    number,
    records_csv,
    records_md,
    signed,
    texts,
    to_csv,
    to_md,
    to_tex,
)

DOCUMENT = r"""\documentclass{article}
\usepackage{booktabs,graphicx}
\usepackage[table]{xcolor}
\usepackage[normalem]{ulem}
\begin{document}
\input{table}
\end{document}
"""


def table(**changes):
    values = {
        "name": "table1",
        "caption": "Best {best}, others {tied}; τ = 3 – 50% of C_V & more.",
        "columns": [Heading("Method"), Heading("C_V", latex="$C_V$"), Heading("P@5"), Heading("Words")],
        "groups": [Heading("R&D", 2), Heading("é", 1)],
        "sections": [
            Section([], "K = 5", major=True),
            Section(
                [
                    [
                        Cell("a_b"),
                        Cell(".500", "best", {"mean": np.float64(0.1) * 3, "n": 2}),
                        Cell("–", record={"mean": None}),
                        Cell((Part("think", "vague"), Part("gay", "tangential"), Part("god"))),
                    ],
                    [Cell("τ"), Cell(".400", "tied", {"mean": math.nan, "p": 0.05}), Cell("+.1", "better"), Cell("x")],
                ]
            ),
            Section([[Cell("c"), Cell("−.2", "worse"), Cell(""), Cell("|<>|")]], "Ours"),
        ],
    }
    return Table(**(values | changes))


@pytest.mark.parametrize(
    ("value", "decimals", "plain", "with_sign"),
    [
        (0.341, 3, ".341", "+.341"),
        (2.219, 2, "2.22", "+2.22"),
        (1.0, 3, "1.000", "+1.000"),
        (-0.023, 3, "−.023", "−.023"),
        (0.0, 3, ".000", ".000"),
        (-0.0001, 3, "−.000", "−.000"),
        (0.0001, 3, ".000", "+.000"),
        (12.4, 0, "12", "+12"),
        (0.4, 0, "0", "+0"),
    ],
)
def test_numbers_are_printed_as_the_paper_prints_them(value, decimals, plain, with_sign):
    assert number(value, decimals) == plain
    assert signed(value, decimals) == with_sign


def test_tex_has_rules_spans_marks_and_escapes():
    text = to_tex(table())
    assert r" & \multicolumn{2}{c}{R\&D} & \multicolumn{1}{c}{\'{e}} \\" in text
    assert r"\cmidrule(lr){2-3}\cmidrule(lr){4-4}" in text
    assert r"Method & $C_V$ & P@5 & Words \\" in text
    assert r"a\_b & \cellcolor{topicbenchbest}\textbf{.500} & -- & \uline{think}, \textit{gay}, god \\" in text
    assert r"$\tau$ & \cellcolor{topicbenchtied}.400 & \cellcolor{topicbenchbetter}+.1 & x \\" in text
    assert r"\multicolumn{4}{c}{\textit{K = 5}} \\" in text
    assert r"\multicolumn{4}{l}{\textit{Ours}} \\" in text
    assert r"\caption{Best in bold on blue, others on blue; $\tau$ = 3 -- 50\% of C\_V \& more.}" in text
    assert text.isascii()
    assert text.count("{") == text.count("}") + 0


def test_md_is_a_table_of_equal_rows_with_the_best_in_bold():
    lines = to_md(table()).splitlines()
    assert lines[0] == r"| Method | R&D C\_V | R&D P@5 | é Words |"
    assert lines[1] == "| --- | :-: | :-: | :-: |"
    assert lines[2] == "| **K = 5** |  |  |  |"
    assert lines[3] == r"| a\_b | **.500** | – | <u>think</u>, *gay*, god |"
    assert lines[4] == "| τ | *.400* | +.1 ▲ | x |"
    assert lines[6] == r"| c | −.2 ▼ |  | \|\<\>\| |"
    assert lines[8].startswith("Best in bold, others in italics")


def test_csv_has_a_row_per_record_at_full_precision():
    rows = list(csv.DictReader(io.StringIO(to_csv(table()))))
    assert rows == [
        {"section": "", "mean": "0.30000000000000004", "n": "2", "p": ""},
        {"section": "", "mean": "", "n": "", "p": ""},
        {"section": "", "mean": "", "n": "", "p": "0.05"},
    ]


def test_records_keep_the_order_of_first_appearance():
    records = [{"b": 1, "a": "x,y"}, {"c": np.int64(3), "a": math.inf}]
    assert records_csv(records) == 'b,a,c\n1,"x,y",\n,inf,3\n'
    assert records_md([{"p": 0.123456, "m": "c_v"}]).splitlines()[2] == r"| 0.1235 | c\_v |"


@pytest.mark.parametrize(
    "changes",
    [{"groups": [Heading("x", 2)]}, {"sections": [Section([[Cell("a")]])]}],
)
def test_a_table_whose_widths_disagree_is_refused(changes):
    with pytest.raises(ValueError, match="table1"):
        table(**changes)


def test_the_files_of_a_table_and_of_records():
    assert texts(table()) == {"tex": to_tex(table()), "csv": to_csv(table()), "md": to_md(table())}
    rows = [{"p": 0.123456}]
    assert texts(Records(rows)) == {"csv": "p\n0.123456\n", "md": records_md(rows)}
    assert texts(Records(rows, "said", {"more": [{"a": 1}]})) == {
        "csv": "p\n0.123456\n",
        "md": "said",
        "more": "a\n1\n",
    }


@given(st.text(max_size=30))
def test_escaped_text_is_ascii_and_balanced(text):
    escaped = escape(text)
    assert escaped.isascii()
    assert escaped.replace(r"\$", "").count("$") % 2 == 0
    bare = escaped.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("τ", r"$\tau$"),
        ("λΩΑ", r"$\lambda$$\Omega$$\mathrm{A}$"),
        ("ς", r"$\varsigma$"),
        ("naïve", r"na\"{\i}ve"),
        ("cafe\u0301", r"caf\'{e}"),
        ("Šmarje", r"\v{S}marje"),
        ("“a” – ‘b’", "``a'' -- `b'"),
        ("a\\b~^", r"a\textbackslash{}b\textasciitilde{}\textasciicircum{}"),
        ("中", r"\texttt{U+4E2D}"),
        ("$x_1$ #1 {50%}", r"\$x\_1\$ \#1 \{50\%\}"),
    ],
)
def test_escape(text, latex):
    assert escape(text) == latex


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_compiles_with_every_character_we_know(tmp_path):
    from topicbench.views.latex import SPECIAL

    letters = "".join(chr(code) for code in (*range(0xA0, 0x180), *range(0x391, 0x3CA)))
    odd = table(caption="".join(SPECIAL) + letters + "中👍" + table().caption, wide=True)
    (tmp_path / "table.tex").write_text(to_tex(odd), encoding="utf-8")
    (tmp_path / "document.tex").write_text(DOCUMENT)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "document.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-2000:]
    assert "undefined" not in done.stdout.lower()


@pytest.mark.parametrize("metric", metrics().values(), ids=metrics())
def test_what_captions_say_of_metrics_needs_no_code_point(metric):
    context = Context(15, "a reference", second_reference="another", second_counting="gensim", judge="a judge")
    assert "U+" not in escape(metric.definition(context) + metric.title + "†")
