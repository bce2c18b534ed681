"""What every method and control in the folder must do, whatever it is: no list of methods here."""

from __future__ import annotations

import json
import os
import pickle
import random
import re
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.support.configurations import configuration
from topicbench.core.errors import TopicbenchError
from topicbench.models import contract as base
from topicbench.models.contract import (
    CONTROL_NEEDS,
    OF_WORDS,
    Control,
    ControlInputs,
    Inputs,
    Method,
    TopicModel,
    controls,
    create,
    methods,
)
from topicbench.plan.jobs import Plan, fit_inputs
from topicbench.runs.documents import select

pytestmark = pytest.mark.library

METHODS, CONTROLS = sorted(methods()), sorted(controls())
NAMES = METHODS + CONTROLS
NUM_TOPICS = 4
WORKFLOW = Path(base.__file__).parents[2]

CHILD = """
import pickle, sys
from topicbench.models.contract import create
inputs, settings, num_topics, seed = pickle.load(open(sys.argv[1], "rb"))
fitted = {name: create(name, settings[name]).fit(inputs[name], num_topics, seed) for name in reversed(settings)}
pickle.dump({name: (model.theta, model.beta) for name, model in fitted.items()}, open(sys.argv[2], "wb"))
"""


def short(name: str) -> dict:
    """Settings under which a method is done in no time."""
    wanted = {"num_epochs": 2, "sinkhorn_max_iter": 20, "min_cluster_size": 3}
    return {key: value for key, value in wanted.items() if key in type(create(name, {})).model_fields}


@pytest.fixture(scope="session")
def given(titles):
    """What a method or control is given: the titles, to controls with random labels and a random fitted model."""
    rng = np.random.default_rng(1)
    documents, words = titles.bow.shape
    theta, beta = rng.dirichlet(np.ones(NUM_TOPICS), documents), rng.random((NUM_TOPICS, words))
    fitted = TopicModel(theta.astype(np.float32), beta.astype(np.float32))
    shown = ControlInputs(**vars(titles), labels=rng.integers(0, NUM_TOPICS, documents), fitted=fitted)
    return lambda name: shown if name in CONTROLS else titles


@pytest.fixture(scope="session")
def fitted(given):
    """Fits of seeds 0 and 1, in this order, in this process; the inputs stay as they are."""
    before = {name: pickle.dumps(given(name)) for name in NAMES}
    cache: dict[str, tuple[TopicModel, TopicModel]] = {}

    def fit(name: str) -> tuple[TopicModel, TopicModel]:
        if name not in cache:
            method = create(name, short(name))
            cache[name] = (method.fit(given(name), NUM_TOPICS, 0), method.fit(given(name), NUM_TOPICS, 1))
            assert pickle.dumps(given(name)) == before[name], f"{name} changed its inputs"
        return cache[name]

    return fit


@pytest.fixture(scope="session")
def elsewhere(request, given, tmp_path_factory) -> tuple[dict, list[str]]:
    """Fits of seed 1 alone, in a process of their own and another order; and what they left in their folder.

    Of the methods that are tested: ``-k mymethod`` need not wait for the others.
    """
    tested = {
        item.callspec.params["name"]
        for item in request.session.items
        if item.path == Path(__file__) and hasattr(item, "callspec")
    }
    files, folder = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("working")
    inputs, settings = {name: given(name) for name in tested}, {name: short(name) for name in sorted(tested)}
    (files / "in.pkl").write_bytes(pickle.dumps((inputs, settings, NUM_TOPICS, 1)))
    environment = {**os.environ, "PYTHONPATH": str(WORKFLOW), "TMPDIR": str(folder)}
    command = [sys.executable, "-c", CHILD, str(files / "in.pkl"), str(files / "out.pkl")]
    child = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr[-3000:]
    assert child.stdout == ""
    return pickle.loads((files / "out.pkl").read_bytes()), sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_declares_itself(name):
    method = create(name, {})
    assert isinstance(method, Method)
    assert method.name == name == name.lower()
    assert method.title
    assert (WORKFLOW.parent / f"envs/{method.environment}.yaml").is_file()
    assert all(field.description for field in type(method).model_fields.values())
    if name in CONTROLS:
        assert isinstance(method, Control)
        assert method.group == "control"
        assert method.meaning.format(method="LDA")
        assert method.row_label("LDA") == method.title.format(method="LDA")
        assert not {"{", "}"} & {*method.row_label("LDA")}
    else:
        assert not method.needs & CONTROL_NEEDS
        assert method.group in ("baseline", "rival", "ours")


def test_no_control_has_the_name_of_a_method():
    assert not {*METHODS} & {*CONTROLS}


@pytest.mark.parametrize("name", NAMES)
def test_model_obeys_the_contract(name, titles, fitted):
    for model in fitted(name):
        topics = len(model.beta)
        assert topics >= 1
        assert topics <= NUM_TOPICS or not create(name, {}).follows_num_topics
        assert model.theta.shape == (len(titles.texts), topics)
        assert model.beta.shape == (topics, len(titles.vocabulary))
        assert model.theta.dtype == model.beta.dtype == np.float32
        assert np.isfinite(model.theta).all()
        assert np.isfinite(model.beta).all()
        assert (model.theta >= 0).all()
        sums = model.theta.sum(axis=1)
        assert (sums <= 1 + 1e-5).all()
        if not create(name, {}).leaves_mass_out:
            np.testing.assert_allclose(sums, 1, atol=1e-5)
        assert json.loads(json.dumps(dict(model.details), allow_nan=False)) is not None


@pytest.mark.parametrize("name", NAMES)
def test_top_words_come_from_the_vocabulary(name, titles, fitted):
    for words in fitted(name)[1].top_words(titles.vocabulary, 15):
        assert 1 <= len(words) <= 15
        assert len(set(words)) == len(words)
        assert set(words) <= set(titles.vocabulary)


@pytest.mark.parametrize("name", NAMES)
def test_another_seed_gives_another_model(name, fitted):
    first, second = fitted(name)
    if name in CONTROLS and not controls()[name].follows_seed:
        assert first.theta.tobytes() == second.theta.tobytes()
        return
    assert first.theta.shape != second.theta.shape or not np.array_equal(first.theta, second.theta)


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_gives_same_bytes_in_one_process(name, given, fitted):
    again = create(name, short(name)).fit(given(name), NUM_TOPICS, 1)
    assert again.theta.tobytes() == fitted(name)[1].theta.tobytes()
    assert again.beta.tobytes() == fitted(name)[1].beta.tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_does_not_depend_on_its_companions(name, fitted, elsewhere):
    theta, beta = elsewhere[0][name]
    assert theta.tobytes() == fitted(name)[1].theta.tobytes()
    assert beta.tobytes() == fitted(name)[1].beta.tobytes()


@pytest.mark.parametrize("name", METHODS)
def test_topics_of_other_documents_are_inferred_alike_whatever_ran_before(name, titles, fitted):
    model = fitted(name)[1]
    if model.infer is None:
        pytest.skip(f"{name} cannot infer")
    others = select(titles, np.arange(40, 75))
    torch.manual_seed(5)
    np.random.seed(5)
    random.seed(5)
    theta = model.infer(others)
    drawn = torch.rand(1).item(), np.random.rand(), random.random()
    assert theta.shape == (35, model.theta.shape[1])
    assert theta.dtype == np.float32
    assert (theta >= 0).all()
    assert np.isfinite(theta).all()
    assert (theta.sum(axis=1) <= 1 + 1e-5).all()
    assert model.infer(others).tobytes() == theta.tobytes()
    torch.manual_seed(5)
    np.random.seed(5)
    random.seed(5)
    assert (torch.rand(1).item(), np.random.rand(), random.random()) == drawn


@pytest.mark.parametrize("name", METHODS)
def test_documents_described_otherwise_are_errors(name, titles, fitted):
    model, method = fitted(name)[1], create(name, short(name))
    if model.infer is None:
        pytest.skip(f"{name} cannot infer")
    read = sorted(method.needs - OF_WORDS - {"vocabulary_logits"}) or ["bow"]
    for need in read:
        with pytest.raises(TopicbenchError, match=rf"methods\.{re.escape(name)}.*{need}.*shape"):
            model.infer(replace(titles, **{need: getattr(titles, need)[:, 1:]}))
    if "bow" not in read:
        with pytest.raises(TopicbenchError, match=rf"methods\.{re.escape(name)}.*{read[0]}"):
            model.infer(replace(titles, **{read[0]: None}))


@pytest.mark.parametrize("topics", [-1, 0, 1, 194])
@pytest.mark.parametrize("name", METHODS)
def test_a_number_of_topics_that_cannot_be_is_an_error(name, topics, titles):
    with pytest.raises(TopicbenchError, match=re.escape(f"methods.{name}: K = {topics} topics")):
        create(name, short(name)).fit(titles, topics, 0)


@pytest.mark.parametrize("name", METHODS)
def test_no_label_is_within_reach(name):
    """Neither among what a method gets, nor in the files of the job that fits it: labels are in documents.parquet."""
    assert not any("label" in field.name for field in fields(Inputs))
    settings = {"word_vectors": "glove-6b-50d"} if "word_vectors" in methods()[name].model_fields else {}
    plan = Plan(configuration(methods={name: settings}, controls=[]))
    assert plan.fits
    for fit, seeds in plan.fits.values():
        read = {Path(path).name for path in fit_inputs(plan.config, fit, seeds).values()}
        assert "tokens.parquet" in read
        assert not read & {"documents.parquet", Path(plan.config.corpora[fit.corpus].path).name}


def test_nothing_is_left_in_the_working_or_the_temporary_folder(elsewhere):
    assert elsewhere[1] == []
