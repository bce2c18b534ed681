import numpy as np
import pytest
from figures_support import configuration, scores
from matplotlib.backends.backend_agg import FigureCanvasAgg

from topicbench.core.errors import TopicbenchError
from topicbench.experiments.runs import main_variants
from topicbench.metrics.contract import METRICS
from topicbench.statistics.ranks import nemenyi
from topicbench.views import critical_difference as figure_ranks
from topicbench.views import style


def made_up(config, noise=0.0):
    """Each variant better than the one before it in every block, but for ``noise``."""
    rng = np.random.default_rng(0)
    order = [(variant.method, variant.name) for variant in main_variants(config)]

    def value(run, metric):
        return order.index((run.variant.method, run.variant.name)) / 10 + noise * rng.normal()

    return scores(config, "main", value)


def test_ranks_of_a_clear_order():
    config = configuration()
    data = figure_ranks.data(config, made_up(config))
    methods = data[(data["metric"] == "c_v") & (data["kind"] == "method")]
    assert methods["label"].tolist() == [variant.title for variant in reversed(main_variants(config))]
    assert methods["rank"].tolist() == list(range(1, 11))
    assert methods.loc[methods["ours"], "label"].tolist() == ["Large-8B", "Small-0.1B"]
    # Two corpora, two K.
    assert (data["n_blocks"] == 4).all()
    assert (data["k"] == 10).all()
    np.testing.assert_allclose(data["cd"], nemenyi(10, 4))


def test_cliques_span_at_most_the_critical_difference():
    config = configuration(num_topics=[10, 20, 30, 40, 50])
    data = figure_ranks.data(config, made_up(config, 0.3))
    cliques = data[data["kind"] == "clique"]
    assert len(cliques)
    assert (cliques["to"] - cliques["rank"] <= cliques["cd"]).all()


@pytest.mark.parametrize("changes", [{}, {"judge": None}, {"methods": {"lda": {}, "etm": {"word_vectors": "vectors"}}}])
@pytest.mark.parametrize("blocks", [[10], list(range(10, 20))])
def test_no_label_leaves_the_figure_or_touches_another(changes, blocks):
    config = configuration(num_topics=blocks, seeds=[0], **changes)
    data = figure_ranks.data(config, made_up(config, 0.3))
    figure = figure_ranks.draw(data, config)
    with style.applied():
        renderer = FigureCanvasAgg(figure).get_renderer()
        extents = [text.get_window_extent(renderer) for axes in figure.axes for text in axes.texts]
    for place, extent in enumerate(extents):
        assert figure.bbox.x0 <= extent.x0
        assert extent.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= extent.y0
        assert extent.y1 <= figure.bbox.y1
        assert not any(extent.overlaps(other) for other in extents[:place])


def test_long_labels_get_a_row_of_their_own():
    slms = {"small": {"title": "A language model with a very long name", "folder": "a"}}
    config = configuration(slms=slms, judge=None)
    figure = figure_ranks.draw(figure_ranks.data(config, made_up(config)), config)
    assert len({round(axes.get_position().x0, 6) for axes in figure.axes}) == 1


def test_verticals_stand_at_the_mean_ranks():
    config = configuration()
    data = figure_ranks.data(config, made_up(config, 0.3))
    for axes, (_, rows) in zip(figure_ranks.draw(data, config).axes, data.groupby("metric", sort=False), strict=True):
        elbows = sorted(line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 3)
        assert elbows == sorted(rows.loc[rows["kind"] == "method", "rank"])
        bars = sorted(tuple(line.get_xdata()) for line in axes.lines if line.get_linewidth() > 2)
        assert bars == sorted(rows.loc[rows["kind"] == "clique", ["rank", "to"]].itertuples(index=False, name=None))


def test_without_a_judge_the_rating_is_left_out():
    config = configuration(judge=None)
    data = figure_ranks.data(config, made_up(config))
    assert data["metric"].unique().tolist() == ["c_v", "i_rbo", "purity"]
    assert METRICS["llm_rating"].title in figure_ranks.caption(data, config)


def test_missing_scores_are_named():
    config = configuration()
    frame = made_up(config)
    with pytest.raises(TopicbenchError, match=r"stackoverflow/v2000/ecrtm/default/K10/seed0, metric c_v"):
        figure_ranks.data(config, frame[frame["method"] != "ecrtm"])


def test_an_experiment_left_out_is_an_error():
    with pytest.raises(TopicbenchError, match=r"experiments\.main"):
        figure_ranks.data(configuration(experiments={"main": None}), made_up(configuration()))
