"""In words, how a measured value was come by otherwise than the published one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from topicbench.config.schema import Config
from topicbench.experiments.sections import Grid
from topicbench.features.section import PAPER_PROMPTS
from topicbench.models.contract import create
from topicbench.views import caption, published
from topicbench.views.table8 import compared

NEWSGROUP_PARTS = {"headers", "footers", "quotes"}
OF_TOP_WORDS = ("c_v", "llm_rating", "i_rbo")


def published_slm(config: Config, slm: str) -> str:
    """The published language model that a row is compared with: the same one, else the smallest."""
    return _same_slm(config, slm) or next(iter(published.SLMS))


def differences_of(
    config: Config, row: Mapping[str, Any], grid: Grid | None, documents: Mapping[str, int]
) -> list[str]:
    """Each difference of configuration between a measured value and the published one.

    Args:
        config: what was run.
        row: table, corpus, metric; where a method was run: method, slm (or None), num_topics (None: all together) and
            ablation (None: none).
        grid: the experiment's K and seeds.
        documents: corpus → number of documents, where known.
    """
    found = _corpus(config, row["corpus"], documents)
    if row["table"] == "table5":
        return found
    if config.protocol.name != "paper":
        found.append(f"protocol: {config.protocol.name}")
    found += _grid(config, row, grid)
    if config.vocabulary_size != published.VOCABULARY_SIZE:
        found.append(f"vocabulary of {config.vocabulary_size:,} words instead of {published.VOCABULARY_SIZE:,}")
    found += _metric(config, row["metric"])
    return found + _method(config, row)


def _corpus(config: Config, name: str, documents: Mapping[str, int]) -> list[str]:
    corpus, found = config.corpora[name], []
    expected = published.DOCUMENTS[name]
    given = corpus.sample.documents if corpus.sample else documents.get(name, expected)
    if given != expected:
        kind = "a sample of " if corpus.sample else ""
        found.append(f"{kind}{given:,} documents instead of {expected:,}")
    if name == "20newsgroups" and set(corpus.strip) != NEWSGROUP_PARTS:
        found.append(f"only {caption.listed(corpus.strip) or 'nothing'} removed from the posts")
    return found


def _grid(config: Config, row: Mapping[str, Any], grid: Grid | None) -> list[str]:
    topics, seeds, found = caption.num_topics_of(config, grid), caption.seeds_of(config, grid), []
    if row["table"] == "table9":
        if row["num_topics"] != published.PROMPTS_NUM_TOPICS:
            found.append(f"K = {row['num_topics']} instead of {published.PROMPTS_NUM_TOPICS}")
        prompts = compared(config)
        wordings = [config.prompts[name] for name in prompts]
        if wordings != [text for name, text in PAPER_PROMPTS.items() if name != "default"]:
            found.append(f"{len(prompts)} prompts, not the paper’s {published.PROMPTS}")
    elif row.get("num_topics") is None and sorted(topics) != sorted(published.NUM_TOPICS):
        found.append(f"K = {caption.listed(topics)} instead of {caption.listed(published.NUM_TOPICS)}")
    if len(seeds) != published.SEEDS_PER_K:
        found.append(f"{len(seeds)} seeds instead of {published.SEEDS_PER_K}")
    return found


def _metric(config: Config, metric: str) -> list[str]:
    found = []
    if metric in OF_TOP_WORDS and config.top_words != published.TOP_WORDS:
        found.append(f"top {config.top_words} words instead of {published.TOP_WORDS}")
    if metric == "c_v" and "palmetto" not in config.reference.title.lower():
        found.append(f"reference corpus: {config.reference.title} instead of {published.REFERENCE}")
    if metric == "c_v" and config.reference.counting != "boolean":
        found.append(f"windows counted as {config.reference.counting} does instead of boolean")
    if metric == "llm_rating" and config.judge and config.judge.model != published.JUDGE:
        found.append(f"judge: {config.judge.title} instead of {published.JUDGE}")
    return found


def _method(config: Config, row: Mapping[str, Any]) -> list[str]:
    name, slm = row["method"], row.get("slm")
    settings, defaults = create(name, config.methods[name]), create(name, {})
    found = [
        f"{field} = {getattr(settings, field)} instead of {getattr(defaults, field)}"
        for field in type(settings).model_fields
        if field != "word_vectors" and getattr(settings, field) != getattr(defaults, field)
    ]
    embedded = "embeddings" in settings.needs or "embeddings" in (row.get("ablation") or "")
    if embedded and config.encoder and not _names(config.encoder, published.ENCODER):
        found.append(f"sentence encoder: {config.encoder.title} instead of {published.ENCODER}")
    if "word_vectors" in settings.needs:
        vectors = config.word_vectors[settings.word_vectors]
        if vectors.gensim != published.WORD_VECTORS.get(name):
            found.append(f"word vectors: {vectors.title} instead of {published.WORD_VECTORS.get(name, 'none')}")
    return found + (_slm(config, slm) if slm else [])


def _slm(config: Config, name: str) -> list[str]:
    model, found = config.slms[name], []
    if _same_slm(config, name) is None:
        found.append(f"language model: {model.title} instead of {published.SLMS[published_slm(config, name)]}")
    elif model.gguf:
        found.append("weights of the GGUF file (quantised) instead of the original ones")
    if model.max_document_tokens:
        found.append(f"documents cut after {model.max_document_tokens} tokens")
    if config.prompts["default"] != PAPER_PROMPTS["default"]:
        found.append(f"instruction “{config.prompts['default']}”")
    return found


def _same_slm(config: Config, name: str) -> str | None:
    model = config.slms[name]
    return next((slug for slug in published.SLMS if _names(model, slug)), None)


def _names(model: Any, wanted: str) -> bool:
    """Whether a model's title or source has the name ``wanted``."""
    return any(wanted.lower() in source.lower() for source in (model.title, model.hub, model.folder) if source)
