"""How the configuration of a measured value differs from the paper's: for a whole table, and for one of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from topicbench.features.section import PAPER_PROMPTS
from topicbench.views import published
from topicbench.views.caption import listed
from topicbench.views.contract import About, ModelFacts, Scores

OF_TOP_WORDS = {"c_v", "llm_rating", "i_rbo"}


class Difference(NamedTuple):
    """A setting that is not the paper's."""

    setting: str
    here: str
    paper: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.here} instead of {self.paper}"


def published_slm(about: About, slm: str) -> str:
    """The published language model that one is compared with: the same one, else the smallest."""
    same = (name for name in published.SLMS if _is(about.language_models[slm], name))
    return next(same, next(iter(published.SLMS)))


def table_differences(table: str, scores: Scores, metrics: Iterable[str]) -> list[Difference]:
    """What concerns all rows of a table.

    Args:
        table: such as "table1".
        scores: of the table's experiment.
        metrics: those in the table.
    """
    about, metrics, topics = scores.about, set(metrics), listed(sorted(scores.about.num_topics))
    settings: list[tuple[str, object, object]] = [("protocol", about.protocol.name, "paper")]
    if table != "table7":
        paper = [published.PROMPTS_NUM_TOPICS] if table == "table9" else published.NUM_TOPICS
        settings.append(("K", topics, listed(paper)))
    if table == "table9":
        wordings = [about.prompts[name] for name in scores.rows["prompt"].unique()]
        same = wordings == [text for name, text in PAPER_PROMPTS.items() if name != "default"]
        settings.append(("prompts", "the paper’s" if same else len(wordings), "the paper’s"))
    settings.append(("seeds", len(about.seeds), published.SEEDS_PER_K))
    settings.append(("words of the vocabulary", about.vocabulary_size, published.VOCABULARY_SIZE))
    if metrics & OF_TOP_WORDS:
        settings.append(("top words", about.top_words, published.TOP_WORDS))
    if "c_v" in metrics:
        parameters = about.metrics["c_v"].parameters
        reference = parameters.get("palmetto") or parameters["reference"]
        same = "palmetto" in reference.lower()
        settings.append(("reference corpus", published.REFERENCE if same else reference, published.REFERENCE))
        settings.append(("counting of windows", parameters.get("counting", "boolean"), "boolean"))
    if "llm_rating" in metrics and about.judge and about.judge.model != published.JUDGE:
        settings.append(("judge", about.judge.title, published.JUDGE))
    return _differing(settings)


def row_differences(about: About, row: Mapping[str, Any], documents: Mapping[str, Any]) -> list[Difference]:
    """What concerns a row's corpus and method.

    Args:
        about: the corpora, methods and language models.
        row: corpus; where a method was run: method, slm (empty: none) and, of an ablation, role.
        documents: corpus → number of documents, where known.
    """
    found = _corpus(about, row["corpus"], documents)
    if row.get("method"):
        found += _method(about, row["method"], row.get("role", ""))
    return found + (_slm(about, row["slm"]) if row.get("slm") else [])


def _corpus(about: About, name: str, documents: Mapping[str, Any]) -> list[Difference]:
    corpus, expected = about.corpora[name], published.DOCUMENTS[name]
    given = corpus.sample or documents.get(name, expected)
    found = []
    if given != expected:
        found.append(Difference("documents", f"{'a sample of ' if corpus.sample else ''}{given:,}", f"{expected:,}"))
    if name == "20newsgroups":
        here = listed(sorted(corpus.strip)) or "nothing"
        found += _differing([("removed from the posts", here, listed(published.STRIP))])
    return found


def _method(about: About, name: str, role: str) -> list[Difference]:
    method = about.methods[name]
    fields = [field for field in method.settings if field != "word_vectors"]
    found = _differing((field, method.settings[field], method.paper.get(field)) for field in fields)
    if ("embeddings" in method.needs or "embeddings" in role) and about.encoder:
        found += _model("sentence encoder", about.encoder, published.ENCODER)
    if "word_vectors" in method.needs:
        vectors = about.word_vectors[method.settings["word_vectors"]]
        found += _model("word vectors", vectors, published.WORD_VECTORS.get(name, "none"))
    return found


def _slm(about: About, name: str) -> list[Difference]:
    model, slug = about.language_models[name], published_slm(about, name)
    found = [] if _is(model, slug) else _model("language model", model, published.SLMS[slug])
    if model.quantised and not found:
        found.append(Difference("weights", "quantised", "the original ones"))
    if model.max_document_tokens:
        found.append(Difference("tokens read", f"the first {model.max_document_tokens}", "all"))
    if about.prompts["default"] != PAPER_PROMPTS["default"]:
        found.append(Difference("instruction", f"“{about.prompts['default']}”", "the paper’s"))
    return found


def _model(what: str, model: ModelFacts, wanted: str) -> list[Difference]:
    return [] if _is(model, wanted) else [Difference(what, model.title, wanted)]


def _is(model: ModelFacts, wanted: str) -> bool:
    """Whether a model's title or one of its names has the name ``wanted``."""
    return any(wanted.lower() in name.lower() for name in (model.title, *model.names))


def _differing(settings: Iterable[tuple[str, object, object]]) -> list[Difference]:
    """Of (setting, value here, value in the paper) those whose values differ, whole numbers with commas."""
    shown = (tuple(f"{part:,}" if type(part) is int else str(part) for part in each) for each in settings)
    return [Difference(*each) for each in shown if each[1] != each[2]]
