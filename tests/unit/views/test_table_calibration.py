"""results/calibration: plain soft labels against each correction."""

import pytest
from table_scores import configuration, scores

from topicbench.experiments.all import calibration_variants, experiment_runs
from topicbench.views import calibration

METHODS = {"lda": {}, "softlabel": {"num_epochs": 7}, "softlabel+": {"num_epochs": 7}}


@pytest.fixture(scope="module")
def config():
    return configuration(methods=METHODS, experiments={"main": {}, "calibration": {}})


def test_each_correction_alone_and_all_together(config):
    variants = calibration_variants(config, "ernie")
    settings = {name: dict(variant.settings) for name, variant in variants.items()}
    assert settings == {
        "plain": {"num_epochs": 7},
        "centred": {"num_epochs": 7, "centre": True},
        "standardised": {"num_epochs": 7, "standardise": True},
        "forms": {"num_epochs": 7, "surface_forms": True},
        "perplexity": {"num_epochs": 7, "target_perplexity": 0.85},
        "softlabel+": {"num_epochs": 7},
        "softlabel+forms": {"num_epochs": 7, "surface_forms": True},
    }
    assert len({(variant.method, variant.name) for variant in variants.values()}) == len(variants)


def test_plain_and_calibrated_runs_are_those_of_the_main_experiment(config):
    main, shared = experiment_runs(config, "main"), experiment_runs(config, "calibration")
    assert [run for run in main if run.variant.slm] == [run for run in main if run in shared]


def test_the_plain_model_is_a_level_and_corrections_are_differences(config):
    frame = scores(
        config, "calibration", shifts={("softlabel", "smollm2-centred"): 0.2, ("softlabel+", "smollm2"): -0.2}
    )
    table = calibration.make(config, frame)
    assert [section.title for section in table.sections] == ["SmolLM2-135M", "", "ERNIE-4.5-0.3B", ""]
    rows = table.sections[1].rows
    assert [row[0].text for row in rows] == [
        *("Plain", "Centred logits", "Standardised states", "Surface forms", "τ by perplexity"),
        *("softlabel+", "softlabel+ with surface forms"),
    ]
    assert [rows[number][1].mark for number in (0, 1, 5)] == ["", "better", "worse"]
    assert rows[5][1].record["method"] == "softlabel+"
    assert "perplexity is 0.85 of the vocabulary" in table.caption
