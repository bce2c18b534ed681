"""The table of protocols: which runs it asks for, what is compared, and what becomes of a conclusion."""

import io

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from table_scores import configuration, scores

from topicbench.config.schema import resolve
from topicbench.core.errors import TopicbenchError
from topicbench.core.protocol import SWITCHES
from topicbench.experiments.all import experiment_runs, protocol_variants
from topicbench.experiments.runs import fit_inputs, protocol_of
from topicbench.views import protocol, render
from topicbench.views.protocol import Claim, decide

OURS = "softlabel/smollm2"


def configured(**section):
    return configuration(experiments={"main": {}, "ablation": {}, "protocol": section})


def test_runs_that_a_switch_does_not_concern_are_shared():
    config = configured()
    names = {setting: protocol_variants(config, setting) for setting in ("paper", *SWITCHES, "corrected")}
    assert names["paper"]["lda/default"] == names["encoder_text"]["lda/default"] == names["documents"]["lda/default"]
    assert names["duplicates"]["lda/default"].name == "default+duplicates"
    assert names["corrected"]["lda/default"] == names["duplicates"]["lda/default"]
    assert names["corrected"]["zeroshottm/default"].name == "default+duplicates+encoder_text"
    assert names["documents"][OURS].name == "smollm2+documents"
    assert names["corrected"]["nll"].name == "smollm2-nll+duplicates+documents+nll_target"
    assert names["corrected"]["nll"].create().nll_weights == "softmax"
    assert names["paper"]["nll"].create().nll_weights == "raw_logits"
    shared = set(experiment_runs(config, "main")) | set(experiment_runs(config, "ablation"))
    assert {run for run in experiment_runs(config, "protocol") if not run.variant.switches} < shared


def test_a_run_reads_what_its_switches_say_and_no_feature_is_made_twice():
    config = configured()
    runs = experiment_runs(config, "protocol")
    for run in runs:
        inputs = fit_inputs(config, run.fit)
        raw = "encoder_text" in run.variant.switches
        assert (protocol_of(config, run.variant).encoder_text == "raw") == raw
        if "embeddings" in inputs:
            assert ("/v2000/" in inputs["embeddings"]) != raw
    states = {fit_inputs(config, run.fit).get("hidden_states") for run in runs} - {None}
    assert states == {f"results/features/{corpus}/slm/smollm2/default/hidden.npy" for corpus in config.corpora}


def test_rows_are_methods_under_whatever_concerns_them():
    config = configured(corpora=["stackoverflow"])
    table = protocol.make(config, scores(config, "protocol"))
    rows = [(row[0].text, row[1].text) for section in table.sections[:2] for row in section.rows]
    assert rows == [
        *(("LDA", "paper"), ("", "corrected")),
        *(("ZeroshotTM", "paper"), ("", "duplicates: drop"), ("", "encoder_text: raw"), ("", "corrected")),
        *(("SmolLM2-135M", "paper"), ("", "duplicates: drop"), ("", "documents: same"), ("", "corrected")),
        *(("NLL", "paper"), ("", "corrected"), ("NLL + BoW", "paper"), ("", "corrected")),
        *(("Embeddings", "paper"), ("", "corrected")),
    ]
    alone = configured(corpora=["stackoverflow"], switches=["encoder_text"])
    table = protocol.make(alone, scores(alone, "protocol"))
    assert [(row[0].text, row[1].text) for row in table.sections[0].rows] == [
        *(("LDA", "both"), ("ZeroshotTM", "paper"), ("", "corrected"), ("SmolLM2-135M", "both"))
    ]


def test_cells_are_means_and_marks_are_welchs_against_the_papers_protocol():
    config = configured()
    frame = scores(config, "protocol", shifts={("lda", "default+duplicates"): -0.2})
    records = pd.read_csv(io.StringIO(render.to_csv(protocol.make(config, frame))))
    values = frame[(frame["corpus"] == "20newsgroups") & (frame["metric"] == "purity") & (frame["method"] == "lda")]
    paper, corrected = (values[values["variant"] == name]["value"] for name in ("default", "default+duplicates"))
    row = records[
        (records["corpus"] == "20newsgroups") & (records["metric"] == "purity") & (records["method"] == "lda")
    ]
    row = row[row["protocol"] == "corrected"].iloc[0]
    assert row["mean"] == pytest.approx(corrected.mean())
    assert row["difference"] == pytest.approx(corrected.mean() - paper.mean())
    assert row["p"] == pytest.approx(stats.ttest_ind(corrected, paper, equal_var=False).pvalue)
    assert row["mark"] == "worse"


SAMPLE = np.array([-1.0, -0.6, -0.2, 0.2, 0.6, 1.0])


@pytest.mark.parametrize(
    ("shifts", "verdict", "compared_with"),
    [
        ({"ours": 5, "a": 0, "b": 3}, "holds", "b"),
        ({"ours": 3.2, "a": 0, "b": 3}, "not significant", "b"),
        ({"ours": 3, "a": 0, "b": 3.2}, "not significant", "b"),
        ({"ours": 3, "a": 0, "b": 5}, "fails", "b"),
    ],
)
def test_ours_above_every_baseline(shifts, verdict, compared_with):
    values = {name: SAMPLE + shift for name, shift in shifts.items()}
    found, record = decide(Claim("x", "baselines", ("purity",)), values, "ours", True, False)
    assert (found, record["compared_with"]) == (verdict, compared_with)
    assert record["difference"] == pytest.approx(shifts["ours"] - shifts["b"])
    worse = {name: -sample for name, sample in values.items()}
    assert decide(Claim("x", "baselines", ("purity",)), worse, "ours", False, False)[0] == verdict


def test_a_conclusion_can_hold_for_the_paper_and_not_survive_holm():
    # p = 0.03 of one of three comparisons.
    values = {"ours": SAMPLE, "nll": SAMPLE - 1.2, "nll-bow": SAMPLE - 0.1, "embeddings": SAMPLE + 0.1}
    claim = Claim("x", "nll", ("purity",))
    assert decide(claim, values, "ours", True, False)[0] == "holds"
    assert decide(claim, values, "ours", True, True)[0] == "not significant"
    assert decide(Claim("x", "nll", ("purity",), reversed=True), values, "ours", True, False)[0] == "fails"


def test_conclusions_stand_below_with_a_verdict_for_either_protocol():
    config = configured(corpora=["stackoverflow"])
    shifts = {("softlabel", "smollm2"): 0.3}
    table = protocol.make(config, scores(config, "protocol", shifts=shifts))
    rows = table.sections[2].rows
    assert [row[1].text for row in rows] == ["paper", "corrected"] * 5
    assert rows[0][4].text == "holds"
    # Corrected, ours is no better than the others.
    assert rows[1][4].text != "holds"
    assert rows[0][3].text == render.NOT_AVAILABLE
    assert "Holm" in table.caption


def test_it_starts_from_the_papers_protocol():
    wrong = configuration(protocol="corrected", experiments={"main": {}, "protocol": {}})
    with pytest.raises(TopicbenchError, match="compares with protocol: paper, and the protocol is corrected"):
        resolve(wrong)
    unknown = configured(corpora=["nowhere"])
    with pytest.raises(TopicbenchError, match="'nowhere' is not configured"):
        resolve(unknown)
