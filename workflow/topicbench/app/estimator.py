"""Topics by soft labels with scikit-learn's conventions, from raw texts to topics of new texts."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from tqdm import tqdm

from topicbench.app import language_model as slm
from topicbench.app import store
from topicbench.app.cache import cache_folder
from topicbench.core.errors import TopicbenchError
from topicbench.corpora.tokens import SPACY, Tokens, read_stop_words
from topicbench.corpora.vocabulary import bag_of_words, build_vocabulary, tokenise, vocabulary_texts
from topicbench.features import soft_labels
from topicbench.features.section import PAPER_PROMPTS, LanguageModel
from topicbench.models.contract import LANGUAGE_MODEL_NEEDS, Inputs, Method, TopicModel, create, methods


def best_method() -> str:
    """The method used where none is named: soft labels calibrated, or plain where there is no calibrated variant."""
    return "softlabel+" if "softlabel+" in methods() else "softlabel"


class SoftLabelTopicModel(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Topic model of raw texts, trained on a small language model's soft labels.

    The language model runs once over the texts; what it gives is kept in a cache, so that fitting again with other
    settings, another vocabulary or another number of topics takes seconds. A text that is empty is left out of the
    training, and its topics are all equally likely.

    Args:
        n_topics: number of topics, at least 2.
        method: name of a method that reads a language model; None: `best_method`.
        settings: its settings over the defaults, see docs/configuration.md.
        max_words: most words of the vocabulary; it has fewer where the texts have fewer.
        min_documents: documents a word must occur in.
        distinct_tokens: of words that the language model begins with the same token, ``topics_`` lists only the one
            most frequent in the topic's documents. The model cannot tell them apart, and would fill a topic with them
            ("jpa, jboss, jdbc").
        language: spaCy code of the tokeniser and its stop words.
        case, min_length, sentence_initial, stop_words: the word filter, see `topicbench.corpora.tokens.Tokens`. Unlike
            the paper's it keeps names and the first words of sentences.
        language_model: folder in Hugging Face format, or name@revision of the Hub; None: SmolLM2-135M from its package.
        instruction: what the language model is asked about each text.
        max_document_tokens: the language model reads this much of a text; None: as much as its context takes.
        top_words: words per topic in ``topics_``.
        random_state: seed, generator or None as in scikit-learn.
        cache: folder of prepared models and hidden states; None: the user's cache folder.
        verbose: say on standard error what is done.

    Attributes:
        components_: K×V float32, the weight of each word in each topic, larger is more typical.
        topics_: the ``top_words`` most typical words of each topic.
        vocabulary_: V words, sorted.
        theta_: N×K float32, topics of the texts fitted to.
        method_: the method with all its settings.
        details_: what the method recorded of its training.
    """

    def __init__(
        self,
        n_topics: int = 20,
        *,
        method: str | None = None,
        settings: Mapping[str, Any] | None = None,
        max_words: int = 2000,
        min_documents: int = 2,
        distinct_tokens: bool = True,
        language: str = "en",
        case: str = "lower",
        min_length: int = 3,
        sentence_initial: str = "keep",
        stop_words: str = SPACY,
        language_model: str | None = None,
        instruction: str = PAPER_PROMPTS["default"],
        max_document_tokens: int | None = 128,
        top_words: int = 10,
        random_state: Any = 0,
        cache: str | Path | None = None,
        verbose: bool = False,
    ) -> None:
        self.n_topics = n_topics
        self.method = method
        self.settings = settings
        self.max_words = max_words
        self.min_documents = min_documents
        self.distinct_tokens = distinct_tokens
        self.language = language
        self.case = case
        self.min_length = min_length
        self.sentence_initial = sentence_initial
        self.stop_words = stop_words
        self.language_model = language_model
        self.instruction = instruction
        self.max_document_tokens = max_document_tokens
        self.top_words = top_words
        self.random_state = random_state
        self.cache = cache
        self.verbose = verbose

    def fit(self, X: Iterable[str], y: Any = None) -> SoftLabelTopicModel:
        """Find topics in raw texts; ``y`` is not looked at.

        Raises:
            TopicbenchError: a bad setting, too few texts or words for the number of topics, a language model that
                cannot be loaded; where it can be known, before the language model is run.
        """
        texts = _texts(X)
        method = self._method()
        spec = slm.specify(self.language_model)
        tokens_of, stop_words = self._filter()
        whole = np.flatnonzero([bool(text.strip()) for text in texts])
        self._require_topics(len(whole), "documents that are not empty")
        if len(whole) < len(texts):
            self._say(f"{len(texts) - len(whole):,} of {len(texts):,} texts are empty and left out")
        read = [texts[row] for row in whole]
        tokens = list(tokenise(self._progress(read, "words"), self.language, tokens_of, stop_words))
        vocabulary = self._vocabulary(tokens)
        folder = self._language_model(spec)
        hidden = self._hidden_states(spec, folder, read)
        seed = _seed(self.random_state)
        inputs = Inputs(
            vocabulary,
            bag_of_words(tokens, vocabulary),
            vocabulary_texts(tokens, vocabulary),
            **_features(method, hidden, folder, vocabulary),
        )
        self._say(f"Fitting {method.name}: {self.n_topics} topics, {len(read):,} documents, {len(vocabulary):,} words")
        model = method.fit(inputs, self.n_topics, seed)
        if model.state is None:
            raise TopicbenchError(f"method '{method.name}'", "cannot be applied to new texts", "use another method")
        self.method_, self.vocabulary_ = method, vocabulary
        self.components_, self.state_, self.details_ = model.beta, dict(model.state), dict(model.details)
        self.topics_ = (
            distinct_words(model, inputs, _tokens_of_each(method, folder, vocabulary), self.top_words)
            if self.distinct_tokens
            else model.top_words(vocabulary, self.top_words)
        )
        self.theta_ = self._all_rows(model.theta, whole, len(texts))
        self.stop_words_ = None if stop_words is None else sorted(stop_words)
        self.language_model_ = slm.identity_of(folder)
        return self

    def fit_transform(self, X: Iterable[str], y: Any = None) -> np.ndarray:
        """Find topics in raw texts and return those of each, N×K: ``theta_``, as the method gives it when it ends."""
        return self.fit(X, y).theta_

    def transform(self, X: Iterable[str]) -> np.ndarray:
        """Topics of raw texts, M×K float32, rows that sum to one.

        A text's topics do not depend on the others, but for the last bits of the language model's arithmetic.

        Raises:
            TopicbenchError: a text that is no string, or another language model than the one fitted with.
        """
        check_is_fitted(self)
        texts = _texts(X)
        whole = np.flatnonzero([bool(text.strip()) for text in texts])
        if not len(whole):
            return self._all_rows(np.empty((0, len(self.topics_)), np.float32), whole, len(texts))
        read = [texts[row] for row in whole]
        stop_words = None if self.stop_words_ is None else frozenset(self.stop_words_)
        tokens_of = self._tokens()
        tokens = list(tokenise(self._progress(read, "words"), self.language, tokens_of, stop_words))
        spec = slm.specify(self.language_model)
        folder = self._language_model(spec)
        if slm.identity_of(folder) != self.language_model_:
            raise TopicbenchError(
                f"language model '{self.language_model or slm.PACKAGED.title}'",
                "is not the one that the model was fitted with",
                "give the same one; its checksums must agree",
            )
        inputs = Inputs(
            self.vocabulary_,
            bag_of_words(tokens, self.vocabulary_),
            vocabulary_texts(tokens, self.vocabulary_),
            hidden_states=self._hidden_states(spec, folder, read),
        )
        return self._all_rows(self.method_.restore(self.state_)(inputs), whole, len(texts))

    def save(self, folder: str | Path) -> None:
        """Write the fitted model into ``folder``; it can be loaded where Topicbench and the language model are."""
        check_is_fitted(self)
        parameters = {name: value for name, value in self.get_params().items() if name not in ("cache", "verbose")}
        parameters["random_state"] = self.random_state if isinstance(self.random_state, int) else None
        facts = {
            "method": self.method_.name,
            "settings": self.method_.model_dump(mode="json"),
            "parameters": {**parameters, "method": None, "settings": None},
            "language_model": self.language_model_,
            "stop_words": self.stop_words_,
            "topics": self.topics_,
        }
        arrays = {f"state.{name}": array for name, array in self.state_.items()}
        store.save(folder, facts, self.vocabulary_, {**arrays, "components": self.components_})

    @classmethod
    def load(cls, folder: str | Path, **changes: Any) -> SoftLabelTopicModel:
        """The model that `save` wrote into ``folder``.

        Args:
            folder: where it lies.
            changes: parameters of this machine: cache, verbose, language_model (where the same one lies elsewhere).

        Raises:
            TopicbenchError: no model there, one of another format, a file that is missing or changed, or a method that
                this version does not have.
        """
        facts, vocabulary, arrays = store.load(folder)
        settings = {"method": facts["method"], "settings": facts["settings"]}
        model = cls(**{**facts["parameters"], **settings, **changes})
        model.method_ = model._method()
        model.vocabulary_, model.topics_ = vocabulary, facts["topics"]
        model.stop_words_, model.language_model_ = facts["stop_words"], facts["language_model"]
        model.components_ = arrays.pop("components")
        model.state_ = {name.removeprefix("state."): array for name, array in arrays.items()}
        return model

    @property
    def _n_features_out(self) -> int:
        return len(self.topics_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags

    def _method(self) -> Method:
        name = self.method or best_method()
        method = create(name, self.settings or {}, "method")
        if not method.needs or method.needs - LANGUAGE_MODEL_NEEDS:
            usable = [
                each for each in methods() if (needs := create(each, {}).needs) and not needs - LANGUAGE_MODEL_NEEDS
            ]
            raise TopicbenchError(
                f"method '{name}'", "needs inputs other than language-model features", f"there are: {', '.join(usable)}"
            )
        return method

    def _tokens(self) -> Tokens:
        try:
            return Tokens(
                case=self.case,
                min_length=self.min_length,
                sentence_initial=self.sentence_initial,
                stop_words=str(self.stop_words),
            )
        except ValidationError as error:
            first = error.errors()[0]
            raise TopicbenchError(str(first["loc"][0]), f"{first['msg']} (given: {first['input']!r})") from None

    def _filter(self) -> tuple[Tokens, frozenset[str] | None]:
        tokens = self._tokens()
        return tokens, None if tokens.stop_words == SPACY else read_stop_words(tokens.stop_words)

    def _require_topics(self, count: int, things: str) -> None:
        if isinstance(self.n_topics, bool) or not isinstance(self.n_topics, int | np.integer) or self.n_topics < 2:
            raise TopicbenchError("number of topics", f"must be an integer >= 2 (given: {self.n_topics!r})")
        if count < self.n_topics:
            raise TopicbenchError(
                "number of topics", f"{self.n_topics} topics of {count:,} {things}", "ask for fewer topics"
            )

    def _vocabulary(self, tokens: Sequence[Sequence[str]]) -> list[str]:
        documents = Counter(word for words in tokens for word in set(words))
        usable = {word for word, count in documents.items() if count >= self.min_documents}
        self._require_topics(
            len(usable), f"words in {self.min_documents} or more documents, of {len(documents):,} words in all"
        )
        size = min(self.max_words, len(usable))
        self._say(f"Vocabulary: {size:,} of the {len(usable):,} words in {self.min_documents} or more documents")
        return build_vocabulary([[word for word in words if word in usable] for words in tokens], size)

    def _language_model(self, spec: LanguageModel) -> Path:
        return slm.prepared(spec, cache_folder(self.cache), self._say)

    def _hidden_states(self, spec: LanguageModel, folder: Path, texts: Sequence[str]) -> np.ndarray:
        cache = cache_folder(self.cache)
        return slm.hidden_states(spec, folder, self.instruction, texts, self.max_document_tokens, cache, self._say)

    @staticmethod
    def _all_rows(theta: np.ndarray, rows: np.ndarray, documents: int) -> np.ndarray:
        full = np.full((documents, theta.shape[1]), 1 / theta.shape[1], dtype=np.float32)
        full[rows] = theta
        return full

    def _say(self, text: str) -> None:
        if self.verbose:
            print(text, file=sys.stderr, flush=True)

    def _progress(self, texts: Sequence[str], what: str) -> Iterable[str]:
        return tqdm(texts, desc=what, unit=" documents", mininterval=1, disable=not self.verbose)


def _texts(texts: Iterable[str]) -> list[str]:
    if isinstance(texts, str):
        raise TypeError("a list of texts is expected, not one text")
    texts = list(texts)
    if not texts:
        raise TopicbenchError("texts", "there are none")
    for row, text in enumerate(texts, start=1):
        if not isinstance(text, str):
            raise TopicbenchError(f"text {row}", f"is no string: {text!r}", "leave it out, or make it one")
    return [str(text) for text in texts]


def _seed(random_state: Any) -> int:
    if isinstance(random_state, int | np.integer) and not isinstance(random_state, bool):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31))


def distinct_words(model: TopicModel, inputs: Inputs, tokens: Sequence[Any], count: int) -> list[list[str]]:
    """The ``count`` words of largest beta per topic, of words of one token only one.

    Args:
        model: a fitted model of K topics.
        inputs: what it was fitted to.
        tokens: what the language model tells each word of the vocabulary by.
        count: words per topic; fewer where there are fewer tokens.

    Returns:
        K lists. Of the words of a token, the one that occurs most in the topic's documents, weighted by θ.
    """
    groups: dict[Any, list[int]] = {}
    for word, token in enumerate(tokens):
        groups.setdefault(token, []).append(word)
    occurrences = inputs.bow.T @ model.theta.astype(np.float64)
    topics = []
    for topic, weights in enumerate(model.beta):
        listed: dict[Any, int] = {}
        for word in np.argsort(-weights, kind="stable").tolist():
            if len(listed) == count or not weights[word] > model.floor:
                break
            token = tokens[word]
            if token not in listed:
                listed[token] = max(groups[token], key=lambda each: (occurrences[each, topic], -each))
        topics.append([inputs.vocabulary[word] for word in listed.values()])
    return topics


def _tokens_of_each(method: Method, folder: Path, vocabulary: Sequence[str]) -> list[tuple[int, ...]]:
    """The tokens by which a method's soft labels know each word."""
    tokenizer = _tokenizer(folder)
    if "surface_forms" in method.needs:
        return [tuple(tokens.tolist()) for tokens in soft_labels.surface_forms(tokenizer, vocabulary)]
    return [(token,) for token in soft_labels.vocabulary_tokens(tokenizer, vocabulary).ids.tolist()]


def _features(method: Method, hidden: np.ndarray, folder: Path, vocabulary: Sequence[str]) -> dict[str, np.ndarray]:
    """What a method reads of a language model, from its hidden states and output head."""
    features = {"hidden_states": hidden} if "hidden_states" in method.needs else {}
    if "surface_forms" in method.needs:
        forms = soft_labels.surface_forms(_tokenizer(folder), vocabulary)
        features["surface_forms"] = soft_labels.logits_of_forms(hidden, soft_labels.read_head(folder), forms)
    if "vocabulary_logits" in method.needs:
        ids = soft_labels.vocabulary_tokens(_tokenizer(folder), vocabulary).ids
        features["vocabulary_logits"] = soft_labels.logits(hidden, soft_labels.read_head(folder), ids)
    return features


def _tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)
