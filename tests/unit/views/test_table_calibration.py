"""results/calibration: plain soft labels against each correction."""

from tests.support.synthetic import about, scores
from topicbench.views.contract import views


def test_the_plain_model_is_a_level_and_corrections_are_differences():
    shifts = {("softlabel", "smollm2-centred"): 0.2, ("softlabel+", "smollm2"): -0.2}
    table = views()["calibration"].make(scores(about("calibration"), shifts=shifts))
    assert [section.title for section in table.sections] == ["SmolLM2-135M", "", "ERNIE-4.5-0.3B", ""]
    rows = table.sections[1].rows
    assert [row[0].text for row in rows] == [
        *("Plain", "Centred logits", "Standardised states", "Surface forms", "τ by perplexity"),
        *("softlabel+", "softlabel+ with surface forms"),
    ]
    assert [rows[number][1].mark for number in (0, 1, 5)] == ["", "better", "worse"]
    assert rows[5][1].record["method"] == "softlabel+"
    assert "perplexity is 0.85 of the vocabulary" in table.caption
