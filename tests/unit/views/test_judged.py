"""What captions and headings say of the judge."""

import json
from pathlib import Path

import pytest
import yaml

from topicbench.config.schema import Config
from topicbench.views.judged import judged, mark, worth

TINY = Path(__file__).parents[2] / "workflow/tiny.yaml"
VALUES = yaml.safe_load(TINY.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("auc", "sign", "verdict"),
    [
        (0.69, "†", "0.69, below 0.7: the column marked † is not informative"),
        (0.70, "", "0.70, above the 0.7 from which a judge counts as informative"),
    ],
)
def test_a_judge_below_the_limit_is_marked(tmp_path, auc, sign, verdict):
    file = tmp_path / "calibration.json"
    file.write_text(json.dumps({"auc": auc, "n": 200}))
    config = judged(VALUES, [file])
    assert mark(config, "llm_rating") == sign
    assert mark(config, "c_v") == ""
    assert verdict in worth(config)
    assert "200 coherent" in worth(config)


def test_without_a_judge_nothing_is_said():
    config = judged(VALUES, [])
    assert type(config) is Config
    assert (mark(config, "llm_rating"), worth(config)) == ("", "")


def test_a_judge_that_could_not_be_tested_is_marked(tmp_path):
    file = tmp_path / "calibration.json"
    file.write_text(json.dumps({"auc": None, "n": 0}))
    config = judged(VALUES, [file])
    assert mark(config, "llm_rating") == "†"
    assert "too small for control topics" in worth(config)
