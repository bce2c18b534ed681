"""The table of soft labels on other backbones."""

import numpy as np
import pytest
from scipy import stats

from tests.support.synthetic import about, scores
from topicbench.views.contract import views

ONE = {"20newsgroups": {"title": "20NewsGroup", "labelled": True}}
SHIFTS = {("softetm", "ernie"): 0.2, ("softetm", "ernie-own-input"): 0.001, ("softfastopic", "ernie"): -0.2}


@pytest.fixture(scope="module")
def shown():
    given = scores(about("backbones", corpora=ONE), shifts=SHIFTS)
    return given.rows, views()["backbones"].make(given)


def test_each_backbone_is_a_block_of_itself_its_target_and_its_input(shown):
    _, table = shown
    assert [section.title for section in table.sections] == ["Backbone: ETM", "", "Backbone: FASTopic", ""]
    assert [row[0].text for row in table.sections[1].rows] == [
        *("ETM", "ETM + soft labels, own input", "ETM + soft labels")
    ]
    assert [(group.text, group.span) for group in table.groups] == [("20NewsGroup", 5)]
    assert table.caption.startswith("Soft labels of ERNIE-4.5-0.3B on other backbones.")


def test_differences_are_from_the_backbone_and_marked_after_welch(shown):
    frame, table = shown

    def values(method, variant):
        chosen = (frame["method"] == method) & (frame["variant"] == variant) & (frame["metric"] == "purity")
        return frame.loc[chosen, "value"].to_numpy()

    plain = values("etm", "default")
    for row, variant in zip(table.sections[1].rows[1:], ("ernie-own-input", "ernie"), strict=True):
        cell, soft = row[4], values("softetm", variant)
        assert cell.record["difference"] == pytest.approx(soft.mean() - plain.mean())
        p = stats.ttest_ind(soft, plain, equal_var=False).pvalue
        assert cell.record["p"] == pytest.approx(p)
        assert (cell.mark == "better") == (p < 0.05)
    assert table.sections[1].rows[2][4].mark == "better"
    assert table.sections[3].rows[2][4].mark == "worse"
    assert np.mean(plain) == pytest.approx(table.sections[1].rows[0][4].record["mean"])
