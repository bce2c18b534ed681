import itertools

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from tests.support.figures import about, methods
from topicbench.views import figure2, style
from topicbench.views.contract import Scores


def drawn(**changes):
    return figure2.Figure2().make(Scores(about(**changes)))


def boxes_of(data):
    return data[data["element"] == "box"].set_index("name")


@pytest.mark.parametrize(
    "instruction",
    [
        "Name it.",
        about().prompts["default"],
        "Read the following document in full, identify its principal theme, and output a one-word label that best "
        "conveys that unifying concept; price it in $ if $ apply, and then say nothing more at all about the document.",
    ],
)
def test_every_text_fits_its_box(instruction):
    drawing = drawn(prompts={"default": instruction})
    boxes, figure = boxes_of(drawing.data), drawing.figure
    with style.applied():
        renderer = FigureCanvasAgg(figure).get_renderer()
        texts = [text for text in figure.axes[0].texts if text.get_gid()]
        assert {text.get_gid() for text in texts} == set(boxes.index)
        for text in texts:
            extent = text.get_window_extent(renderer).transformed(figure.axes[0].transData.inverted())
            box = boxes.loc[text.get_gid()]
            assert box.x <= extent.x0 < extent.x1 <= box.x + box.width, text.get_text()
            assert box.y <= extent.y0 < extent.y1 <= box.y + box.height, text.get_text()


def test_no_box_overlaps_another_and_all_lie_inside():
    boxes = boxes_of(drawn().data)
    for (_, a), (_, b) in itertools.combinations(boxes.iterrows(), 2):
        apart = a.x + a.width < b.x or b.x + b.width < a.x or a.y + a.height < b.y or b.y + b.height < a.y
        assert apart, (a, b)
    assert (boxes.x > 0).all()
    assert (boxes.y > 0).all()
    assert (boxes.x + boxes.width < figure2.WIDTH).all()
    assert (boxes.y + boxes.height < figure2.HEIGHT).all()


def test_arrows_join_edges_of_the_boxes_they_name_and_cross_none():
    data = drawn().data
    boxes = boxes_of(data)
    for arrow in data[data["element"] == "arrow"].itertuples():
        tail, head = arrow.name.split(" → ")
        ends = ((arrow.x, arrow.y), (arrow.x + arrow.width, arrow.y + arrow.height))
        for name, (x, y) in zip((tail, head), ends, strict=True):
            box = boxes.loc[name]
            assert box.x - 1e-6 <= x <= box.x + box.width + 1e-6
            assert box.y - 1e-6 <= y <= box.y + box.height + 1e-6
        x, y = (ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2
        inside = (boxes.x < x) & (x < boxes.x + boxes.width) & (boxes.y < y) & (y < boxes.y + boxes.height)
        assert not inside.any(), arrow.name


@pytest.mark.parametrize(("direction", "formula"), [("target_model", r"y\,\Vert\,p"), ("model_target", r"p\,\Vert\,y")])
def test_divergence_is_the_configured_one(direction, formula):
    drawing = drawn(methods=methods(kl_direction=direction))
    assert formula in boxes_of(drawing.data).loc["loss", "text"]


def test_works_without_the_method():
    assert len(drawn(methods=methods(["lda"])).figure.axes) == 1
