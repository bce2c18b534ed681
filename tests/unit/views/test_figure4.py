"""Figures 3 and 4: the curves over the temperature."""

import numpy as np
import pytest
from figures_support import configuration, scores
from hypothesis import given
from hypothesis import strategies as st

from topicbench.core.errors import TopicbenchError
from topicbench.experiments.all import temperature_variant
from topicbench.metrics.contract import METRICS
from topicbench.views import figure3, figure4, style

UNJUDGED = {"judge": None}
PEAK = {"c_v": 4.0, "llm_rating": 0.5, "i_rbo": 2.0, "purity": 1.0}


def made_up(config):
    """Scores that fall with the distance of the temperature to each metric's peak; K and seed add to zero."""
    taus = {temperature_variant(config, "small", t).name: t for t in config.experiments.temperature.temperatures}

    def value(run, metric):
        noise = {10: -0.1, 20: 0.1}[run.num_topics] + 0.01 * (run.seed - 1)
        return 0.5 - 0.05 * abs(taus[run.variant.name] - PEAK[metric]) + noise

    return scores(config, "temperature", value)


def test_curves_are_means_over_k_and_seeds():
    config = configuration()
    data = figure4.data(config, made_up(config))
    assert data["corpus"].unique().tolist() == ["stackoverflow", "20newsgroups"]
    curve = data[(data["corpus"] == "20newsgroups") & (data["metric"] == "c_v")]
    assert curve["temperature"].tolist() == [0.5, 1, 2, 3, 4]
    np.testing.assert_allclose(curve["mean"], [0.325, 0.35, 0.4, 0.45, 0.5])
    np.testing.assert_allclose(curve["normalised"], np.array([0, 0.025, 0.075, 0.125, 0.175]) / 0.175)
    noise = [a + b for a in (-0.1, 0.1) for b in (-0.01, 0, 0.01)]
    np.testing.assert_allclose(curve["sd"], np.std(noise, ddof=1))
    assert (curve["n"] == 6).all()
    assert curve["configured"].tolist() == [False, False, False, True, False]


def test_the_order_of_the_scores_does_not_matter():
    config = configuration()
    frame = made_up(config)
    shuffled = frame.sample(frac=1, random_state=0)
    assert figure4.data(config, frame).equals(figure4.data(config, shuffled))


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12))
def test_normalised_is_monotone_between_zero_and_one(values):
    scaled = figure4.normalised(np.array(values))
    assert np.isfinite(scaled).all()
    if np.ptp(scaled):
        assert scaled.min() == 0
        assert scaled.max() == 1
        assert (np.diff(scaled[np.argsort(values, kind="stable")]) >= 0).all()
    else:
        assert (scaled == 0.5).all()


@given(st.floats(-1e3, 1e3), st.integers(1, 12))
def test_a_constant_metric_lies_at_one_half(value, count):
    assert (figure4.normalised(np.full(count, value)) == 0.5).all()
    # As means of equal numbers come out.
    assert (figure4.normalised(np.array([0.1 + 0.2, 0.3])) == 0.5).all()


def test_figure_3_is_figure_4s_panel_of_20newsgroups_or_else_the_first():
    config = configuration()
    everything = figure4.data(config, made_up(config))
    one = figure3.data(config, made_up(config))
    assert one.equals(everything[everything["corpus"] == "20newsgroups"].reset_index(drop=True))
    assert figure3.corpus(configuration(corpora={"b": {"title": "B", "path": "b"}})) == "b"


def test_what_is_drawn_is_what_the_data_say():
    config = configuration()
    data = figure4.data(config, made_up(config))
    figure = figure4.draw(data, config)
    for axes, (_, panel) in zip(figure.axes, data.groupby("corpus", sort=False), strict=True):
        lines = [line for line in axes.lines if not line.get_label().startswith("_")]
        assert [line.get_label() for line in lines] == [METRICS[metric].latex for metric in PEAK]
        for line, (_, curve) in zip(lines, panel.groupby("metric", sort=False), strict=True):
            np.testing.assert_array_equal(line.get_xdata(), curve["temperature"])
            np.testing.assert_array_equal(line.get_ydata(), curve["normalised"])


@pytest.mark.parametrize("module", [figure3, figure4])
def test_legend_lies_below_the_panels(module):
    config = configuration()
    figure = module.draw(module.data(config, made_up(config)), config)
    with style.applied():
        figure.draw_without_rendering()
        legend = figure.legends[0].get_window_extent()
        assert all(legend.y1 <= axes.get_tightbbox().y0 for axes in figure.axes)
        assert figure.bbox.x0 <= legend.x0 < legend.x1 <= figure.bbox.x1


def test_without_a_judge_the_rating_is_left_out_and_said_so():
    config = configuration(**UNJUDGED)
    data = figure4.data(config, made_up(config))
    assert data["metric"].unique().tolist() == ["c_v", "i_rbo", "purity"]
    for module in (figure3, figure4):
        legend = module.draw(module.data(config, made_up(config)), config).legends[0]
        assert legend.get_title().get_text() == f"not available: {METRICS['llm_rating'].title}"


def test_missing_scores_are_named():
    config = configuration()
    frame = made_up(config)
    with pytest.raises(TopicbenchError, match=r"20newsgroups/v2000/softlabel/small-tau2/K20/seed1, metric i_rbo"):
        figure4.data(
            config,
            frame[
                ~frame["corpus"].eq("20newsgroups")
                | ~frame["variant"].eq("small-tau2")
                | ~frame["num_topics"].eq(20)
                | ~frame["seed"].eq(1)
                | ~frame["metric"].eq("i_rbo")
            ],
        )


@pytest.mark.parametrize("module", [figure3, figure4])
def test_an_experiment_left_out_is_an_error(module):
    config = configuration(experiments={})
    with pytest.raises(TopicbenchError, match=r"experiments\.temperature"):
        module.data(config, made_up(configuration()))


def test_captions_state_the_configuration():
    config = configuration()
    data = figure3.data(config, made_up(config))
    for stated in ("20NewsGroup", "Small-0.1B", "K = 10, 20", "3 seeds"):
        assert stated in figure3.caption(data, config)
