"""Figure 2: overview of the method, drawn from a list of boxes and arrows."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from topicbench.views import style
from topicbench.views.contract import About, Drawing, Scores, View

WIDTH, HEIGHT = style.DOUBLE_COLUMN, 2.55
_TOP, _BOTTOM = 2.08, 0.66
"""Heights of the middles of the two rows: targets above, topic model below."""

_FILL = {"text": "#ffffff", "model": "#e4ecf4", "target": "#fbeadf", "topics": "#e3f1ec", "loss": "#ffffff"}
_EDGE = {"text": "#555555", "model": "#0072B2", "target": style.RED, "topics": style.GREEN, "loss": "#555555"}


CAPTION = (
    "Overview of the method. The language model is asked for a label of the document. (1) Its next-token logits, "
    "restricted to the vocabulary V, give the soft label y, (2) which the topic model reconstructs under a "
    "Kullback–Leibler divergence. (3) The last hidden state of the prompt is the topic model’s input."
)


class Figure2(View):
    name = "figure2"
    label = "Figure 2"
    summary = "Overview of the method: from a document to soft labels, hidden states and topics."
    category = "Reproduction"
    kind = "figure"
    order = 1
    wide = True

    def make(self, scores: Scores) -> Drawing:
        elements = elements_of(scores.about)
        return Drawing(draw(elements), elements, CAPTION)


def elements_of(about: About) -> pd.DataFrame:
    """What is drawn, lengths in inches from the lower left corner.

    Returns:
        element (group, box, arrow, badge), name, kind (of a box: its colour), x, y, width, height, text. Of an arrow
        x, y is the tail and x + width, y + height the head; of a badge x, y is the middle.
    """
    softlabel = about.methods.get("softlabel")
    reversed_kl = softlabel is not None and softlabel.settings["kl_direction"] == "model_target"
    divergence = r"p\,\Vert\,y" if reversed_kl else r"y\,\Vert\,p"
    instruction = textwrap.fill(style.plain(about.prompts["default"]), 27, max_lines=6, placeholder=" …")
    boxes = [
        _box("prompt", "text", 0.79, 1.37, 1.5, 1.62, f"{instruction}\n\nDocument: ⟨document $x$⟩\n\nTopic:"),
        _box("language model", "model", 2.13, 1.37, 0.76, 1.62, "language\nmodel\n(frozen)"),
        _box("logits", "target", 3.52, _TOP, 1.24, 0.66, "next-token logits,\nrestricted to $V$\n" + r"$\ell_V(x)$"),
        _box("soft label", "target", 5.98, _TOP, 1.34, 0.66, "soft label\n" + r"$y=\mathrm{softmax}(\ell_V(x)/\tau)$"),
        _box("hidden state", "model", 3.2, _BOTTOM, 0.6, 0.72, "last\nhidden\nstate\n$x_{\\mathrm{emb}}$"),
        _box("encoder", "topics", 3.98, _BOTTOM, 0.52, 0.5, "encoder"),
        _box("posterior", "topics", 4.63, _BOTTOM, 0.42, 0.5, r"$\mu,\ \sigma$"),
        _box("proportions", "topics", 5.24, _BOTTOM, 0.44, 0.5, "topics\n" + r"$\theta$"),
        _box("topic words", "topics", 5.83, _BOTTOM, 0.38, 0.5, "words\n" + r"$\beta$"),
        _box("reconstruction", "topics", 6.38, _BOTTOM, 0.36, 0.5, r"$p$"),
        _box("prior loss", "loss", 4.63, 1.37, 1.16, 0.24, r"$\mathrm{KL}(q(z\,|\,x_{\mathrm{emb}})\,\Vert\,p(z))$"),
        _box("loss", "loss", 6.13, 1.37, 0.86, 0.24, rf"$\lambda\,\mathrm{{KL}}({divergence})$"),
    ]
    place = {box["name"]: box for box in boxes}
    across = [
        ("prompt", "language model", 1.37),
        ("language model", "logits", _TOP),
        ("logits", "soft label", _TOP),
        ("language model", "hidden state", _BOTTOM),
        ("hidden state", "encoder", _BOTTOM),
        ("encoder", "posterior", _BOTTOM),
        ("posterior", "proportions", _BOTTOM),
        ("proportions", "topic words", _BOTTOM),
        ("topic words", "reconstruction", _BOTTOM),
    ]
    upright = [("soft label", "loss", 6.38), ("reconstruction", "loss", 6.38), ("posterior", "prior loss", 4.63)]
    badges = [("1", 2.7, _TOP + 0.17), ("2", 5.55, 1.37), ("3", 2.7, _BOTTOM + 0.17)]
    rows = [
        _element("group", "topic model", "topics", 3.66, 0.13, 2.99, 0.86, "neural topic model (ProdLDA)"),
        *boxes,
        *(_across(place[a], place[b], y) for a, b, y in across),
        *(_upright(place[a], place[b], x) for a, b, x in upright),
        *(_element("badge", text, "", x, y, 0.17, 0.17, text) for text, x, y in badges),
    ]
    return pd.DataFrame(rows)


def _element(
    element: str, name: str, kind: str, x: float, y: float, width: float, height: float, text: str
) -> dict[str, Any]:
    place = {"x": x, "y": y, "width": width, "height": height}
    return {"element": element, "name": name, "kind": kind, **place, "text": text}


def _box(name: str, kind: str, centre_x: float, centre_y: float, width: float, height: float, text: str) -> dict:
    x, y = round(centre_x - width / 2, 3), round(centre_y - height / 2, 3)
    return _element("box", name, kind, x, y, width, height, text)


def _across(tail: dict, head: dict, y: float) -> dict:
    x = round(tail["x"] + tail["width"], 3)
    return _element("arrow", f"{tail['name']} → {head['name']}", "", x, y, round(head["x"] - x, 3), 0, "")


def _upright(tail: dict, head: dict, x: float) -> dict:
    down = tail["y"] > head["y"]
    start = tail["y"] + (0 if down else tail["height"])
    length = round(head["y"] + (head["height"] if down else 0) - start, 3)
    return _element("arrow", f"{tail['name']} → {head['name']}", "", x, round(start, 3), 0, length, "")


def draw(elements: pd.DataFrame) -> Figure:
    """One picture over both columns."""
    drawn = {"group": _draw_group, "box": _draw_box, "arrow": _draw_arrow, "badge": _draw_badge}
    with style.applied():
        figure = Figure(figsize=(WIDTH, HEIGHT))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
        axes.set_axis_off()
        for row in elements.to_dict("records"):
            drawn[row["element"]](axes, row)
    return figure


def _outline(axes: Axes, row: dict, rounding: float, **properties: Any) -> None:
    shape = f"round,pad=0,rounding_size={rounding}"
    axes.add_patch(FancyBboxPatch((row["x"], row["y"]), row["width"], row["height"], boxstyle=shape, **properties))


def _draw_group(axes: Axes, row: dict) -> None:
    _outline(axes, row, 0.06, facecolor="#f6f9f8", edgecolor="#aaaaaa", linewidth=0.6, linestyle=(0, (3, 2)))
    axes.text(row["x"] + row["width"] / 2, row["y"] + 0.06, row["text"], ha="center", va="bottom", fontsize=7.5)


def _draw_box(axes: Axes, row: dict) -> None:
    _outline(axes, row, 0.05, facecolor=_FILL[row["kind"]], edgecolor=_EDGE[row["kind"]], linewidth=0.8)
    left = row["name"] == "prompt"
    x = row["x"] + (0.07 if left else row["width"] / 2)
    y = row["y"] + row["height"] / 2
    axes.text(x, y, row["text"], ha="left" if left else "center", va="center", gid=row["name"], linespacing=1.15)


def _draw_arrow(axes: Axes, row: dict) -> None:
    ends = (row["x"], row["y"]), (row["x"] + row["width"], row["y"] + row["height"])
    line: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 6, "linewidth": 0.8, "color": "#333333"}
    axes.add_patch(FancyArrowPatch(*ends, **line, shrinkA=0, shrinkB=0))


def _draw_badge(axes: Axes, row: dict) -> None:
    axes.add_patch(Circle((row["x"], row["y"]), row["width"] / 2, facecolor="#333333", edgecolor="none"))
    axes.text(row["x"], row["y"] - 0.005, row["text"], ha="center", va="center", color="white", fontsize=7.5)
