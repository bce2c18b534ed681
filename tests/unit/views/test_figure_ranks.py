import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from tests.support import synthetic
from tests.support.figures import about, filled, methods, rows
from topicbench.core.errors import TopicbenchError
from topicbench.statistics.ranks import nemenyi
from topicbench.views import style
from topicbench.views.figure_ranks import FigureRanks

ROWS = rows(slms=["smollm2", "ernie"])
UNJUDGED = {"metrics": synthetic.uncomputed("llm_rating")}


def made_up(noise=0.0, shown=ROWS, **changes):
    """Each row better than the one before it in every block, but for ``noise``."""
    rng = np.random.default_rng(0)
    order = [(row.method, row.variant) for row in ROWS]
    controls = [synthetic.row("random-topics", "default", "Random topics", group="control")]

    def value(row):
        return 0.0 if row.group == "control" else order.index((row.method, row.variant)) / 10 + noise * rng.normal()

    return filled(synthetic.scores(about("main", **changes), [*shown, *controls]), value)


def test_ranks_of_a_clear_order_without_the_controls():
    data = FigureRanks().make(made_up()).data
    ranked = data[(data["metric"] == "c_v") & (data["kind"] == "method")]
    assert ranked["label"].tolist() == [row.title for row in reversed(ROWS)]
    assert ranked["rank"].tolist() == list(range(1, 11))
    assert ranked.loc[ranked["ours"], "label"].tolist() == ["ERNIE-4.5-0.3B", "SmolLM2-135M"]
    # Two corpora, two K.
    assert (data["n_blocks"] == 4).all()
    assert (data["k"] == 10).all()
    np.testing.assert_allclose(data["cd"], nemenyi(10, 4))


def test_cliques_span_at_most_the_critical_difference():
    data = FigureRanks().make(made_up(0.3, num_topics=[10, 20, 30, 40, 50])).data
    cliques = data[data["kind"] == "clique"]
    assert len(cliques)
    assert (cliques["to"] - cliques["rank"] <= cliques["cd"]).all()


@pytest.mark.parametrize(
    "changes", [{}, UNJUDGED, {"shown": rows(["lda", "etm"], slms=[]), "methods": methods(["lda", "etm"])}]
)
@pytest.mark.parametrize("blocks", [[10], list(range(10, 20))])
def test_no_label_leaves_the_figure_or_touches_another(changes, blocks):
    figure = FigureRanks().make(made_up(0.3, num_topics=blocks, seeds=[0], **changes)).figure
    with style.applied():
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw_without_rendering()
        texts = [t for axes in figure.axes if axes.axison for t in (*axes.get_xticklabels(), *axes.get_children())]
        texts = {t for t in texts if isinstance(t, Text) and t.get_text()}
        extents = [text.get_window_extent(renderer) for text in texts]
        assert len(extents) > len(figure.axes)
    for place, extent in enumerate(extents):
        assert figure.bbox.x0 <= extent.x0
        assert extent.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= extent.y0
        assert extent.y1 <= figure.bbox.y1
        assert not any(extent.overlaps(other) for other in extents[:place])


def test_long_labels_get_a_row_of_their_own():
    long = [*ROWS[:8], synthetic.row("softlabel", "smollm2", "A language model with a very long name", "smollm2")]
    figure = FigureRanks().make(made_up(shown=long, **UNJUDGED)).figure
    assert len({round(axes.get_position().x0, 6) for axes in figure.axes}) == 1


def test_verticals_stand_at_the_mean_ranks():
    drawing = FigureRanks().make(made_up(0.3))
    for axes, (_, of_metric) in zip(drawing.figure.axes, drawing.data.groupby("metric", sort=False), strict=True):
        elbows = sorted(line.get_xdata()[-1] for line in axes.lines if len(line.get_xdata()) == 3)
        assert elbows == sorted(of_metric.loc[of_metric["kind"] == "method", "rank"])
        bars = sorted(tuple(line.get_xdata()) for line in axes.lines if line.get_linewidth() > 2)
        assert bars == sorted(
            of_metric.loc[of_metric["kind"] == "clique", ["rank", "to"]].itertuples(index=False, name=None)
        )


def test_without_a_judge_the_rating_is_left_out():
    drawing = FigureRanks().make(made_up(**UNJUDGED))
    assert drawing.data["metric"].unique().tolist() == ["c_v", "i_rbo", "purity"]
    assert "Not available: LLM." in drawing.caption


def test_missing_scores_are_named():
    scores = made_up()
    lost = scores.rows.query("method == 'ecrtm' and corpus == 'stackoverflow'")
    with pytest.raises(TopicbenchError, match=r"stackoverflow/v2000/ecrtm/default/K10/seed0, metric c_v"):
        FigureRanks().make(synthetic.with_rows(scores, scores.rows.drop(lost.index)))
