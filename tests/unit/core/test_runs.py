"""Runs, variants and experiments: what is run once, what is shared, what is asked of whom."""

import pytest

from tests.support import configurations as support
from topicbench.config.load import parse
from topicbench.core.errors import TopicbenchError
from topicbench.experiments.all import (
    EXPERIMENTS,
    ablation_variants,
    all_runs,
    backbone_variants,
    experiment_runs,
    fits,
    qualitative_num_topics,
    temperature_variant,
)
from topicbench.experiments.runs import Fit, fit_inputs, main_variants, soft_label_variant
from topicbench.plan.targets import Plan

EVERYTHING = {
    "main": {},
    "ablation": {},
    "temperature": {"num_topics": [10]},
    "prompts": {"num_topics": [10]},
    "vocabulary": {"num_topics": [10], "sizes": [500, 1000]},
    "qualitative": {"classes": ["sci.space"]},
    "backbones": {"num_topics": [10]},
    "heldout": {"num_topics": [10], "corpora": ["stackoverflow"], "share": 0.25, "split_seed": 3},
}


def configuration(**changes):
    values = support.values()
    values["experiments"] = EVERYTHING
    values["slms"]["second"] = {**values["slms"]["smollm2"], "title": "Second"}
    return parse({**values, **changes})


@pytest.fixture(scope="module")
def config():
    return configuration()


def test_the_main_experiment_is_the_full_grid(config):
    runs = experiment_runs(config, "main")
    rows = 8 + 2 * 2  # every baseline once, the two soft-label methods once per language model
    assert len(runs) == len(set(runs)) == len(config.corpora) * rows * len(config.num_topics) * len(config.seeds)
    ours = main_variants(config)[8:]
    assert [variant.method for variant in ours] == ["softlabel", "softlabel", "softlabel+", "softlabel+"]
    assert [variant.title for variant in ours] == [
        *("SmolLM2-135M", "Second"),
        *("SmolLM2-135M, softlabel+", "Second, softlabel+"),
    ]


def test_runs_that_two_experiments_want_are_one(config):
    main = set(experiment_runs(config, "main"))
    temperature = experiment_runs(config, "temperature")
    # τ = 3 is the model's default.
    assert {run.variant.name for run in temperature if run in main} == {"smollm2"}
    assert {run.variant.name for run in experiment_runs(config, "qualitative")} == {"default", "smollm2", "second"}
    assert set(experiment_runs(config, "qualitative")) <= main
    assert {run.variant.name for run in experiment_runs(config, "ablation")} & {"smollm2", "second"} == {
        "smollm2",
        "second",
    }
    assert len(all_runs(config)) == len({run.folder for run in all_runs(config)})


def test_one_folder_never_stands_for_two_settings(config):
    settings = {}
    for name in EXPERIMENTS:
        for run in experiment_runs(config, name):
            previous = settings.setdefault(run.folder, dict(run.variant.settings))
            assert previous == dict(run.variant.settings)


def test_an_ablation_without_a_language_model_is_shared_by_all_of_them(config):
    first, second = (ablation_variants(config, slm) for slm in config.slms)
    assert first["nll-bow-embeddings"] == second["nll-bow-embeddings"]
    assert first["nll-bow-embeddings"].slm is None
    assert first["nll"].name == "smollm2-nll"
    assert second["nll"].name == "second-nll"
    assert list(first) == ["original", "nll", "nll-bow", "embeddings", "nll-bow-embeddings"]


def test_the_protocol_decides_what_the_nll_ablation_is():
    paper = ablation_variants(configuration(protocol="paper"), "smollm2")["nll"].create()
    corrected = ablation_variants(configuration(protocol="corrected"), "smollm2")["nll"].create()
    assert (paper.nll_weights, paper.loss_weight, paper.student_temperature) == ("raw_logits", 1.0, 1.0)
    assert (corrected.nll_weights, corrected.loss_weight, corrected.temperature) == ("softmax", 1000.0, 1.0)
    assert corrected.student_temperature == 1.0


def test_changes_that_change_nothing_are_no_variant(config):
    assert temperature_variant(config, "smollm2", 3.0) == soft_label_variant(config, "smollm2")
    assert temperature_variant(config, "smollm2", 0.5).name == "smollm2-tau0.5"
    assert soft_label_variant(config, "smollm2", prompt="prompt3").name == "smollm2-prompt3"


def test_the_encoder_sees_what_the_protocol_says():
    for protocol, path in (
        ("paper", "results/features/20newsgroups/v1000/encoder/minilm.npy"),
        ("corrected", "results/features/20newsgroups/encoder/minilm.npy"),
    ):
        config = configuration(protocol=protocol)
        fit = next(run.fit for run in experiment_runs(config, "main") if run.variant.method == "zeroshottm")
        assert fit_inputs(config, fit)["embeddings"] == path


def test_another_vocabulary_needs_no_second_pass_of_the_language_model(config):
    hidden = {
        fit_inputs(config, run.fit)["hidden_states"] for run in experiment_runs(config, "vocabulary") if run.variant.slm
    }
    assert hidden == {"results/features/20newsgroups/slm/smollm2/default/hidden.npy"}
    assert len({run.vocabulary_size for run in experiment_runs(config, "vocabulary")}) == 2


def test_a_backbone_is_compared_with_its_soft_label_variants_under_its_own_settings(config):
    runs = experiment_runs(config, "backbones")
    assert len(runs) == len(set(runs)) == len(config.corpora) * 3 * 3 * len(config.seeds)
    assert {run for run in runs if run.variant.slm is None} <= set(experiment_runs(config, "main"))
    plain, own, soft = backbone_variants(config, "smollm2", "ecrtm")
    assert (plain.name, own.name, soft.name) == ("default", "smollm2-own-input", "smollm2")
    assert (own.title, soft.title) == ("ECRTM + soft labels, own input", "ECRTM + soft labels")
    assert soft.settings == plain.settings == config.methods["ecrtm"]
    assert own.settings == {**soft.settings, "input": "own"}
    assert set(fit_inputs(config, Fit("stackoverflow", 1000, soft, 10))) >= {"vocabulary_logits", "hidden_states"}
    assert "hidden_states" not in fit_inputs(config, Fit("stackoverflow", 1000, own, 10))


def test_a_listed_soft_label_variant_keeps_its_own_settings_and_shares_its_runs():
    listed = configuration()
    listed.methods["softfastopic"] = {"num_epochs": 7}
    soft = backbone_variants(listed, "smollm2", "fastopic")[2]
    assert soft.settings == {"num_epochs": 7}
    assert soft in main_variants(listed)


def test_settings_that_go_with_the_input_stay_with_the_backbone():
    scaled = configuration()
    scaled.methods["fastopic"] = {"num_epochs": 80, "normalise_embeddings": False}
    assert backbone_variants(scaled, "smollm2", "fastopic")[2].settings == {"num_epochs": 80}


def test_documents_are_held_out_beside_runs_on_all_of_them(config):
    runs = experiment_runs(config, "heldout")
    whole = [run for run in runs if run.variant.heldout is None]
    parts = [run for run in runs if run.variant.heldout is not None]
    assert set(whole) <= set(experiment_runs(config, "main"))
    assert len(whole) == len(parts)
    assert {run.corpus for run in runs} == {"stackoverflow"}
    assert {run.variant.heldout for run in parts} == {(0.25, 3)}
    assert [run.variant.name for run in parts] == [f"{run.variant.name}-heldout" for run in whole]
    assert {run.fit.folder for run in whole}.isdisjoint(run.fit.folder for run in parts)


def test_topics_of_held_out_documents_are_not_rated(config):
    plan = Plan(config)
    assert plan.ratings("heldout") == []
    assert plan.ratings("backbones") == ["results/ratings/backbones.json"]


def test_fits_group_seeds(config):
    runs = experiment_runs(config, "main")
    grouped = fits(reversed(runs))
    assert sum(map(len, grouped.values())) == len(runs)
    assert set(map(tuple, grouped.values())) == {(0, 1, 2)}


def test_an_experiment_left_out_has_no_runs_and_its_table_says_so():
    plan = Plan(configuration(experiments={"main": {}}))
    assert plan.experiments == ["main", "controls"]
    assert "results/table3.tex" not in plan.outputs(pdflatex=False)
    with pytest.raises(TopicbenchError, match="results/table3: the configuration leaves out experiment 'ablation'"):
        plan.scores_of("ablation", "results/table3")
    with pytest.raises(TopicbenchError, match="no experiment of the configuration asks for this run"):
        plan.fit({"corpus": "x", "size": "1000", "method": "lda", "variant": "default", "topics": "20"})


def test_k_of_the_qualitative_table():
    assert qualitative_num_topics(configuration(num_topics=[25, 50, 75, 100], vocabulary_size=2000)) == 50
    assert qualitative_num_topics(configuration(num_topics=[7])) == 7


def test_scores_are_gathered_only_of_experiments_of_the_configuration(config):
    assert Plan(config).experiment_scores("controls")
    without = Plan(configuration(controls=[], experiments={"main": {}}))
    with pytest.raises(TopicbenchError, match="results/experiments/controls: the configuration has no controls"):
        without.experiment_scores("controls")
    with pytest.raises(TopicbenchError, match="the configuration leaves out experiment 'ablation'"):
        without.experiment_scores("ablation")
    assert not any(run.variant.is_control for run in without.runs)
