"""All tables and figures as one PDF in the paper's two-column layout.

Tables bring their own captions (`topicbench.views.render.to_tex`); figures get theirs here. Order and numbers are those
of the views, whatever an experiment left out of the configuration leaves out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import written_beside
from topicbench.views.caption import listed
from topicbench.views.contract import About, views
from topicbench.views.latex import escape

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


def latex_source(about: About, files: Mapping[str, str | Path], captions: Mapping[str, str]) -> str:
    """The document.

    Args:
        about: what the first paragraphs state.
        files: by name of the view, the LaTeX file (a whole float with caption) of each table there is and the PDF file
            of each figure.
        captions: plain text by name of the figure.

    Returns:
        LaTeX source; files are named as given, relative paths to the folder in which `build` is called.

    Raises:
        TopicbenchError: a figure without a caption.
    """
    numbers, floats = _numbers(), []
    for name, view in views().items():
        if name not in files or view.kind == "records":
            continue
        if view.kind == "figure" and name not in captions:
            raise TopicbenchError(files[name], f"no caption for {view.label}")
        if name not in numbers:
            numbers[name] = 1 + max(number for other, number in numbers.items() if views()[other].kind == view.kind)
        floats.append(rf"\setcounter{{{view.kind}}}{{{numbers[name] - 1}}}")
        if view.kind == "table":
            floats.append(rf"\input{{{files[name]}}}")
        else:
            floats.append(_figure(name, files[name], captions[name], view.wide))
    return "\n".join(
        [
            _PREAMBLE,
            r"\title{Topic models with soft labels of language models:\\ all tables and figures}",
            r"\author{}",
            r"\date{}",
            r"\begin{document}",
            r"\maketitle",
            r"\section*{Configuration}",
            *(rf"\paragraph{{{escape(name)}}} {escape(text)}." for name, text in _configuration(about).items() if text),
            *floats,
            r"\end{document}",
            "",
        ]
    )


def _numbers() -> dict[str, int]:
    """The numbers of the views that have one in the paper; the others are counted on from there."""
    found = {name: re.fullmatch(r"(?:Table|Figure) (\d+)", view.label) for name, view in views().items()}
    return {name: int(match[1]) for name, match in found.items() if match}


def _configuration(about: About) -> dict[str, str]:
    corpora = (
        corpus.title + (f" (a sample of {corpus.sample:,} documents)" if corpus.sample else "")
        for corpus in about.corpora.values()
    )
    methods = []
    for method in about.methods.values():
        changed = sorted(f"{key} = {value}" for key, value in method.settings.items() if value != method.paper.get(key))
        methods.append(method.title + (f" ({listed(changed)})" if changed else ""))
    coherence = about.metrics["c_v"].parameters
    return {
        "Protocol": about.protocol.name,
        "Corpora": listed(corpora),
        "Methods, with settings other than their defaults": listed(methods),
        "Language models": listed(slm.title for slm in about.language_models.values()),
        "Sentence encoder": about.encoder.title if about.encoder else "",
        "Topics": f"K = {listed(about.num_topics)}, {about.top_words} words each",
        "Seeds": listed(about.seeds),
        "Vocabulary": f"{about.vocabulary_size:,} words",
        "Reference corpus": coherence.get("palmetto") or coherence.get("reference", ""),
        "Judge": about.judge.title if about.judge else "none: no LLM rating",
    }


def _figure(name: str, path: str | Path, caption: str, wide: bool) -> str:
    environment = "figure*" if wide else "figure"
    return "\n".join(
        [
            rf"\begin{{{environment}}}[t]",
            r"\centering",
            rf"\fitted{{\includegraphics{{{path}}}}}",
            rf"\caption{{{escape(caption)}}}",
            rf"\label{{fig:{name}}}",
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
