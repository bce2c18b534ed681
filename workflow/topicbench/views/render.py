"""One small model of a table, rendered to LaTeX, CSV and Markdown.

The LaTeX needs ``booktabs``, ``graphicx``, ``ulem`` with ``normalem`` (Table 4) and ``xcolor`` with the option
``table``, and is plain ASCII. The CSV is for machines: one row per cell with every number at full precision.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from topicbench.views.contract import Records
from topicbench.views.latex import escape

Mark = Literal["", "best", "tied", "better", "worse"]
Style = Literal["", "vague", "tangential"]

NOT_AVAILABLE = "–"

COLOURS = {"best": "DAE8FC", "tied": "DAE8FC", "better": "D5E8D4", "worse": "F8CECC"}
"""Cell backgrounds (HTML notation): the blue of the main tables, green and red of the ablations."""

WORDING = {
    "tex": {
        "best": "in bold on blue",
        "tied": "on blue",
        "better": "on green",
        "worse": "on red",
        "vague": "underlined",
        "tangential": "in italics",
    },
    "md": {
        "best": "in bold",
        "tied": "in italics",
        "better": "marked ▲",
        "worse": "marked ▼",
        "vague": "underlined",
        "tangential": "in italics",
    },
}
"""How each mark looks; captions say ``{best}`` and so on."""


@dataclass(frozen=True)
class Part:
    """A stretch of text in one style."""

    text: str
    style: Style = ""


@dataclass(frozen=True)
class Cell:
    """A cell: text, or parts in different styles joined by a comma; a mark; and what the CSV says of it.

    Attributes:
        text: plain Unicode, or parts.
        mark: what the cell's value is among those it was compared with.
        record: column → value of the cell's row in the CSV; empty for a cell that has none.
    """

    text: str | tuple[Part, ...]
    mark: Mark = ""
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[Part, ...]:
        return (Part(self.text),) if isinstance(self.text, str) else self.text


@dataclass(frozen=True)
class Heading:
    """A column's heading, or one over ``span`` columns; ``latex`` where plain text cannot say it."""

    text: str
    span: int = 1
    latex: str = ""

    @property
    def tex(self) -> str:
        return self.latex or escape(self.text)


@dataclass(frozen=True)
class Section:
    """Rows under a common title; every row starts with its title cell.

    Attributes:
        rows: cells of each row.
        title: shown above the rows; empty: none.
        major: centred over the whole width, as the K of Table 7, rather than at the left, as "Ours".
    """

    rows: Sequence[Sequence[Cell]]
    title: str = ""
    major: bool = False


@dataclass(frozen=True)
class Table:
    """A table of the paper.

    Attributes:
        name: file stem and LaTeX label, such as ``table1``.
        caption: plain Unicode; ``{best}`` and the other keys of `WORDING` become what the mark looks like.
        columns: one heading per column, the first one over the row titles.
        sections: the rows.
        groups: headings over the columns after the first; their spans add up to the columns.
        alignment: LaTeX column specification; empty: left, then centred.
        wide: spans both columns of a two-column page.
    """

    name: str
    caption: str
    columns: Sequence[Heading]
    sections: Sequence[Section]
    groups: Sequence[Heading] = ()
    alignment: str = ""
    wide: bool = False

    def __post_init__(self) -> None:
        width = len(self.columns)
        if self.groups and sum(group.span for group in self.groups) != width - 1:
            raise ValueError(f"{self.name}: groups span other than {width - 1} columns")
        if any(len(row) != width for section in self.sections for row in section.rows):
            raise ValueError(f"{self.name}: a row has other than {width} cells")


def number(value: float, decimals: int) -> str:
    """As the paper prints it: fixed decimals, no zero before the point, U+2212 as minus sign."""
    text = f"{abs(value):.{decimals}f}"
    text = text.removeprefix("0") if decimals else text
    return ("−" if value < 0 else "") + text


def signed(value: float, decimals: int) -> str:
    """A difference: with its sign even where it rounds to zero, none only for zero itself."""
    return ("+" if value > 0 else "") + number(value, decimals)


def to_tex(table: Table) -> str:
    """A complete float, to be ``\\input`` into a document."""
    width = len(table.columns)
    environment = "table*" if table.wide else "table"
    lines = [
        *(rf"\providecolor{{topicbench{mark}}}{{HTML}}{{{colour}}}" for mark, colour in COLOURS.items()),
        rf"\begin{{{environment}}}[t]",
        r"\centering\small",
        r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        rf"\begin{{tabular}}{{{table.alignment or 'l' + 'c' * (width - 1)}}}",
        r"\toprule",
    ]
    if table.groups:
        column, rules = 2, []
        for group in table.groups:
            rules.append(rf"\cmidrule(lr){{{column}-{column + group.span - 1}}}")
            column += group.span
        spans = [rf"\multicolumn{{{group.span}}}{{c}}{{{group.tex}}}" for group in table.groups]
        lines += [" & ".join(["", *spans]) + r" \\", "".join(rules)]
    lines += [" & ".join(heading.tex for heading in table.columns) + r" \\"]
    for section in table.sections:
        lines.append(r"\midrule")
        if section.title:
            title, place = rf"\textit{{{escape(section.title)}}}", "c" if section.major else "l"
            lines.append(rf"\multicolumn{{{width}}}{{{place}}}{{{title}}} \\")
            lines += [r"\midrule"] if section.major and section.rows else []
        lines += [" & ".join(_cell_tex(cell) for cell in row) + r" \\" for row in section.rows]
    caption = escape(_worded(table.caption, "tex"))
    lines += [
        r"\bottomrule",
        r"\end{tabular}}",
        rf"\caption{{{caption}}}",
        rf"\label{{tab:{table.name}}}",
        rf"\end{{{environment}}}",
    ]
    return "\n".join(lines) + "\n"


def to_md(table: Table) -> str:
    """GitHub's Markdown, the caption below; headings of groups are repeated before those of their columns."""
    over = [""] + [group.text for group in table.groups for _ in range(group.span)]
    heads = [
        f"{over[i]} {heading.text}".strip() if table.groups else heading.text for i, heading in enumerate(table.columns)
    ]
    lines = [_row_md([_escape_md(head) for head in heads])]
    lines.append(_row_md(["---"] + ["---" if table.alignment else ":-:"] * (len(heads) - 1)))
    for section in table.sections:
        if section.title:
            title = _escape_md(section.title)
            title = f"**{title}**" if section.major else f"*{title}*"
            lines.append(_row_md([title] + [""] * (len(heads) - 1)))
        lines += [_row_md([_cell_md(cell) for cell in row]) for row in section.rows]
    return "\n".join(lines) + "\n\n" + _escape_md(_worded(table.caption, "md")) + "\n"


def to_csv(table: Table) -> str:
    """One row per cell that has a record; columns in order of first appearance; empty where there is no value."""
    records = [
        {"section": section.title, **cell.record}
        for section in table.sections
        for row in section.rows
        for cell in row
        if cell.record
    ]
    return records_csv(records)


def records_csv(records: Sequence[Mapping[str, Any]]) -> str:
    """Records as CSV: floats in shortest exact notation, None and NaN empty."""
    columns = list(dict.fromkeys(column for record in records for column in record))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_plain(record.get(column)) for column in columns] for record in records)
    return buffer.getvalue()


def records_md(records: Sequence[Mapping[str, Any]], digits: int = 4) -> str:
    """Records as a Markdown table, floats to ``digits`` significant digits."""
    columns = list(dict.fromkeys(column for record in records for column in record))
    lines = [_row_md([_escape_md(column) for column in columns]), _row_md(["---"] * len(columns))]
    for record in records:
        lines.append(_row_md([_escape_md(_rounded(record.get(column), digits)) for column in columns]))
    return "\n".join(lines) + "\n"


def _rounded(value: Any, digits: int) -> str:
    number_given = isinstance(value, float) and math.isfinite(value)
    return f"{value:.{digits}g}" if number_given else str(_plain(value))


def texts(made: Table | Records) -> dict[str, str]:
    """The files of a table or of records, by suffix."""
    if isinstance(made, Table):
        return {"tex": to_tex(made), "csv": to_csv(made), "md": to_md(made)}
    md = records_md(made.rows) if made.md is None else made.md
    further = {suffix: records_csv(rows) for suffix, rows in made.further.items()}
    return {"csv": records_csv(made.rows), "md": md, **further}


def _cell_tex(cell: Cell) -> str:
    shapes = {"vague": r"\uline{%s}", "tangential": r"\textit{%s}", "": "%s"}
    text = ", ".join(shapes[part.style] % escape(part.text) for part in cell.parts)
    text = text.replace("\n\n", r"\par ").replace("\n", " ")
    if cell.mark == "best":
        text = rf"\textbf{{{text}}}"
    return rf"\cellcolor{{topicbench{cell.mark}}}{text}" if cell.mark else text


def _cell_md(cell: Cell) -> str:
    shapes = {"vague": "<u>{}</u>", "tangential": "*{}*", "": "{}"}
    text = ", ".join(shapes[part.style].format(_escape_md(part.text)) for part in cell.parts)
    text = text.replace("\n\n", "<br><br>").replace("\n", " ")
    return {"best": "**{}**", "tied": "*{}*", "better": "{} ▲", "worse": "{} ▼", "": "{}"}[cell.mark].format(text)


def _row_md(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _escape_md(text: str) -> str:
    for character in "\\`*_|<>[]#~":
        text = text.replace(character, "\\" + character)
    return text


def _worded(caption: str, form: Literal["tex", "md"]) -> str:
    for mark, words in WORDING[form].items():
        caption = caption.replace(f"{{{mark}}}", words)
    return caption


def _plain(value: Any) -> Any:
    # NumPy's numbers would otherwise print their type.
    value = value.item() if hasattr(value, "item") else value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return repr(value) if isinstance(value, float) else value
