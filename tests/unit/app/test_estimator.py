"""`SoftLabelTopicModel`: real language model, scikit-learn's conventions, and a model that outlives its process."""

from __future__ import annotations

import inspect
import json
import pickle

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import normalized_mutual_info_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.utils import estimator_checks

from topicbench.app import store
from topicbench.app.estimator import SoftLabelTopicModel, best_method, distinct_words
from topicbench.core.errors import TopicbenchError
from topicbench.features import hidden_states, language_model
from topicbench.models.contract import Inputs, TopicModel, methods


def test_topics_of_texts_follow_what_they_are_about(fitted, labelled):
    assert normalized_mutual_info_score(labelled["label"], fitted.theta_.argmax(axis=1)) > 0.5


def test_topics_of_unseen_texts_follow_what_they_are_about(fitted, unseen):
    theta = fitted.transform(unseen["text"])
    assert theta.shape == (36, 3)
    np.testing.assert_allclose(theta.sum(axis=1), 1, atol=1e-5)
    assert normalized_mutual_info_score(unseen["label"], theta.argmax(axis=1)) > 0.4


def test_what_it_has_after_fitting(fitted, texts):
    assert fitted.theta_.shape == (len(texts), 3)
    np.testing.assert_allclose(fitted.theta_.sum(axis=1), 1, atol=1e-5)
    assert fitted.components_.shape == (3, len(fitted.vocabulary_))
    assert fitted.vocabulary_ == sorted(fitted.vocabulary_)
    # Names and the first words of sentences, which the paper's filter would drop.
    assert {"wordpress", "matlab"} <= set(fitted.vocabulary_)
    for words, weights in zip(fitted.topics_, fitted.components_, strict=True):
        assert len(words) == 10
        assert len({word[0] for word in words}) > 1
        # Nearly all of them are the ten of largest weight; others stand for words with the same token.
        assert len(set(words) & {fitted.vocabulary_[word] for word in np.argsort(-weights)[:10]}) >= 5
    assert fitted.method_.name == best_method()
    assert best_method() in methods()
    assert fitted.get_feature_names_out().tolist() == [f"softlabeltopicmodel{number}" for number in range(3)]


def test_words_the_language_model_cannot_tell_apart_are_listed_once():
    vocabulary = ["jboss", "jdbc", "jpa", "matrix", "plot"]
    # Documents of the first topic say jdbc, those of the second jpa; beta has the three in another order.
    bow = csr_matrix([[1, 2, 0, 0, 1], [0, 0, 3, 1, 0]])
    beta = np.array([[3, 1, 2, 0, -1], [5, 4, 3, 2, 9]], dtype=np.float32)
    model = TopicModel(np.eye(2, dtype=np.float32), beta)
    inputs = Inputs(vocabulary, bow, ["", ""])
    assert distinct_words(model, inputs, [7, 7, 7, 8, 9], 2) == [["jdbc", "matrix"], ["plot", "jpa"]]
    assert distinct_words(model, inputs, [7, 7, 7, 8, 9], 9)[0] == ["jdbc", "matrix", "plot"]
    assert distinct_words(model, inputs, [1, 2, 3, 4, 5], 5) == model.top_words(vocabulary, 5)


def test_a_text_has_the_same_topics_whenever_it_is_read(fitted, texts):
    seen = fitted.transform(texts)
    # The fit draws its noise anew for each text, `transform` once for all.
    assert (seen.argmax(axis=1) == fitted.theta_.argmax(axis=1)).mean() > 0.85
    # Alone it is in another batch, which changes the last bits of the language model.
    np.testing.assert_allclose(fitted.transform(texts[5:6])[0], seen[5], atol=0.05)


def test_fitting_again_gives_the_same_bytes_without_the_language_model(fitted, texts, monkeypatch):
    monkeypatch.setattr(language_model, "load", None)
    assert clone(fitted).fit_transform(texts).tobytes() == fitted.theta_.tobytes()
    assert clone(fitted).set_params(random_state=1).fit_transform(texts).tobytes() != fitted.theta_.tobytes()


def test_an_extraction_that_was_broken_off_goes_on(cache, texts, monkeypatch):
    model = SoftLabelTopicModel(3, settings={"num_epochs": 2}, cache=cache, max_document_tokens=3)
    write = hidden_states._write_chunk

    def killed(*arguments):
        write(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(hidden_states, "_write_chunk", killed)
    with pytest.raises(KeyboardInterrupt):
        model.fit(texts)
    # The one chunk there is was kept.
    monkeypatch.setattr(hidden_states, "_write_chunk", None)
    assert model.fit(texts).theta_.shape == (72, 3)


def test_an_empty_text_has_all_topics_alike(fitted, cache, texts, settings):
    model = SoftLabelTopicModel(3, settings=settings, cache=cache)
    theta = model.fit_transform(["", *texts, " \n"])
    np.testing.assert_allclose(theta[[0, -1]], 1 / 3, atol=1e-6)
    assert theta[1:-1].tobytes() == fitted.theta_.tobytes()
    np.testing.assert_allclose(model.transform(["", " "]), 1 / 3, atol=1e-6)


def test_scikit_learns_checks_that_need_no_numbers():
    for check in (
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_set_params,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_parameters_default_constructible,
    ):
        check("SoftLabelTopicModel", SoftLabelTopicModel())
    model = SoftLabelTopicModel(7, language="de", case="as_written")
    assert clone(model).get_params() == model.get_params()
    assert set(model.get_params()) == set(inspect.signature(SoftLabelTopicModel).parameters)
    with pytest.raises(ValueError, match="Invalid parameter"):
        model.set_params(topics=3)
    with pytest.raises(NotFittedError):
        model.transform(["a text"])
    with pytest.raises(NotFittedError):
        model.save("nowhere")


def test_a_method_may_read_a_words_surface_forms(fitted, texts):
    brief = {"num_epochs": 2, "surface_forms": True}
    model = clone(fitted).set_params(method="softlabel", settings=brief).fit(texts)
    assert model.method_.surface_forms
    assert model.transform(texts).shape == (72, 3)
    plain = clone(fitted).set_params(method="softlabel", settings={"num_epochs": 2}).fit(texts)
    assert plain.components_.tobytes() != model.components_.tobytes()


def test_it_is_a_step_of_a_pipeline(fitted, texts):
    brief = clone(fitted).set_params(settings={"num_epochs": 2}, random_state=np.random.RandomState(3))
    pipeline = make_pipeline(brief, Normalizer()).fit(texts)
    np.testing.assert_allclose(np.linalg.norm(pipeline.transform(texts), axis=1), 1, atol=1e-6)
    again = clone(brief).set_params(random_state=np.random.RandomState(3)).set_output(transform="pandas")
    table = again.fit_transform(texts)
    assert table.columns.tolist() == fitted.get_feature_names_out().tolist()
    assert table.to_numpy().tobytes() == brief.theta_.tobytes()


def test_a_model_that_is_saved_and_loaded_gives_the_same_bytes(fitted, texts, cache, tmp_path):
    fitted.save(tmp_path / "model")
    written = sorted(path.name for path in (tmp_path / "model").iterdir())
    assert written == ["arrays.safetensors", "model.json", "vocabulary.txt"]
    loaded = SoftLabelTopicModel.load(tmp_path / "model", cache=cache)
    theta = fitted.transform(texts)
    assert loaded.transform(texts).tobytes() == theta.tobytes()
    assert loaded.components_.tobytes() == fitted.components_.tobytes()
    assert (loaded.topics_, loaded.method_) == (fitted.topics_, fitted.method_)
    assert pickle.loads(pickle.dumps(fitted)).transform(texts).tobytes() == theta.tobytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda facts: facts.update(format=store.FORMAT + 1, topicbench="9.0"), r"has format 2,[^$]*Topicbench 9\.0"),
        (lambda facts: facts.pop("format"), "is not the description of a model"),
        (lambda facts: facts.update(method="softlabel9"), r"method\.softlabel9: unknown method"),
        (lambda facts: facts["settings"].update(temprature=2), "temprature"),
        (lambda facts: facts["files"].update({"vocabulary.txt": "0" * 64}), "vocabulary.txt: is not the file that was"),
    ],
)
def test_a_model_of_another_version_or_changed_is_refused(fitted, tmp_path, change, message):
    fitted.save(tmp_path)
    facts = json.loads((tmp_path / "model.json").read_text())
    change(facts)
    (tmp_path / "model.json").write_text(json.dumps(facts))
    with pytest.raises(TopicbenchError, match=message):
        SoftLabelTopicModel.load(tmp_path)


def test_a_model_with_files_missing_or_cut_is_refused(fitted, tmp_path):
    with pytest.raises(TopicbenchError, match=r"holds no model\.json"):
        SoftLabelTopicModel.load(tmp_path)
    fitted.save(tmp_path)
    arrays = tmp_path / "arrays.safetensors"
    arrays.write_bytes(arrays.read_bytes()[:-1])
    with pytest.raises(TopicbenchError, match=r"arrays\.safetensors: is not the file that was written"):
        SoftLabelTopicModel.load(tmp_path)
    arrays.unlink()
    with pytest.raises(TopicbenchError, match="file not found"):
        SoftLabelTopicModel.load(tmp_path)


def test_another_language_model_is_refused(fitted, cache, tmp_path):
    fitted.save(tmp_path)
    facts = json.loads((tmp_path / "model.json").read_text())
    facts["language_model"]["sha256"] = "0" * 64
    (tmp_path / "model.json").write_text(json.dumps(facts))
    with pytest.raises(TopicbenchError, match="is not the one that the model was fitted with"):
        SoftLabelTopicModel.load(tmp_path, cache=cache).transform(["a text"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_topics": 1}, r"number of topics: must be an integer >= 2 \(given: 1\)"),
        ({"n_topics": 2.5}, r"number of topics: must be an integer >= 2 \(given: 2.5\)"),
        ({"n_topics": 73}, "73 topics of 72 documents that are not empty"),
        ({"n_topics": 70, "min_documents": 9}, "70 topics of .* words in 9 or more documents"),
        ({"case": "upper"}, "case: Input should be"),
        ({"min_length": 0}, "min_length: Input should be"),
        ({"stop_words": "none.txt"}, "file of stop words not found"),
        ({"language": "zz"}, "spaCy has no tokeniser for 'zz'"),
        ({"language_model": "some/model"}, "is neither a folder nor a model of the Hub with its revision"),
        ({"method": "lda"}, "needs inputs other than language-model features\n  there are: .*softlabel"),
        ({"method": "softlable"}, "unknown method"),
        ({"settings": {"epochs": 3}}, "settings of softlabel"),
    ],
)
def test_what_cannot_be_is_said_before_the_language_model_runs(texts, cache, monkeypatch, changes, message):
    monkeypatch.setattr("topicbench.app.language_model.hidden_states", None)
    with pytest.raises(TopicbenchError, match=message):
        SoftLabelTopicModel(3, cache=cache).set_params(**changes).fit(texts)


def test_what_is_no_text_is_refused():
    with pytest.raises(TypeError, match="a list of texts is expected"):
        SoftLabelTopicModel(2).fit("one text")
    with pytest.raises(TopicbenchError, match="there are none"):
        SoftLabelTopicModel(2).fit([])
    with pytest.raises(TopicbenchError, match="text 2: is no string: nan"):
        SoftLabelTopicModel(2).fit(["a", float("nan")])
