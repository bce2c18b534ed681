"""The whole workflow on a tiny configuration: everything is made, nothing is left to do, and all of it again."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from tests.support.running import snakemake
from tools.reproduce import digests, table
from topicbench.metrics import clustering

pytestmark = pytest.mark.end_to_end

CONTROLS = ["random-topics", "shuffled-documents", "label-oracle"]
BASELINES = ["lda", "prodlda", "combinedtm", "zeroshottm", "etm", "bertopic", "ecrtm", "fastopic"]
METHODS = [*BASELINES, "softlabel", "softlabel+"]


def test_every_table_and_figure_is_made(finished):
    results = finished / "results"
    for stem in (
        *(f"table{number}" for number in range(1, 10)),
        "protocol",
        "coherence_agreement",
        "backbones",
        "heldout",
    ):
        for kind in ("tex", "csv", "md"):
            assert (results / f"{stem}.{kind}").stat().st_size > 0
    for item in ("1", "2", "3", "4", "5", "_ranks"):
        for kind in ("pdf", "png", "csv"):
            assert (results / f"figure{item}.{kind}").stat().st_size > 0
    for name in ("scores.csv", "scores.parquet", "costs.csv", "statistics.csv", "paper_comparison.csv", "paper.tex"):
        assert (results / name).stat().st_size > 0
    if shutil.which("pdflatex"):
        assert (results / "paper.pdf").read_bytes().startswith(b"%PDF")


def test_table_1_has_a_number_for_every_method_and_metric(finished):
    table = pd.read_csv(finished / "results/table1.csv")
    assert table["method"].drop_duplicates().tolist() == METHODS + CONTROLS
    cells = table.pivot(index="method", columns="metric", values="mean")
    assert set(cells.columns) == {"c_v", "llm_rating", "i_rbo", "purity"}
    assert np.isfinite(cells.to_numpy()).all()
    assert (table["n"] == 2).all()


def test_the_controls_show_floor_and_ceiling(finished):
    table = pd.concat([pd.read_csv(finished / f"results/table{number}.csv") for number in (1, 2)])
    cells = table.pivot(index="method", columns="metric", values="mean")
    assert cells.loc["label-oracle", "purity"] == 1
    labels = pd.read_parquet(finished / "results/corpora/stackoverflow/documents.parquet")["label"]
    kept = np.load(finished / "results/corpora/stackoverflow/v120/kept.npy")
    # A document finds all others of its label and no more.
    others = labels[kept].map(labels[kept].value_counts()) - 1
    assert cells.loc["label-oracle", "precision_at_10"] == pytest.approx((others.clip(upper=10) / 10).mean())
    chance = cells.loc[["random-topics", "shuffled-documents"], "precision_at_5"]
    assert (chance < 0.12).all()
    assert cells.loc["shuffled-documents", "c_v"] == cells.loc["lda", "c_v"]


def test_scores_of_held_out_documents_are_of_documents_the_model_was_not_fitted_to(finished):
    table = pd.read_csv(finished / "results/heldout.csv")
    assert table["method"].drop_duplicates().tolist() == ["lda", "etm", "softlabel"]
    assert np.isfinite(table.loc[table["documents"] == "heldout", "mean"]).all()
    folder = finished / "results/runs/stackoverflow/v120/softlabel/smollm2-heldout/K6/seed0"
    names = ("fitted", "heldout", "fitted_sample")
    fitted, heldout, compared = (np.load(folder / f"rows_{name}.npy") for name in names)
    assert sorted([*fitted, *heldout]) == list(range(200))
    assert set(compared) <= set(fitted)
    assert len(compared) == len(heldout) == len(np.load(folder / "theta_heldout.npy")) == 40
    labels = pd.read_parquet(finished / "results/corpora/stackoverflow/documents.parquet")["label"].to_numpy()
    scores = pd.read_csv(finished / "results/experiments/heldout.csv").query(
        "variant == 'smollm2-heldout' and seed == 0"
    )
    purity = clustering.purity(np.load(folder / "theta_heldout.npy").argmax(axis=1), labels[heldout])
    assert scores.set_index("metric").loc["heldout_purity", "value"] == pytest.approx(purity)


def test_a_number_is_traced_to_its_run(finished):
    table = pd.read_csv(finished / "results/table1.csv")
    scores = pd.read_csv(finished / "results/experiments/main.csv")
    cell = table[(table["method"] == "softlabel") & (table["metric"] == "purity")].iloc[0]
    rows = scores[(scores["method"] == "softlabel") & (scores["metric"] == "purity")]
    assert cell["mean"] == pytest.approx(rows["value"].mean(), abs=1e-12)
    for row in rows.itertuples():
        folder = finished / f"results/runs/stackoverflow/v120/softlabel/smollm2/K6/seed{row.seed}"
        record = json.loads((folder / "run.json").read_text())
        assert record["seed"] == row.seed
        assert all((finished / path).exists() for path in record["inputs"].values())
        theta = np.load(folder / "theta.npy")
        assert theta.shape == (record["documents_read"], 6)


def test_baselines_read_fewer_documents_under_the_papers_protocol(finished):
    costs = pd.read_csv(finished / "results/costs.csv")
    left_out = costs.groupby("method")["documents_left_out"].max()
    assert (left_out[["softlabel", "softlabel+"]] == 0).all()
    assert (left_out.drop(["softlabel", "softlabel+"]) > 0).all()


def test_the_protocols_differ_where_a_switch_says_so(finished):
    table = pd.read_csv(finished / "results/protocol.csv")
    cells = table[table["title"] == "NLL"].set_index(["protocol", "metric"])
    assert cells.loc[("corrected", "c_v"), "switches"] == "nll_target"
    assert cells.loc[("corrected", "c_v"), "mean"] != cells.loc[("paper", "c_v"), "mean"]
    runs = finished / "results/runs/stackoverflow/v120/softlabel"
    weights = [
        json.loads((runs / variant / "K6/seed0/run.json").read_text())["settings"]["nll_weights"]
        for variant in ("smollm2-nll", "smollm2-nll+nll_target")
    ]
    assert weights == ["raw_logits", "softmax"]
    verdicts = table[table["section"] == "Conclusions of the paper"]
    assert set(verdicts["protocol"]) == {"paper", "corrected"}
    assert set(verdicts["verdict"]) <= {"holds", "not significant", "fails"}


def test_nothing_is_left_to_do(finished):
    result = snakemake(finished, "all", options=["--dry-run"])
    assert result.returncode == 0
    assert "Nothing to be done" in result.stdout


def test_a_second_run_with_another_number_of_jobs_at_once_gives_the_same_bytes(finished, tmp_path):
    result = snakemake(tmp_path, "all", cores=3)
    assert result.returncode == 0, result.stdout[-5000:]
    first, second = digests(finished), digests(tmp_path)
    assert len(first) > 300
    assert {f"table{number}.tex" for number in range(1, 10)} <= set(first)
    assert first == second, table(first, second)
