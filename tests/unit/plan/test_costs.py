"""The cost model against numbers worked by hand and against jobs of known costs."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicbench.core.errors import TopicbenchError
from topicbench.plan.costs import costs
from topicbench.plan.costs.costs import Measured, StageCost
from topicbench.plan.costs.work import Work

HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time"


def benchmark(path, seconds, memory, cpu):
    path.write_text(f"{HEADER}\n{seconds}\t0:00:00\t{memory}\t-\t-\t-\t-\t-\t-\t{cpu}\n")
    return path


@pytest.mark.parametrize(
    ("seconds", "cpu", "expected"),
    [
        ("9.5", "8.0", 8.0),  # sampled to its end
        ("30", "12", 24.0),  # last sampled after 15 s
        ("60", "36", 48.0),  # last sampled after 45 s
    ],
)
def test_processor_time_goes_on_after_the_last_sample(tmp_path, seconds, cpu, expected):
    assert costs.read_benchmark(benchmark(tmp_path / "job.tsv", seconds, "300", cpu)) == Measured(expected, 300.0)


@pytest.mark.parametrize(("seconds", "memory", "cpu"), [("0.3", "NA", "NA"), ("0.3", "0.00", "0"), ("1", "-", "1")])
def test_a_job_too_short_to_be_measured_is_left_out(tmp_path, seconds, memory, cpu):
    assert costs.read_benchmark(benchmark(tmp_path / "job.tsv", seconds, memory, cpu)) is None


@settings(max_examples=50, deadline=None)
@given(
    st.floats(0.1, 10),
    st.lists(st.floats(0.01, 10), min_size=2, max_size=2),
    st.integers(0, 2**32 - 1),
)
def test_known_costs_are_found_again(start, weights, seed):
    terms = np.random.default_rng(seed).uniform(1, 10, (12, 2))
    found = costs.fit_seconds(terms, start + terms @ weights, np.zeros(2))
    np.testing.assert_allclose(found, [start, *weights], rtol=1e-6, atol=1e-8)


def test_from_one_job_time_is_proportional_to_the_work():
    assert costs.fit_seconds(np.array([[4.0]]), np.array([12.0]), np.zeros(1)) == pytest.approx([0, 3])


def test_no_weight_falls_below_what_a_processor_can_do():
    terms = np.array([[1.0, 1.0], [2.0, 1.0], [3.0, 2.0], [5.0, 2.0]])
    start, first, second = costs.fit_seconds(terms, 10 * terms[:, 0], np.array([0.0, 0.5]))
    assert second >= 0.5
    assert first == pytest.approx(10, rel=0.1)
    assert start >= 0
    assert costs.least_weights("fit:lda", 3).tolist() == [0, 0, 0]
    assert costs.least_weights("score", 2).tolist() == [0, costs.RETRIEVAL]
    # 6 operations on each of 10^11 products, at 5·10^10 a second.
    assert costs.least_weights("fit:prodlda", 3).tolist() == [0, 0, 12]


def test_memory_is_never_less_than_the_arrays_held():
    held = np.array([100.0, 200.0, 300.0])
    assert costs.fit_memory(held, 250 + 1.5 * held) == pytest.approx((250, 1.5), rel=1e-5)
    assert costs.fit_memory(held, np.full(3, 500.0))[1] == pytest.approx(1)


def jobs_of(stage, count, cost):
    works = [Work((float(size),), held_mb=10.0 * size) for size in range(1, count + 1)]
    return [(stage, work, Measured(cost.cpu_seconds(work), cost.peak_mb(work))) for work in works]


def test_the_error_of_jobs_that_follow_the_model_is_nothing():
    fitted = costs.fit(jobs_of("tokens", 6, StageCost(2.0, (3.0,), 200.0, 1.5, 0)))["tokens"]
    assert (fitted.start, *fitted.weights) == pytest.approx((2, 3))
    assert fitted.jobs == 6
    assert fitted.error == pytest.approx(0, abs=1e-9)
    assert fitted.total_error == pytest.approx(0, abs=1e-9)


def test_an_error_is_that_of_jobs_left_out():
    # The largest of four jobs takes twice what the others foretell, and is foretold from them alone.
    jobs = jobs_of("tokens", 4, StageCost(2.0, (3.0,), 200.0, 1.0, 0))
    jobs[3] = (*jobs[3][:2], Measured(28.0, 240.0))
    rest = costs.fit(jobs[:3])["tokens"]
    assert rest.cpu_seconds(jobs[3][1]) == pytest.approx(14)
    fitted = costs.fit(jobs)["tokens"]
    by_hand = []
    for left_out in range(4):
        others = costs.fit([job for number, job in enumerate(jobs) if number != left_out])["tokens"]
        by_hand.append(abs(others.cpu_seconds(jobs[left_out][1]) / jobs[left_out][2].cpu_seconds - 1))
    assert fitted.error == pytest.approx(np.median(by_hand))
    assert fitted.error > 0.05


def test_few_jobs_have_no_error():
    assert costs.fit(jobs_of("tokens", 2, StageCost(2.0, (3.0,), 200.0, 1.5, 0)))["tokens"].error is None


def test_costs_are_written_and_read_again(tmp_path):
    fitted = costs.fit(jobs_of("tokens", 6, StageCost(2.0, (3.0,), 200.0, 1.5, 0)))
    costs.save(tmp_path / "costs.json", fitted, "six jobs, a machine")
    read, measured_on = costs.load(tmp_path / "costs.json")
    assert measured_on == "six jobs, a machine"
    assert read["tokens"].cpu_seconds(Work((2.0,))) == pytest.approx(8, rel=1e-3)


def test_a_spoilt_cost_file_is_refused(tmp_path):
    (tmp_path / "costs.json").write_text(json.dumps({"stages": {"tokens": {}}}))
    with pytest.raises(TopicbenchError, match="not a fitted cost model"):
        costs.load(tmp_path / "costs.json")


def test_an_unmeasured_method_costs_what_the_dearest_does():
    work = Work((1.0,), held_mb=10.0)
    known = {
        "fit:a": StageCost(1.0, (1.0,), 300.0, 1.0, 5),
        "fit:b": StageCost(5.0, (1.0,), 100.0, 1.0, 5),
        "tokens": StageCost(99.0, (1.0,), 999.0, 1.0, 5),
    }
    assert costs.estimate(known, "fit:new", work) == (6.0, 310.0)
    assert costs.estimate(known, "fit:softa", work) == costs.estimate(known, "fit:a+", work) == (2.0, 310.0)
    assert costs.estimate(known, "table", Work(())) == (costs.OTHER_SECONDS, costs.OTHER_MB)


def test_the_stored_costs_know_every_method_of_the_default_configuration():
    fitted, measured_on = costs.load()
    methods = ("lda", "prodlda", "combinedtm", "zeroshottm", "etm", "bertopic", "ecrtm", "fastopic", "softlabel")
    assert {f"fit:{name}" for name in methods} <= set(fitted)
    assert "documents" in measured_on
