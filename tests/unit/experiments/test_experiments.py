"""Runs, variants and experiments: what is run once, what is shared, what is asked of whom."""

import copy

import pytest

from topicbench.config.load import parse
from topicbench.core.errors import TopicbenchError
from topicbench.experiments.ablation import ablation_variants
from topicbench.experiments.backbones import variants as backbone_variants
from topicbench.experiments.contract import Experiment, experiments
from topicbench.experiments.runs import Fit, main_variants, soft_label_variant
from topicbench.experiments.temperature import temperature_variant
from topicbench.plan import jobs, paths
from topicbench.plan.jobs import Plan, fit_inputs

EVERYTHING = {
    "main": {},
    "ablation": {},
    "temperature": {"num_topics": [10]},
    "prompts": {"num_topics": [10]},
    "vocabulary": {"num_topics": [10], "sizes": [500, 1000]},
    "qualitative": {"classes": ["one"]},
    "protocol": {"num_topics": [10], "corpora": ["short"], "switches": ["encoder_text", "nll_target"]},
    "calibration": {"num_topics": [10]},
    "backbones": {"num_topics": [10]},
    "heldout": {"num_topics": [10], "corpora": ["short"], "share": 0.25, "split_seed": 3},
}
VALUES = {
    "num_topics": [10, 25],
    "seeds": [0, 1, 2],
    "vocabulary_size": 1000,
    "corpora": {"long": {"title": "Long", "path": "long.csv"}, "short": {"title": "Short", "path": "short.csv"}},
    "slms": {"first": {"title": "First", "folder": "first"}, "second": {"title": "Second", "folder": "second"}},
    "encoder": {"name": "encoder", "title": "Encoder", "folder": "encoder"},
    "word_vectors": {"glove": {"title": "GloVe", "path": "glove.txt"}},
    "methods": {
        **{name: {} for name in ("lda", "prodlda", "combinedtm", "zeroshottm", "bertopic")},
        "etm": {"word_vectors": "glove"},
        "ecrtm": {"num_epochs": 80, "word_vectors": "glove"},
        "fastopic": {"num_epochs": 80},
        "softlabel": {},
        "softlabel+": {},
    },
    "reference": {"name": "reference", "title": "Reference", "path": "reference.csv"},
    "judge": {"title": "Judge", "slm": "first"},
    "experiments": {**{name: {} for name in experiments()}, **EVERYTHING},
}


def plan_of(**changes):
    return Plan(parse({**copy.deepcopy(VALUES), **changes}))


@pytest.fixture(scope="module")
def plan():
    return plan_of()


def test_the_main_experiment_is_the_full_grid_with_the_controls_beside_it(plan):
    runs = plan.experiment_runs("main")
    config = plan.config
    rows = 8 + 2 * 2  # every baseline once, the two soft-label methods once per language model
    grid = len(config.corpora) * len(config.num_topics) * len(config.seeds)
    assert len(runs) == len(set(runs)) == grid * (rows + 3)
    assert [run.variant.is_control for run in runs] == [False] * grid * rows + [True] * grid * 3
    ours = main_variants(config)[8:]
    assert [variant.method for variant in ours] == ["softlabel", "softlabel", "softlabel+", "softlabel+"]
    assert [variant.title for variant in ours] == [*("First", "Second"), *("First, softlabel+", "Second, softlabel+")]
    assert {run.variant.group for run in runs} == {"baseline", "ours", "control"}


def test_runs_that_two_experiments_want_are_one(plan):
    main = set(plan.experiment_runs("main"))
    temperature = plan.experiment_runs("temperature")
    # τ = 3 is the model's default.
    assert {run.variant.name for run in temperature if run in main} == {"first"}
    assert {run.role for run in temperature if run in main} == {"3"}
    assert {run.variant.name for run in plan.experiment_runs("qualitative")} == {"default", "first", "second"}
    assert set(plan.experiment_runs("qualitative")) <= main
    assert {"first", "second"} <= {run.variant.name for run in plan.experiment_runs("ablation")}
    assert len(plan.runs) == len({paths.run_folder(run) for run in plan.runs})


def test_one_folder_never_stands_for_two_settings(plan):
    settings = {}
    for name in plan.experiments:
        for run in plan.experiment_runs(name):
            previous = settings.setdefault(paths.run_folder(run), dict(run.variant.settings))
            assert previous == dict(run.variant.settings)


def test_an_ablation_without_a_language_model_is_shared_by_all_of_them_and_a_row_of_each(plan):
    first, second = (ablation_variants(plan.config, slm) for slm in plan.config.slms)
    assert first["nll-bow-embeddings"] == second["nll-bow-embeddings"]
    assert first["nll-bow-embeddings"].slm is None
    assert first["nll"].name == "first-nll"
    assert second["nll"].name == "second-nll"
    assert list(first) == ["original", "nll", "nll-bow", "embeddings", "nll-bow-embeddings"]
    shared = [run for run in plan.experiment_runs("ablation") if run.role == "nll-bow-embeddings"]
    assert {run.block for run in shared} == {"first", "second"}
    assert len(shared) == 2 * len(set(shared))


def test_the_protocol_decides_what_the_nll_ablation_is():
    paper = ablation_variants(plan_of(protocol="paper").config, "first")["nll"].create()
    corrected = plan_of(protocol="corrected", experiments={"main": {}}).config
    corrected = ablation_variants(corrected, "first")["nll"].create()
    assert (paper.nll_weights, paper.loss_weight, paper.student_temperature) == ("raw_logits", 1.0, 1.0)
    assert (corrected.nll_weights, corrected.loss_weight, corrected.temperature) == ("softmax", 1000.0, 1.0)
    assert corrected.student_temperature == 1.0


def test_changes_that_change_nothing_are_no_variant(plan):
    config = plan.config
    assert temperature_variant(config, "first", 3.0) == soft_label_variant(config, "first")
    assert temperature_variant(config, "first", 0.5).name == "first-tau0.5"
    assert soft_label_variant(config, "first", prompt="prompt3").name == "first-prompt3"


def inputs(plan, run):
    return fit_inputs(plan.config, run.fit, [run.seed])


def test_the_encoder_sees_what_the_protocol_says():
    for protocol, path in (
        ("paper", "results/features/long/v1000/encoder/encoder.npy"),
        ("corrected", "results/features/long/encoder/encoder.npy"),
    ):
        plan = plan_of(protocol=protocol, experiments={"main": {}})
        run = next(run for run in plan.experiment_runs("main") if run.variant.method == "zeroshottm")
        assert inputs(plan, run)["embeddings"] == path


def test_another_vocabulary_needs_no_second_pass_of_the_language_model(plan):
    runs = plan.experiment_runs("vocabulary")
    hidden = {inputs(plan, run)["hidden_states"] for run in runs if run.variant.slm}
    assert hidden == {"results/features/long/slm/first/default/hidden.npy"}
    assert {(run.vocabulary_size, run.role) for run in runs} == {(500, "500"), (1000, "1000")}


def test_a_backbone_is_compared_with_its_soft_label_variants_under_its_own_settings(plan):
    runs = plan.experiment_runs("backbones")
    config = plan.config
    assert len(runs) == len(set(runs)) == len(config.corpora) * 3 * 3 * len(config.seeds)
    assert {run for run in runs if run.variant.slm is None} <= set(plan.experiment_runs("main"))
    assert {run.block for run in runs} == {"etm", "ecrtm", "fastopic"}
    found = backbone_variants(config, "first", "ecrtm")
    assert list(found) == ["plain", "own-input", "soft"]
    plain, own, soft = found.values()
    assert (plain.name, own.name, soft.name) == ("default", "first-own-input", "first")
    assert (own.title, soft.title) == ("ECRTM + soft labels, own input", "ECRTM + soft labels")
    assert soft.settings == plain.settings == config.methods["ecrtm"]
    assert own.settings == {**soft.settings, "input": "own"}
    assert set(fit_inputs(config, Fit("short", 1000, soft, 10), [0])) >= {"vocabulary_logits", "hidden_states"}
    assert "hidden_states" not in fit_inputs(config, Fit("short", 1000, own, 10), [0])


def test_a_listed_soft_label_variant_keeps_its_own_settings_and_shares_its_runs():
    config = plan_of(methods={**VALUES["methods"], "softfastopic": {"num_epochs": 7}}).config
    soft = backbone_variants(config, "first", "fastopic")["soft"]
    assert soft.settings == {"num_epochs": 7}
    assert soft in main_variants(config)


def test_settings_that_go_with_the_input_stay_with_the_backbone():
    scaled = {"num_epochs": 80, "normalise_embeddings": False}
    config = plan_of(methods={**VALUES["methods"], "fastopic": scaled}).config
    assert backbone_variants(config, "first", "fastopic")["soft"].settings == {"num_epochs": 80}


def test_documents_are_held_out_beside_runs_on_all_of_them(plan):
    runs = plan.experiment_runs("heldout")
    whole = [run for run in runs if run.role == "all"]
    parts = [run for run in runs if run.role == "heldout"]
    assert set(whole) <= set(plan.experiment_runs("main"))
    assert len(whole) == len(parts) == len(runs) / 2
    assert {run.corpus for run in runs} == {"short"}
    assert {run.variant.heldout for run in whole} == {None}
    assert {run.variant.heldout for run in parts} == {(0.25, 3)}
    assert {run.variant.name for run in parts} == {f"{run.variant.name}-heldout" for run in whole}
    assert [run.block for run in parts] == [
        f"{run.variant.method}/{run.variant.name.removesuffix('-heldout')}" for run in parts
    ]
    assert {paths.run_folder(run) for run in whole}.isdisjoint(paths.run_folder(run) for run in parts)


def test_a_run_that_several_protocols_share_is_fitted_once_and_stands_in_each(plan):
    runs = plan.experiment_runs("protocol")
    blocks = {run.block for run in runs}
    assert blocks == {"paper", "encoder_text", "nll_target", "corrected"}
    lda = [run for run in runs if run.role == "lda/default"]
    assert {run.block for run in lda} == blocks
    assert len(set(lda)) == len(plan.config.seeds)
    assert {run.block for run in runs if run.role == "nll"} == {"paper", "corrected"}


def test_topics_of_held_out_documents_are_not_rated(plan):
    assert plan.ratings("heldout") == []
    assert plan.ratings("backbones") == ["results/ratings/backbones.parquet"]


def test_what_metrics_need_is_an_input_of_scoring(plan, monkeypatch):
    wildcards = {"corpus": "long", "size": "1000", "method": "lda", "variant": "default"}
    assert set(plan.score_inputs(wildcards)) == {"runs", "gensim_counts", "boolean_counts", "second_counts"}
    assert plan.score_settings == {"counting": "gensim"}
    monkeypatch.setattr(jobs, "all_needs", lambda: {"counts", "encoder", "language_models", "word_vectors"})
    found = plan.score_inputs(wildcards)
    assert set(found) == {"runs", "gensim_counts", "language_models", "word_vectors", "vocabulary"}
    assert found["word_vectors"] == [paths.WORD_VECTORS.format(corpus="long", size=1000, vectors="glove")]
    assert found["language_models"] == [paths.LANGUAGE_MODEL.format(slm=slm) for slm in ("first", "second")]
    assert plan.score_settings["encoder"]["folder"] == "encoder"
    assert plan.context()["language_models"] == "First, Second"


def test_fits_group_seeds(plan):
    assert sum(len(seeds) for _, seeds in plan.fits.values()) == len(plan.runs)
    assert {seeds for _, seeds in plan.fits.values()} == {(0, 1, 2), (0,)} - {(0,)}


def test_an_experiment_left_out_has_no_runs_and_its_table_says_so():
    plan = plan_of(experiments={"main": {}})
    assert list(plan.experiments) == ["main"]
    assert "results/table3.tex" not in plan.outputs(pdflatex=False)
    assert plan.lacks(plan.known_views["table3"]) == "the configuration leaves out experiment 'ablation'"
    with pytest.raises(TopicbenchError, match="the configuration leaves out experiment 'ablation'"):
        plan.view_inputs(plan.known_views["table3"])
    with pytest.raises(TopicbenchError, match="no experiment of the configuration asks for this run"):
        plan.fit({"corpus": "x", "size": "1000", "method": "lda", "variant": "default", "topics": "20"})


def test_k_of_the_qualitative_table():
    grid = {"num_topics": [25, 50, 75, 100], "vocabulary_size": 2000}
    assert plan_of(**grid).experiments["qualitative"].num_topics == 50
    only = plan_of(num_topics=[7])
    assert {run.num_topics for run in only.experiment_runs("qualitative")} == {7}


def test_no_control_is_run_where_none_is_wanted_or_labels_are_missing():
    assert not any(run.variant.is_control for run in plan_of(controls=[]).runs)
    unlabelled = copy.deepcopy(VALUES["corpora"])
    unlabelled["long"]["label_column"] = None
    runs = plan_of(corpora=unlabelled, experiments={"main": {}}).runs
    controls = {corpus: {run.variant.method for run in runs if run.corpus == corpus} for corpus in unlabelled}
    assert controls["short"] - controls["long"] == {"label-oracle"}


@pytest.mark.parametrize("name", experiments())
def test_an_experiment_obeys_the_contract(plan, name):
    experiment = experiments()[name]
    assert isinstance(experiment, Experiment)
    assert experiment.summary.endswith(".")
    section = plan.experiments[name]
    assert not [key for key, value in section if value is None and (name, key) != ("heldout", "slm")]
    runs = plan.experiment_runs(name)
    assert runs
    assert {run.corpus for run in runs} <= set(plan.config.corpora)
    rows = [(run, run.block, run.role) for run in runs]
    assert len(rows) == len(set(rows))
    assert experiment.runs(plan.config, section) == experiment.runs(plan.config, section)
    about = plan.about(name)
    assert about["experiment"] == name
    assert {run.seed for run in runs} == set(about["seeds"])
    assert {run.num_topics for run in runs} == set(about["num_topics"])
