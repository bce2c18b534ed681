import numpy as np
import pytest
from matplotlib.colors import to_hex
from scipy import stats

from tests.support import synthetic
from tests.support.figures import METHODS, about, filled, rows
from topicbench.core.errors import TopicbenchError
from topicbench.views import style
from topicbench.views.figure5 import Figure5


def made_up(**changes):
    rng = np.random.default_rng(0)
    one = {"20newsgroups": {"title": "20NewsGroup", "labelled": True}}
    sized = synthetic.scores(about("vocabulary", corpora=one, **changes), rows())
    # The larger |V| first; as the workflow writes it, the role of a run is its |V|.
    sizes = sized.rows["vocabulary_size"].map({500: 2000, 1000: 500})
    sized = synthetic.with_rows(sized, sized.rows.assign(vocabulary_size=sizes, role=sizes.astype(str)))
    return filled(sized, lambda row: METHODS.index(row.method) / 10 + rng.normal() / 50)


@pytest.fixture(scope="module")
def scores():
    return made_up()


@pytest.fixture(scope="module")
def drawing(scores):
    return Figure5().make(scores)


@pytest.fixture(scope="module")
def data(drawing):
    return drawing.data


@pytest.fixture(scope="module")
def figure(drawing):
    return drawing.figure


def test_points_are_means_and_standard_errors_over_k_and_seeds(scores, data):
    assert len(data) == 4 * len(METHODS) * 2
    assert data["corpus"].unique().tolist() == ["20newsgroups"]
    assert data["vocabulary_size"].unique().tolist() == [500, 2000]
    keys = ["metric", "method", "variant", "vocabulary_size"]
    shown = scores.rows[scores.rows["metric"].isin(data["metric"])]
    for key, values in shown.groupby(keys)["value"]:
        row = data.set_index(keys).loc[key]
        assert row["n"] == len(values) == 6
        assert row["mean"] == pytest.approx(values.mean())
        assert row["se"] == pytest.approx(stats.sem(values))


def test_one_language_model_is_ours_and_is_drawn_in_red_over_the_others(data, figure):
    assert data.loc[data["ours"], "title"].unique().tolist() == ["SmolLM2-135M"]
    for axes in figure.axes:
        labels = [container.get_label() for container in axes.containers]
        lines = {label: container.lines[0] for label, container in zip(labels, axes.containers, strict=True)}
        red = [label for label, line in lines.items() if to_hex(line.get_color()).upper() == style.RED]
        assert red == ["SmolLM2-135M (ours)"]
        assert max(lines, key=lambda label: lines[label].get_zorder()) == red[0]


def test_what_is_drawn_is_what_the_data_say(data, figure):
    axes = figure.axes
    assert [a.get_ylabel() for a in axes] == [synthetic.METRICS[metric].latex for metric in data["metric"].unique()]
    for panel, (_, metric) in zip(axes, data.groupby("metric", sort=False), strict=True):
        for container, (_, points) in zip(
            panel.containers, metric.groupby(["method", "variant"], sort=False), strict=True
        ):
            np.testing.assert_array_equal(container.lines[0].get_xdata(), points["vocabulary_size"])
            np.testing.assert_array_equal(container.lines[0].get_ydata(), points["mean"])
            bars = np.array([segment[:, 1] for segment in container.lines[2][0].get_segments()])
            np.testing.assert_allclose(np.diff(bars)[:, 0] / 2, points["se"])


def test_legend_lies_below_the_panels_with_every_method_once(figure):
    with style.applied():
        figure.draw_without_rendering()
        legend = figure.legends[0].get_window_extent()
        assert all(legend.y1 <= axes.get_tightbbox().y0 for axes in figure.axes)
        assert figure.bbox.x0 <= legend.x0 < legend.x1 <= figure.bbox.x1
    assert len(figure.legends[0].get_texts()) == len(METHODS)


def test_a_single_run_has_no_standard_error_and_is_drawn():
    drawing = Figure5().make(made_up(num_topics=[10], seeds=[0]))
    assert drawing.data["se"].isna().all()
    assert len(drawing.figure.axes) == 4


def test_without_a_judge_three_panels_and_a_note():
    figure = Figure5().make(made_up(metrics=synthetic.uncomputed("llm_rating"))).figure
    assert [axes.get_ylabel() for axes in figure.axes if axes.axison] == ["$C_V$", "I-RBO", "Purity"]
    assert "LLM" in figure.legends[0].get_title().get_text()


def test_missing_scores_are_named(scores):
    lost = scores.rows.query("method == 'etm' and vocabulary_size == 500 and seed == 2")
    with pytest.raises(TopicbenchError, match=r"20newsgroups/v500/etm/default/K10/seed2, metric c_v"):
        Figure5().make(synthetic.with_rows(scores, scores.rows.drop(lost.index)))


def test_a_size_that_a_method_lacks_is_named(scores):
    lost = scores.rows.query("method == 'etm' and vocabulary_size == 500")
    with pytest.raises(TopicbenchError, match=r"20newsgroups/v500/etm/default/K10/seed0, metric c_v"):
        Figure5().make(synthetic.with_rows(scores, scores.rows.drop(lost.index)))


def test_the_caption_names_corpus_grid_and_ours(drawing):
    for stated in ("20NewsGroup", "K = 10, 20 and 3 seeds", "Ours with SmolLM2-135M in red"):
        assert stated in drawing.caption
