import numpy as np
import pytest
from figures_support import METHODS, configuration, scores
from matplotlib.colors import to_hex
from scipy import stats

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.contract import METRICS
from topicbench.views import figure5, style


def made_up(config):
    rng = np.random.default_rng(0)
    return scores(config, "vocabulary", lambda run, metric: METHODS.index(run.variant.method) / 10 + rng.normal() / 50)


@pytest.fixture(scope="module")
def config():
    return configuration()


@pytest.fixture(scope="module")
def frame(config):
    return made_up(config)


@pytest.fixture(scope="module")
def data(config, frame):
    return figure5.data(config, frame)


@pytest.fixture(scope="module")
def figure(config, data):
    return figure5.draw(data, config)


def test_points_are_means_and_standard_errors_over_k_and_seeds(frame, data):
    assert len(data) == 4 * len(METHODS) * 3
    assert data["corpus"].unique().tolist() == ["20newsgroups"]
    assert data["vocabulary_size"].unique().tolist() == [500, 1000, 2000]
    keys = ["metric", "method", "variant", "vocabulary_size"]
    for key, values in frame.groupby(keys)["value"]:
        row = data.set_index(keys).loc[key]
        assert row["n"] == len(values) == 6
        assert row["mean"] == pytest.approx(values.mean())
        assert row["se"] == pytest.approx(stats.sem(values))


def test_one_language_model_is_ours_and_is_drawn_in_red_over_the_others(data, figure):
    assert data.loc[data["ours"], "title"].unique().tolist() == ["Small-0.1B"]
    for axes in figure.axes:
        labels = [container.get_label() for container in axes.containers]
        lines = {label: container.lines[0] for label, container in zip(labels, axes.containers, strict=True)}
        red = [label for label, line in lines.items() if to_hex(line.get_color()).upper() == style.RED]
        assert red == ["Small-0.1B (ours)"]
        assert max(lines, key=lambda label: lines[label].get_zorder()) == red[0]


def test_what_is_drawn_is_what_the_data_say(data, figure):
    axes = figure.axes
    assert [a.get_ylabel() for a in axes] == [METRICS[metric].latex for metric in data["metric"].unique()]
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
    config = configuration(num_topics=[10], seeds=[0])
    data = figure5.data(config, made_up(config))
    assert data["se"].isna().all()
    assert len(figure5.draw(data, config).axes) == 4


def test_without_a_judge_three_panels_and_a_note():
    config = configuration(judge=None)
    figure = figure5.draw(figure5.data(config, made_up(config)), config)
    assert [axes.get_ylabel() for axes in figure.axes if axes.axison] == [
        METRICS[metric].latex for metric in ("c_v", "i_rbo", "purity")
    ]
    assert METRICS["llm_rating"].title in figure.legends[0].get_title().get_text()


def test_missing_scores_are_named(config, frame):
    lost = (frame["method"] == "etm") & (frame["vocabulary_size"] == 500) & (frame["seed"] == 2)
    with pytest.raises(TopicbenchError, match=r"20newsgroups/v500/etm/default/K10/seed2, metric c_v"):
        figure5.data(config, frame[~lost])


def test_an_experiment_left_out_is_an_error(frame):
    with pytest.raises(TopicbenchError, match=r"experiments\.vocabulary"):
        figure5.data(configuration(experiments={}), frame)
