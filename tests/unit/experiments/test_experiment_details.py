"""The runs of the experiments protocol and calibration, and what a second reference corpus must be."""

import pytest

from tests.support import configurations
from topicbench.config.checks import resolve
from topicbench.config.schema import Config
from topicbench.core.errors import TopicbenchError
from topicbench.core.protocol import SWITCHES
from topicbench.experiments import calibration, protocol
from topicbench.experiments.runs import protocol_of
from topicbench.plan.jobs import Plan, fit_inputs

OURS = "softlabel/smollm2"
CORPORA = {"stackoverflow": {"title": "A", "path": "a.tsv"}, "20newsgroups": {"title": "B", "path": "b.tsv"}}
SECOND = {"name": "posts", "title": "posts of newsgroups", "path": "posts.tsv"}


def configuration(**changes):
    """Two baselines and two language models."""
    slms = {"smollm2": {"title": "SmolLM2", "folder": "a"}, "ernie": {"title": "ERNIE", "folder": "b"}}
    base = {
        "num_topics": [5, 10],
        "vocabulary_size": 2000,
        "slms": slms,
        "methods": {"lda": {}, "zeroshottm": {}, "softlabel": {}},
    }
    return Config.model_validate(configurations.values(**{"corpora": CORPORA, "judge": None, **base, **changes}))


def configured(**section):
    return configuration(experiments={"main": {}, "ablation": {}, "protocol": section})


CALIBRATION = configuration(
    methods={"lda": {}, "softlabel": {"num_epochs": 7}, "softlabel+": {"num_epochs": 7}},
    experiments={"main": {}, "calibration": {}},
)


def test_runs_that_a_switch_does_not_concern_are_shared():
    config = configured()
    section = config.asked_for["protocol"]
    names = {setting: protocol.variants(config, section, setting) for setting in ("paper", *SWITCHES, "corrected")}
    assert names["paper"]["lda/default"] == names["encoder_text"]["lda/default"] == names["documents"]["lda/default"]
    assert names["duplicates"]["lda/default"].name == "default+duplicates"
    assert names["corrected"]["lda/default"] == names["duplicates"]["lda/default"]
    assert names["corrected"]["zeroshottm/default"].name == "default+duplicates+encoder_text"
    assert names["documents"][OURS].name == "smollm2+documents"
    assert names["corrected"]["nll"].name == "smollm2-nll+duplicates+documents+nll_target"
    assert names["corrected"]["nll"].create().nll_weights == "softmax"
    assert names["paper"]["nll"].create().nll_weights == "raw_logits"
    plan = Plan(config)
    shared = set(plan.experiment_runs("main")) | set(plan.experiment_runs("ablation"))
    assert {run for run in plan.experiment_runs("protocol") if not run.variant.switches} < shared


def test_a_run_reads_what_its_switches_say_and_no_feature_is_made_twice():
    config = configured()
    runs = Plan(config).experiment_runs("protocol")
    for run in runs:
        inputs = fit_inputs(config, run.fit, [run.seed])
        raw = "encoder_text" in run.variant.switches
        assert (protocol_of(config, run.variant).encoder_text == "raw") == raw
        if "embeddings" in inputs:
            assert ("/v2000/" in inputs["embeddings"]) != raw
    states = {fit_inputs(config, run.fit, [run.seed]).get("hidden_states") for run in runs} - {None}
    assert states == {f"results/features/{corpus}/slm/smollm2/default/hidden.npy" for corpus in config.corpora}


def test_it_starts_from_the_papers_protocol():
    wrong = configuration(protocol="corrected", experiments={"main": {}, "protocol": {}})
    with pytest.raises(TopicbenchError, match="compares with protocol: paper, and the protocol is corrected"):
        resolve(wrong)
    unknown = configured(corpora=["nowhere"])
    with pytest.raises(TopicbenchError, match="'nowhere' is not configured"):
        resolve(unknown)


def test_each_correction_alone_and_all_together():
    config = CALIBRATION
    variants = calibration.variants(config, "ernie")
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


def test_plain_and_calibrated_runs_are_those_of_the_main_experiment():
    plan = Plan(CALIBRATION)
    main, shared = plan.experiment_runs("main"), plan.experiment_runs("calibration")
    assert [run for run in main if run.variant.slm] == [run for run in main if run in shared]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "wikipedia"}, "second_reference.name: 'wikipedia' is the name of the first one"),
        (
            {"palmetto": {"title": "x", "jar": "y", "index": "z"}},
            "second_reference.palmetto: only reference can have it",
        ),
    ],
)
def test_a_second_corpus_that_does_not_fit_is_refused(changes, message):
    with pytest.raises(TopicbenchError, match=message):
        resolve(configuration(second_reference=SECOND | changes))
