"""What captions and headings say of the judge."""

import pytest

from tests.support.synthetic import about
from topicbench.views.caption import judge, judge_mark


def judged(**changes):
    return about(judge={"title": "gpt-4o", "local": False, "tested": True, **changes})


@pytest.mark.parametrize(
    ("auc", "sign", "verdict"),
    [
        (0.69, "†", "0.69, below 0.7: the column marked † is not informative"),
        (0.70, "", "0.70, above the 0.7 from which a judge counts as informative"),
    ],
)
def test_a_judge_below_the_limit_is_marked(auc, sign, verdict):
    facts = judged(auc=auc, pairs=200)
    assert judge_mark(facts, "llm_rating") == sign
    assert judge_mark(facts, "c_v") == ""
    assert verdict in judge(facts)
    assert "200 coherent" in judge(facts)


@pytest.mark.parametrize("facts", [about(judge=None), about()])
def test_without_a_judge_or_a_test_of_it_nothing_is_said(facts):
    assert (judge_mark(facts, "llm_rating"), judge(facts)) == ("", "")


def test_a_judge_that_could_not_be_tested_is_marked():
    facts = judged(auc=None)
    assert judge_mark(facts, "llm_rating") == "†"
    assert "too small for control topics" in judge(facts)
