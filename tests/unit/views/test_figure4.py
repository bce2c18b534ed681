"""Figures 3 and 4: the curves over the temperature."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import synthetic
from tests.support.figures import about, filled
from topicbench.core.errors import TopicbenchError
from topicbench.views import figure4, style
from topicbench.views.figure3 import Figure3
from topicbench.views.figure4 import Figure4

PEAK = {"c_v": 4.0, "llm_rating": 0.5, "i_rbo": 2.0, "purity": 1.0}
TEMPERATURES = [
    synthetic.row("softlabel", f"smollm2-tau{tau:g}", f"τ = {tau:g}", "smollm2", role=f"{tau:g}")
    for tau in (3, 0.5, 1, 2, 4)
]


def made_up(**changes):
    """Scores that fall with the distance of the temperature to each metric's peak; K and seed add to zero."""

    def value(row):
        noise = {10: -0.1, 20: 0.1}[row.num_topics] + 0.01 * (row.seed - 1)
        return 0.5 - 0.05 * abs(float(row.role) - PEAK[row.metric]) + noise if row.metric in PEAK else 0.0

    return filled(synthetic.scores(about("temperature", **changes), TEMPERATURES), value)


def test_curves_are_means_over_k_and_seeds():
    data = Figure4().make(made_up()).data
    assert data["corpus"].unique().tolist() == ["stackoverflow", "20newsgroups"]
    curve = data[(data["corpus"] == "20newsgroups") & (data["metric"] == "c_v")]
    assert curve["temperature"].tolist() == [0.5, 1, 2, 3, 4]
    np.testing.assert_allclose(curve["mean"], [0.325, 0.35, 0.4, 0.45, 0.5])
    np.testing.assert_allclose(curve["normalised"], np.array([0, 0.025, 0.075, 0.125, 0.175]) / 0.175)
    noise = [a + b for a in (-0.1, 0.1) for b in (-0.01, 0, 0.01)]
    np.testing.assert_allclose(curve["sd"], np.std(noise, ddof=1))
    assert (curve["n"] == 6).all()
    assert curve["configured"].tolist() == [False, False, False, True, False]


def test_the_order_of_the_scores_does_not_matter_within_a_corpus():
    given_scores = made_up()
    shuffled = given_scores.rows.sample(frac=1, random_state=0).sort_values("corpus", ascending=False, kind="stable")
    data = figure4.curves(synthetic.with_rows(given_scores, shuffled))
    assert figure4.curves(given_scores).equals(data)


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
    scores = made_up()
    everything, one = Figure4().make(scores).data, Figure3().make(scores).data
    assert one.equals(everything[everything["corpus"] == "20newsgroups"].reset_index(drop=True))
    others = {"b": {"title": "B", "labelled": True}, "c": {"title": "C", "labelled": True}}
    assert set(Figure3().make(made_up(corpora=others)).data["corpus"]) == {"b"}


def test_what_is_drawn_is_what_the_data_say():
    drawing = Figure4().make(made_up())
    for axes, (_, panel) in zip(drawing.figure.axes, drawing.data.groupby("corpus", sort=False), strict=True):
        lines = [line for line in axes.lines if not line.get_label().startswith("_")]
        assert [line.get_label() for line in lines] == [synthetic.METRICS[metric].latex for metric in PEAK]
        for line, (_, curve) in zip(lines, panel.groupby("metric", sort=False), strict=True):
            np.testing.assert_array_equal(line.get_xdata(), curve["temperature"])
            np.testing.assert_array_equal(line.get_ydata(), curve["normalised"])


@pytest.mark.parametrize("view", [Figure3, Figure4])
def test_legend_lies_below_the_panels(view):
    figure = view().make(made_up()).figure
    with style.applied():
        figure.draw_without_rendering()
        legend = figure.legends[0].get_window_extent()
        assert all(legend.y1 <= axes.get_tightbbox().y0 for axes in figure.axes)
        assert figure.bbox.x0 <= legend.x0 < legend.x1 <= figure.bbox.x1


@pytest.mark.parametrize("view", [Figure3, Figure4])
def test_without_a_judge_the_rating_is_left_out_and_said_so(view):
    drawing = view().make(made_up(metrics=synthetic.uncomputed("llm_rating")))
    assert drawing.data["metric"].unique().tolist() == ["c_v", "i_rbo", "purity"]
    assert drawing.figure.legends[0].get_title().get_text() == "not available: LLM"


@pytest.mark.parametrize("view", [Figure3, Figure4])
def test_missing_scores_are_named(view):
    scores = made_up()
    lost = scores.rows.query(
        "corpus == '20newsgroups' and role == '2' and num_topics == 20 and seed == 1 and metric == 'i_rbo'"
    )
    with pytest.raises(TopicbenchError, match=r"20newsgroups/v2000/softlabel/smollm2-tau2/K20/seed1, metric i_rbo"):
        view().make(synthetic.with_rows(scores, scores.rows.drop(lost.index)))


@pytest.mark.parametrize("view", [Figure3, Figure4])
def test_captions_state_the_configuration(view):
    caption = view().make(made_up()).caption
    for stated in ("20NewsGroup", "SmolLM2-135M", "K = 10, 20", "3 seeds"):
        assert stated in caption
