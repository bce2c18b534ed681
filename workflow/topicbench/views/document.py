"""All tables and figures as one PDF in the paper's two-column layout.

The tables bring their own captions (`topicbench.views.render.to_tex`); figures get theirs here. Numbers are the
paper's, whatever an experiment left out of the configuration leaves out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from topicbench.config.schema import Config
from topicbench.core.errors import TopicbenchError
from topicbench.core.files import written_beside
from topicbench.models.contract import create
from topicbench.views.latex import escape

ORDER = (
    ("figure", 1),
    ("figure", 2),
    ("table", 1),
    ("table", 2),
    ("figure", 3),
    ("table", 3),
    ("table", 4),
    ("table", 5),
    ("table", 6),
    ("table", 7),
    ("figure", 4),
    ("table", 8),
    ("figure", 5),
)
"""The paper's order; what it does not have comes after."""

SPANNING = {2, 4, 5, "ranks"}
"""Figures as wide as both columns."""

_PREAMBLE = r"""\pdfinfoomitdate=1
\pdftrailerid{}
\pdfsuppressptexinfo=-1
\documentclass[10pt,twocolumn]{article}
\usepackage[letterpaper,textwidth=6.75in,textheight=9.3in,columnsep=0.25in]{geometry}
\usepackage[T1]{fontenc}
\usepackage{mathptmx}
\usepackage{amssymb}
\usepackage{graphicx}
\usepackage{booktabs}
\usepackage[table]{xcolor}
\usepackage[normalem]{ulem}
\usepackage[font=small,labelfont=it,labelsep=period]{caption}
\renewcommand{\topfraction}{0.95}
\renewcommand{\bottomfraction}{0.95}
\renewcommand{\dbltopfraction}{0.95}
\renewcommand{\textfraction}{0.02}
\renewcommand{\floatpagefraction}{0.6}
\renewcommand{\dblfloatpagefraction}{0.6}
\setcounter{topnumber}{9}
\setcounter{dbltopnumber}{9}
\setcounter{totalnumber}{9}
% Tables fit themselves to the width of their column; here also to the height of a page with room for the caption.
\newsavebox{\fittedbox}
\let\scaled\resizebox
\renewcommand{\resizebox}[3]{\sbox{\fittedbox}{\scaled{#1}{#2}{#3}}%
  \ifdim\dimexpr\ht\fittedbox+\dp\fittedbox\relax>0.75\textheight
    \scaled*{!}{0.75\textheight}{\usebox{\fittedbox}}\else\usebox{\fittedbox}\fi}
\newcommand{\fitted}[1]{\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{#1}}
"""


def latex_source(
    config: Config,
    tables: Sequence[tuple[int | str, str | Path]],
    figures: Sequence[tuple[int | str, str | Path]],
    captions: Mapping[int | str, str],
) -> str:
    """The document.

    Args:
        config: what the first paragraph states.
        tables: number (or name, numbered after the others) and LaTeX file (a whole float with caption) of each table
            there is.
        figures: number (or "ranks", numbered after the others) and PDF file of each figure there is.
        captions: plain text by figure number.

    Returns:
        LaTeX source; files are named as given, relative paths to the folder in which `build` is called.

    Raises:
        TopicbenchError: a figure without a caption.
    """
    for number, path in figures:
        if number not in captions:
            raise TopicbenchError(path, f"no caption for figure {number}")
    present = {("table", number): str(path) for number, path in tables}
    present |= {("figure", number): str(path) for number, path in figures}
    order = [key for key in ORDER if key in present] + [key for key in present if key not in ORDER]
    printed = _numbers(order)
    floats = [
        _table(printed[kind, item], present[kind, item])
        if kind == "table"
        else _figure(item, printed[kind, item], present[kind, item], captions[item])
        for kind, item in order
    ]
    return "\n".join(
        [
            _PREAMBLE,
            r"\title{Topic models with soft labels of language models:\\ all tables and figures}",
            r"\author{}",
            r"\date{}",
            r"\begin{document}",
            r"\maketitle",
            r"\section*{Configuration}",
            *(rf"\paragraph{{{escape(name)}}} {escape(text)}" for name, text in _configuration(config)),
            *floats,
            r"\end{document}",
            "",
        ]
    )


def _numbers(keys: Sequence[tuple[str, int | str]]) -> dict[tuple[str, int | str], int]:
    """The number each table and figure is printed with: its own, or for a named one the next after all numbered."""
    printed: dict[tuple[str, int | str], int] = {}
    for kind in ("table", "figure"):
        last = max(number for each, number in (*ORDER, *keys) if each == kind and isinstance(number, int))
        for item in (item for each, item in keys if each == kind):
            if isinstance(item, int):
                printed[kind, item] = item
            else:
                last += 1
                printed[kind, item] = last
    return printed


def _configuration(config: Config) -> list[tuple[str, str]]:
    corpora = (
        corpus.title + (f" (a sample of {corpus.sample.documents:,} documents)" if corpus.sample else "")
        for corpus in config.corpora.values()
    )
    methods = (
        create(name, settings).title
        + (f" ({', '.join(f'{key} = {value}' for key, value in settings.items())})" if settings else "")
        for name, settings in config.methods.items()
    )
    statements = [
        ("Protocol", config.protocol.name),
        ("Corpora", _listed(corpora)),
        ("Methods, with settings other than their defaults", _listed(methods)),
        ("Language models", _listed(slm.title for slm in config.slms.values())),
        ("Sentence encoder", config.encoder.title if config.encoder else ""),
        ("Topics", f"K = {_listed(config.num_topics)}, {config.top_words} words each"),
        ("Seeds", _listed(config.seeds)),
        ("Vocabulary", f"{config.vocabulary_size:,} words"),
        ("Reference corpus", config.reference.title),
        ("Judge", config.judge.title if config.judge else "none: no LLM rating"),
    ]
    return [(name, text + ".") for name, text in statements if text]


def _listed(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)


def _table(number: int, path: str) -> str:
    return f"\\setcounter{{table}}{{{number - 1}}}\n\\input{{{path}}}"


def _figure(item: int | str, number: int, path: str, caption: str) -> str:
    environment = "figure*" if item in SPANNING else "figure"
    return "\n".join(
        [
            rf"\setcounter{{figure}}{{{number - 1}}}",
            rf"\begin{{{environment}}}[t]",
            r"\centering",
            rf"\fitted{{\includegraphics{{{path}}}}}",
            rf"\caption{{{escape(caption)}}}",
            rf"\label{{fig:figure{item}}}",
            rf"\end{{{environment}}}",
        ]
    )


def build(source: str, out_pdf: str | Path) -> bool:
    """Typeset ``source`` with pdflatex into ``out_pdf``; the same source and files give the same bytes.

    Returns:
        False, with a message on standard error and no file, where pdflatex is not installed.

    Raises:
        TopicbenchError: pdflatex's first error.
    """
    program = shutil.which("pdflatex")
    if program is None:
        print(f"{out_pdf}: not made, for pdflatex is not installed", file=sys.stderr)
        return False
    with tempfile.TemporaryDirectory() as folder:
        tex = Path(folder) / "document.tex"
        tex.write_text(source, encoding="utf-8", newline="\n")
        command = [program, "-interaction=nonstopmode", "-halt-on-error", "-file-line-error", "-no-shell-escape"]
        # Without max_print_line the log breaks its lines at 79 characters, in the middle of a file's name.
        fixed = {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "max_print_line": "4000"}
        # The second pass has the first one's references.
        for _ in range(2):
            done = subprocess.run(
                [*command, f"-output-directory={folder}", str(tex)],
                env={**os.environ, **fixed},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
            )
            if done.returncode:
                raise TopicbenchError(out_pdf, f"pdflatex: {first_error(done.stdout).replace(folder + '/', '')}")
        with written_beside(out_pdf) as partial:
            shutil.copyfile(tex.with_suffix(".pdf"), partial)
    return True


def first_error(log: str) -> str:
    """The first error line of a pdflatex log, with the line of the source it quotes."""
    lines = log.splitlines()
    for place, line in enumerate(lines):
        if re.match(r"(! |\S.*:\d+: )", line):
            quoted = next((later for later in lines[place + 1 : place + 20] if re.match(r"l\.\d+ ", later)), "")
            return f"{line} ({quoted})" if quoted else line
    return lines[-1] if lines else "no output"
