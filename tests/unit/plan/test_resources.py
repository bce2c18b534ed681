"""Resources grow with the job and the attempt, and reserve a GPU only where the configuration asks for one."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicbench.config import load as config_file
from topicbench.config.schema import Config
from topicbench.experiments import all as experiments
from topicbench.plan import resources
from topicbench.plan.costs import grid, sizes
from topicbench.plan.costs.work import Scale
from topicbench.plan.targets import Plan

ROOT = Path(__file__).parents[3]
DEFAULT = config_file.load(ROOT / "config/config.yaml")


def scale_of(**changes):
    config = Config.model_validate({**DEFAULT.model_dump(mode="json"), **changes})
    return Scale(Plan(config), sizes.declared(config))


def with_model(**changes):
    model = {**DEFAULT.slms["smollm2"].model_dump(mode="json"), **changes}
    return scale_of(slms={"smollm2": model})


SLM = {"corpus": "stackoverflow", "slm": "smollm2", "prompt": "default"}


def fit_of(scale, method):
    [*_, found] = [fit for fit, _ in scale.plan.fits.values() if fit.variant.method == method]
    return {
        "corpus": found.corpus,
        "size": str(found.vocabulary_size),
        "method": method,
        "variant": found.variant.name,
        "topics": str(found.num_topics),
    }


def test_every_job_of_the_default_configuration_has_resources():
    scale = scale_of()
    for job in grid.jobs(scale):
        if job.benchmark is None:
            continue
        wildcards = grid.PATTERNS[job.rule].fullmatch(job.output).groupdict()
        stage = job.stage.partition(":")[0]
        memory, minutes = (call(scale, stage, wildcards) for call in (resources.mem_mb, resources.runtime))
        assert memory % 100 == 0
        assert memory >= resources.LEAST_MB
        assert minutes % 10 == 0
        assert resources.LEAST_MINUTES <= minutes <= resources.MOST_MINUTES
        assert resources.gpu(scale, stage, wildcards) == 0


def test_a_further_attempt_gets_more_of_both():
    scale = with_model(title="A-8B")
    for stage, wildcards in (("hidden_states", SLM), ("tokens", {"corpus": "stackoverflow"})):
        memory = [resources.mem_mb(scale, stage, wildcards, attempt) for attempt in (1, 2, 3)]
        assert memory == [memory[0], 2 * memory[0], 3 * memory[0]]
        first, second = (resources.runtime(scale, stage, wildcards, attempt) for attempt in (1, 2))
        assert second == min(2 * first, resources.MOST_MINUTES)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["ecrtm", "softlabel", "bertopic", "prodlda"]), st.integers(1, 20))
def test_nothing_shrinks_when_a_grid_grows(method, factor):
    def of(**changes):
        scale = scale_of(**{"num_topics": [25], "experiments": {"main": {}}, **changes})
        wildcards = fit_of(scale, method)
        return resources.mem_mb(scale, "fit", wildcards), resources.runtime(scale, "fit", wildcards)

    corpora = DEFAULT.model_dump(mode="json")["corpora"]
    larger = {name: {**corpus, "sample": {"documents": 1200 * factor}} for name, corpus in corpora.items()}
    smaller = {name: {**corpus, "sample": {"documents": 1200}} for name, corpus in corpora.items()}
    least = of(corpora=smaller)
    for changes in (
        {"corpora": larger},
        {"corpora": smaller, "num_topics": [25 * factor]},
        {"corpora": smaller, "vocabulary_size": 1000 * factor},
        {"corpora": smaller, "seeds": list(range(3 * factor))},
    ):
        assert all(more >= less for more, less in zip(of(**changes), least, strict=True))


@pytest.mark.parametrize(("dtype", "gigabytes"), [("float32", 32), ("auto", 32), ("bfloat16", 16)])
def test_a_language_model_gets_room_for_its_weights(dtype, gigabytes):
    assert resources.mem_mb(with_model(title="A-8B", dtype=dtype), "hidden_states", SLM) > 1000 * gigabytes


def test_a_gpu_is_reserved_only_where_the_configuration_says_cuda():
    for device, expected in (("cuda", 1), ("auto", 0), ("cpu", 0)):
        scale = with_model(device=device)
        assert resources.gpu(scale, "hidden_states", SLM) == expected
        assert resources.gpu(scale, "judge_calibration", {}) == expected
        assert resources.gpu(scale, "ratings", {"experiment": "main"}) == expected
        scale = scale_of(methods={**DEFAULT.methods, "softlabel": {"device": device}})
        assert resources.gpu(scale, "fit", fit_of(scale, "softlabel")) == expected
        assert resources.gpu(scale, "fit", fit_of(scale, "lda")) == 0


def test_a_job_on_a_gpu_reserves_less_time():
    slow, fast = (with_model(title="A-1B", device=device) for device in ("cpu", "cuda"))
    assert resources.runtime(fast, "hidden_states", SLM) < resources.runtime(slow, "hidden_states", SLM)


def test_an_endpoint_as_judge_costs_no_computing():
    scale = scale_of(judge={"title": "GPT", "model": "gpt"})
    for experiment in experiments.EXPERIMENTS:
        assert resources.runtime(scale, "ratings", {"experiment": experiment}) == resources.LEAST_MINUTES
