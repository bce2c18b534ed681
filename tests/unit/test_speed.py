"""The benchmarks' own arithmetic, and that what they compare with computes the same."""

import inputs
import measure
import numpy as np
import pytest
import retrieval
import speed
import stages
import torch
import training

from topicbench.metrics.retrieval import precision_at, smoothed
from topicbench.models.softlabel import SoftLabel


def test_the_exponent_of_a_power_is_its_exponent():
    sizes = [5_000, 20_000, 80_000]
    assert measure.exponent(sizes, [3e-9 * size**1.5 for size in sizes]) == pytest.approx(1.5)


def test_ratios_are_medians_over_pairs_scaled_to_the_whole(monkeypatch):
    walls = {"ours": iter([1.0, 2.0, 1.0]), "theirs": iter([4.0, 6.0, 50.0])}
    monkeypatch.setattr(measure, "timed", lambda call: measure.Timed(next(walls[call()]), 1.0, None))
    row = measure.compared("it", lambda: "ours", lambda: "theirs", pairs=3, goal=30, scale=(1, 10))
    assert (row.ours, row.theirs, row.ratio, row.ratio_cpu) == (1.0, 60.0, 40.0, 10.0)
    record = {"rows": [vars(row)], "growth": [], "remarks": ["remark"], "hardware": {"cores": 2}, "seconds": 1}
    assert "| it | 1 | 60 | 40× | 10× | ≥ 30 | 3 |" in speed.markdown({"part": record})


def test_row_by_row_retrieval_is_the_projects():
    rng = np.random.default_rng(0)
    theta, labels = rng.dirichlet(np.ones(8), 300), rng.integers(4, size=300)
    slow = retrieval.row_by_row(smoothed(theta), labels, range(300))
    for rank, precision in precision_at(theta, labels, retrieval.RANKS).items():
        assert precision == pytest.approx(slow[rank], abs=1e-12)


def test_the_data_loader_trains_the_same_objective():
    rng = np.random.default_rng(0)
    topic = np.arange(640) % 8
    hidden = (rng.normal(size=(8, 16))[topic] + rng.normal(0, 0.3, (640, 16))).astype(np.float32)
    logits = (6 * (np.arange(80) // 10 == topic[:, None]) + rng.normal(0, 0.5, (640, 80))).astype(np.float32)
    features = inputs.Features(hidden, logits, topic, False)
    method = SoftLabel(num_epochs=15, hidden_sizes=(32, 32), learning_rate=0.01, device="cpu")
    torch.manual_seed(0)
    ours = training.epoch_of_ours(features, method)()
    loop = training.DataLoaderTraining(features, method)
    theirs = [loop.epoch() for _ in range(method.num_epochs)]
    ours = method.loss_weight * np.array(ours[0]) + np.array(ours[1])
    # Other draws of noise, dropout and order: equal in expectation.
    np.testing.assert_allclose(ours[-5:].mean(), np.mean(theirs[-5:]), rtol=0.05)


def test_stages_are_read_from_benchmark_files_and_logs(tmp_path):
    files = {
        "results/benchmarks/score/a.tsv": "s\tcpu_time\n2.5\t1.5\n",
        "results/benchmarks/score/b.tsv": "s\tcpu_time\n0.5\tNA\n",
        "results/benchmarks/calibration.tsv": "s\tcpu_time\n3\t3\n",
        "logs/score/a.log": "import time:  5 |  200000 |   numpy.core\nimport time:  5 |  300000 | numpy\nelse\n",
        "logs/score/b.log": "",
        "logs/calibration.log": "import time:  5 |  1000000 | torch\n",
        "logs/table1.log": "import time:  5 |  400000 | pandas\n",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    table = stages.table(tmp_path, wall=5, cpu=6, begin=0.1).splitlines()
    assert "4 jobs, 5 s wall, 6 s of processor time, 60% of the cores busy. Imports 2 s (17%" in table[0]
    assert table[4:] == [
        "| calibration | 1 | 3.0 | 3.0 | 1.0 |",
        "| score | 2 | 3.0 | 1.5 | 0.3 |",
        "| gathering, tables and figures | 1 | – | – | 0.4 |",
    ]
