"""Resources grow with the job and the attempt, cover what was measured, and take a GPU only where one is asked for."""

import csv
import gzip
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import ROOT
from topicbench.config import load as config_file
from topicbench.config.located import located
from topicbench.config.schema import Config
from topicbench.models.contract import methods
from topicbench.plan import resources
from topicbench.plan.jobs import Plan
from topicbench.plan.resources import FITS, RULES, Job, needs

FILES = {"config.yaml": ROOT / "config/config.yaml", "tiny.yaml": ROOT / "tests/workflow/tiny.yaml"}
DEFAULT = config_file.load(FILES["config.yaml"])
CALLED = set(re.findall(r'memory\("(\w+)"', "".join(path.read_text() for path in ROOT.glob("workflow/rules/*.smk"))))
SLM = {"corpus": "stackoverflow", "slm": "smollm2", "prompt": "default"}

with (Path(__file__).parent / "measured.csv").open(encoding="utf-8") as file:
    HARDWARE = next(file)
    MEASURED = list(csv.DictReader(file))


def plan_of(**changes):
    return Plan(located(Config.model_validate({**DEFAULT.model_dump(mode="json"), **changes})))


def with_model(**changes):
    model = {**DEFAULT.slms["smollm2"].model_dump(mode="json"), **changes}
    return plan_of(slms={"smollm2": model})


def with_corpus(**changes):
    corpus = {**DEFAULT.corpora["stackoverflow"].model_dump(mode="json"), "sha256": None, **changes}
    return plan_of(corpora={"stackoverflow": corpus})


def job(plan, rule, wildcards=SLM, root=ROOT):
    return Job(plan, root, rule, wildcards)


def fit_job(plan, **wanted):
    """The last fit of a plan with the wanted wildcards, which need not name its variant."""
    *_, found = [
        at
        for fit, _ in plan.fits.values()
        for at in [
            {
                "corpus": fit.corpus,
                "size": str(fit.vocabulary_size),
                "method": fit.variant.method,
                "variant": fit.variant.name,
                "topics": str(fit.num_topics),
            }
        ]
        if wanted.items() <= at.items()
    ]
    return Job(plan, ROOT, "fit", found)


@pytest.fixture(scope="module")
def plans():
    return {name: Plan(located(config_file.load(path))) for name, path in FILES.items()}


@pytest.mark.parametrize(
    "row", MEASURED, ids=lambda row: " ".join((row["configuration"], row["rule"], row["largest_job"]))
)
def test_what_is_reserved_covers_what_was_measured(plans, row):
    at = dict(part.split("=") for part in row["largest_job"].split())
    plan = plans[row["configuration"]]
    found = fit_job(plan, **at) if row["rule"] == "fit" else Job(plan, ROOT, row["rule"], at)
    memory, minutes = resources.memory_mb(found), resources.runtime(found)
    assert memory >= resources.SNAKEMAKE_MB + float(row["peak_mb"])
    assert 60 * minutes >= float(row["longest_seconds"])
    assert memory % 100 == minutes % 10 == 0
    assert memory >= resources.LEAST_MB
    assert resources.LEAST_MINUTES <= minutes <= resources.MOST_MINUTES
    assert resources.gpu(found) == 0


def test_the_measurements_name_their_hardware_and_are_of_every_rule_and_method():
    assert "EPYC" in HARDWARE
    measured = [(row["rule"], dict(part.split("=") for part in row["largest_job"].split())) for row in MEASURED]
    assert {rule for rule, _ in measured} == set(RULES) - {"source"}
    assert {at["method"] for rule, at in measured if rule == "fit"} == set(FITS)


def test_there_is_a_row_for_every_rule_that_asks_and_for_every_method():
    assert set(RULES) == CALLED | {"source"}
    assert set(FITS) >= {name for name in methods() if name in DEFAULT.methods}


def test_a_further_attempt_gets_more_of_both():
    plan = with_model(title="A-8B")
    for rule in ("hidden_states", "tokens"):
        memory = [resources.memory_mb(job(plan, rule), attempt) for attempt in (1, 2, 3)]
        assert memory == [memory[0], 2 * memory[0], 3 * memory[0]]
        first, second = (resources.runtime(job(plan, rule), attempt) for attempt in (1, 2))
        assert second == min(2 * first, resources.MOST_MINUTES)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["ecrtm", "softlabel", "bertopic", "prodlda"]), st.integers(1, 20))
def test_nothing_shrinks_when_a_grid_grows(method, factor):
    def of(**changes):
        found = fit_job(plan_of(**{"num_topics": [25], "experiments": {"main": {}}, **changes}), method=method)
        return resources.memory_mb(found), resources.runtime(found)

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


def test_an_unmeasured_method_takes_what_the_dearest_does(monkeypatch):
    found = fit_job(plan_of(), method="prodlda")
    found.method = "new"
    each = []
    for method in FITS:
        known = fit_job(plan_of(), method="prodlda")
        known.method = method
        each.append(needs(known))
    assert needs(found).seconds == max(row.seconds for row in each)
    assert needs(found).peak_mb == max(row.peak_mb for row in each)


def test_an_unmeasured_rule_gathers():
    assert needs(job(plan_of(), "table", {})) == resources.GATHERING


@pytest.mark.parametrize(("dtype", "gigabytes"), [("float32", 32), ("auto", 32), ("bfloat16", 16)])
def test_a_language_model_gets_room_for_its_weights(dtype, gigabytes):
    assert resources.memory_mb(job(with_model(title="A-8B", dtype=dtype), "hidden_states")) > 1000 * gigabytes


def test_a_gpu_is_reserved_only_where_the_configuration_says_cuda():
    for device, expected in (("cuda", 1), ("auto", 0), ("cpu", 0)):
        plan = with_model(device=device)
        assert resources.gpu(job(plan, "hidden_states")) == expected
        assert resources.gpu(job(plan, "judge_check", {})) == expected
        assert resources.gpu(job(plan, "ratings", {"experiment": "main"})) == expected
        plan = plan_of(methods={**DEFAULT.methods, "softlabel": {"device": device}})
        assert resources.gpu(fit_job(plan, method="softlabel")) == expected
        assert resources.gpu(fit_job(plan, method="lda")) == 0


def test_a_job_on_a_gpu_or_of_more_threads_reserves_less_time():
    slow, fast, wide = (
        resources.runtime(job(with_model(title="A-1B", **changes), "hidden_states"))
        for changes in ({"device": "cpu"}, {"device": "cuda"}, {"device": "cpu", "threads": 4})
    )
    assert fast < slow
    assert wide < slow


def test_an_endpoint_as_judge_costs_no_computing():
    plan = plan_of(judge={"title": "GPT", "model": "gpt"})
    for experiment in plan.experiments:
        assert resources.runtime(job(plan, "ratings", {"experiment": experiment})) == resources.LEAST_MINUTES


@pytest.mark.parametrize(
    ("model", "millions"),
    [
        ({"title": "ERNIE-4.5-0.3B", "folder": "ernie"}, 300),
        ({"title": "Llama", "hub": "meta-llama/Llama-3.2-1B-Instruct", "revision": "a" * 40}, 1000),
        ({"title": "Llama-3.1-8B", "folder": "models/any"}, 8000),
        ({"title": "SmolLM2-135M", "folder": "x"}, 135),
        ({"title": "mine", "folder": "models/mine-2.5b"}, 2500),
        ({"title": "mine", "folder": "v2.1-beta"}, 1000),
    ],
)
def test_the_name_of_a_model_tells_its_parameters(model, millions):
    plan = with_model(**{"gguf": None, **model})
    assert job(plan, "hidden_states").parameters == millions


def test_a_source_tells_the_parameters_of_its_model():
    source = {"licence": "none", "hub": "someone/model", "revision": "a" * 40, "bytes": 700_000_000}
    model = {"title": "Model-3B", "source": "model"}
    plan = plan_of(slms={"smollm2": model}, sources={"model": source})
    assert job(plan, "hidden_states").parameters == 350
    assert needs(job(plan, "source", {"source": "model"})).disk_mb == 700


def test_the_name_of_an_encoder_tells_its_parameters():
    assert job(plan_of(), "embeddings", {"corpus": "stackoverflow", "encoder": "minilm"}).parameters == 23


def test_a_corpus_is_as_large_as_its_sample_or_its_file_or_its_source():
    assert job(plan_of(), "tokens").documents == 1200
    assert job(with_corpus(sample=None, path="data/20newsgroups.parquet"), "tokens").documents == 18_846
    assert job(with_corpus(sample=None, path="data/none.tsv"), "tokens").documents == resources.DOCUMENTS
    paper = Plan(located(config_file.load(ROOT / "config/paper.yaml")))
    assert job(paper, "tokens", {"corpus": "tweet_topic"}).documents == 21_996


def test_rows_of_a_file_are_counted_once_and_what_is_no_table_is_left_to_its_reader(tmp_path):
    text = "text\tlabel\n" + "abcdef\tx\n" * 20
    (tmp_path / "mine.tsv").write_text(text)
    with gzip.open(tmp_path / "mine.tsv.gz", "wt") as packed:
        packed.write(text)
    pd.DataFrame({"text": ["a"] * 20}).to_parquet(tmp_path / "mine.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    (tmp_path / "broken.tsv.gz").write_bytes((tmp_path / "mine.tsv.gz").read_bytes()[:-9])
    counts = {"mine.tsv": 21, "mine.tsv.gz": 21, "mine.parquet": 20}
    counts |= dict.fromkeys(("broken.parquet", "broken.tsv.gz"), resources.DOCUMENTS)
    for name, expected in counts.items():
        assert job(with_corpus(sample=None, path=name), "tokens", root=tmp_path).documents == expected


def test_a_sample_is_never_larger_than_the_file():
    plan = with_corpus(sample={"documents": 50_000}, path="data/20newsgroups.parquet")
    assert job(plan, "tokens").documents == 18_846


def test_long_documents_are_cut_and_each_prompt_ends_alike():
    cut, whole = (job(with_model(max_document_tokens=longest), "hidden_states") for longest in (48, None))
    # Two operations for each parameter and token.
    assert cut.reading == pytest.approx(2 * 135e6 * 1200 * (48 + 12) / 1e12)
    assert whole.reading == pytest.approx(2 * 135e6 * 1200 * (resources.DOCUMENT_TOKENS + 12) / 1e12)
