"""Gathered scores made up for the tests of views: every experiment on two corpora with two language models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from topicbench.core.protocol import SWITCHES
from topicbench.views.contract import About, Definition, Scores
from topicbench.views.degenerate import KINDS
from topicbench.views.frame import COLUMNS, Row

WINDOW = "boolean sliding window of {} tokens (gensim counting) over a sample of Wikipedia"
PROMPTS = {
    "default": "Generate a label that captures the overall theme of the document below.",
    "prompt1": "Name the document’s central theme.",
    "prompt2": "Give a single label that sums up the text.",
    "prompt3": "State the topic.",
    "prompt4": "Label the text.",
    "prompt5": "Generate a tag that captures the primary theme running through the entire document.",
}


def _metric(title: str, definition: str, latex: str = "", labels: bool = False, **changes: Any) -> Definition:
    values = {"minimum": 0.0, "maximum": 1.0, "higher_is_better": True, "decimals": 3, "needs_labels": labels}
    return Definition(**{**values, "title": title, "latex": latex or title, "definition": definition, **changes})


METRICS: Mapping[str, Definition] = {
    "c_v": _metric("C_V", f"C_V (Röder et al. 2015), top 15 words, {WINDOW.format(110)}", "$C_V$"),
    "c_npmi": _metric("C_NPMI", f"C_NPMI, top 15 words, {WINDOW.format(10)}", r"$C_{\mathrm{NPMI}}$"),
    "c_v_gensim": _metric("C_V, gensim counting", "as C_V, with gensim counting over a sample of Wikipedia"),
    "c_v_boolean": _metric("C_V, boolean counting", "as C_V, with boolean counting over a sample of Wikipedia"),
    "c_v_second": _metric("C_V, second corpus", "C_V, second corpus: as C_V, with gensim counting over posts"),
    "c_npmi_second": _metric(
        "C_NPMI, second corpus", "C_NPMI, second corpus: as C_NPMI, with gensim counting over posts"
    ),
    "llm_rating": _metric("LLM", "rating of 1 to 3 of the top 15 words by gpt-4o, mean over topics", decimals=2),
    "i_rbo": _metric("I-RBO", "1 − mean pairwise rank-biased overlap"),
    "topic_diversity": _metric("TD", "share of distinct words"),
    "purity": _metric("Purity", "harmonic mean of purity and inverse purity", labels=True),
    "nmi": _metric("NMI", "mutual information of topics and labels", labels=True),
    "precision_at_5": _metric("P@5", "share of the 5 nearest documents of the same label", labels=True),
    "topics_missing": _metric("Missing topics", "fewer topics than K"),
    "topics_of_repeated_words": _metric("Repeated topics", "several topics with the same top words"),
    "topics_of_fewer_words": _metric("Short topics", "topics with too few usable words"),
    "epochs_without_loss": _metric("Epochs without loss", "epochs whose loss is infinite or no number"),
    "precision_at_10": _metric("P@10", "share of the 10 nearest documents of the same label", labels=True),
}

SECTIONS: Mapping[str, Mapping[str, Any]] = {
    "protocol": {"switches": [*SWITCHES]},
    "heldout": {"share": 0.25, "split_seed": 0},
}


def about(experiment: str = "main", **changes: Any) -> About:
    """Two corpora, one of them a sample; two baselines; two language models; a judge that was not tested."""
    values: dict[str, Any] = {
        "experiment": experiment,
        "section": SECTIONS.get(experiment, {}),
        "num_topics": [5, 10],
        "seeds": [0, 1, 2],
        "protocol": "paper",
        "vocabulary_size": 2000,
        "top_words": 15,
        "corpora": {
            "stackoverflow": {"title": "StackOverflow", "labelled": True},
            "20newsgroups": {"title": "20NewsGroup", "labelled": True, "sample": 1200, "sample_seed": 0},
        },
        "language_models": {"smollm2": {"title": "SmolLM2-135M"}, "ernie": {"title": "ERNIE-4.5-0.3B"}},
        "word_vectors": {},
        "encoder": {"title": "all-MiniLM-L6-v2"},
        "methods": {
            "softlabel+": {
                **{"title": "softlabel+", "needs": ["vocabulary_logits"], "paper": {}, "ours": True},
                "settings": {"target_perplexity": 0.85},
            }
        },
        "prompts": PROMPTS,
        "controls": {},
        "metrics": METRICS,
        "judge": {"title": "gpt-4o", "local": False, "model": "gpt-4o"},
    }
    return About.model_validate({**values, **changes})


def uncomputed(*names: str) -> dict[str, Definition]:
    """The metrics, where those named could not be computed."""
    return {**METRICS, **{name: METRICS[name].model_copy(update={"computed": False}) for name in names}}


def row(method: str, variant: str, title: str, slm: str = "", block: str = "", role: str = "", group: str = "") -> Row:
    """A row of a table, of group "ours" where it reads a language model."""
    return Row(method, variant, title, group or ("ours" if slm else "baseline"), block, role, slm)


LDA = row("lda", "default", "LDA")
ZEROSHOT = row("zeroshottm", "default", "ZeroshotTM")
SMOLLM2 = row("softlabel", "smollm2", "SmolLM2-135M", "smollm2")
ERNIE = row("softlabel", "ernie", "ERNIE-4.5-0.3B", "ernie")
MAIN = [LDA, ZEROSHOT, SMOLLM2, ERNIE]
CONTROLS = {"Random topics": "words by chance", "LDA, shuffled documents": "θ by chance", "Label oracle": "labels"}
CONTROL_ROWS = [
    row(method, "default", title, group="control")
    for method, title in zip(("random-topics", "shuffled-documents", "label-oracle"), CONTROLS, strict=True)
]


def _ablation() -> list[Row]:
    titles = {"nll": "NLL", "nll-bow": "NLL + BoW", "embeddings": "Embeddings"}
    rows = []
    for original in (SMOLLM2, ERNIE):
        slm = original.slm
        rows.append(original._replace(block=slm, role="original"))
        rows += [row("softlabel", f"{slm}-{role}", title, slm, slm, role) for role, title in titles.items()]
        # Without a language model: one model, in the block of each.
        rows.append(row("softlabel", "nll-bow-embeddings", "NLL + BoW + Embeddings", "", slm, "nll-bow-embeddings"))
    return rows


def _calibration() -> list[Row]:
    titles = {"centred": "Centred logits", "standardised": "Standardised states", "forms": "Surface forms"}
    titles |= {"perplexity": "τ by perplexity"}
    rows = []
    for plain in (SMOLLM2, ERNIE):
        slm = plain.slm
        rows.append(plain._replace(block=slm, role="plain"))
        rows += [row("softlabel", f"{slm}-{role}", title, slm, slm, role) for role, title in titles.items()]
        rows.append(row("softlabel+", slm, f"{plain.title}, softlabel+", slm, slm, "softlabel+"))
        rows.append(
            row("softlabel+", f"{slm}-forms", "softlabel+ with surface forms", slm, slm, "softlabel+forms"),
        )
    return rows


def _backbones() -> list[Row]:
    rows = []
    for method, title in (("etm", "ETM"), ("fastopic", "FASTopic")):
        soft = row(f"soft{method}", "ernie", f"{title} + soft labels", "ernie", method, "soft")
        rows.append(row(method, "default", title, block=method, role="plain"))
        rows += [soft._replace(variant="ernie-own-input", title=f"{soft.title}, own input", role="own-input"), soft]
    return rows


def _heldout() -> list[Row]:
    rows = []
    for plain in (LDA, ZEROSHOT, SMOLLM2):
        block = f"{plain.method}/{plain.variant}"
        rows += [
            plain._replace(block=block, role="all"),
            plain._replace(block=block, role="heldout", variant=f"{plain.variant}-heldout"),
        ]
    return rows


def protocol_rows(switches: Sequence[str] = SWITCHES) -> list[Row]:
    """Every method under each setting, with the switches that concern it."""
    concerned = {LDA: ("duplicates",), ZEROSHOT: ("duplicates", "encoder_text"), SMOLLM2: ("duplicates", "documents")}
    ablations = {"nll": ("NLL", "nll_target"), "nll-bow": ("NLL + BoW", ""), "embeddings": ("Embeddings", "")}
    rows = []
    for setting in ("paper", *switches, "corrected"):
        on = {"paper": (), "corrected": tuple(switches)}.get(setting, (setting,))
        for plain, relevant in concerned.items():
            chosen = [switch for switch in on if switch in relevant]
            role = f"{plain.method}/{plain.variant}"
            rows.append(plain._replace(variant="+".join([plain.variant, *chosen]), block=setting, role=role))
        for role, (title, target) in ablations.items() if setting in ("paper", "corrected") else ():
            chosen = [switch for switch in on if switch in ("duplicates", "documents", target)]
            rows.append(row("softlabel", "+".join([f"smollm2-{role}", *chosen]), title, "smollm2", setting, role))
    return rows


ROWS: Mapping[str, Sequence[Row]] = {
    "main": MAIN,
    "ablation": _ablation(),
    "temperature": [
        row("softlabel", f"smollm2-tau{tau:g}", f"τ = {tau:g}", "smollm2", "", f"{tau:g}") for tau in (0.5, 1, 2, 3)
    ],
    "prompts": [
        row("softlabel", f"smollm2-{prompt}", prompt, "smollm2", "", prompt)
        for prompt in PROMPTS
        if prompt != "default"
    ],
    "vocabulary": [LDA, ZEROSHOT, SMOLLM2],
    "qualitative": MAIN,
    "protocol": protocol_rows(),
    "calibration": _calibration(),
    "backbones": _backbones(),
    "heldout": _heldout(),
}
ONE_CORPUS = ("prompts", "vocabulary", "qualitative")
INFERRED = ("purity", "precision_at_5", "precision_at_10")


def scores(
    facts: About | None = None,
    rows: Sequence[Row] | None = None,
    shifts: Mapping[tuple[str, str], float] | None = None,
    seed: int = 0,
) -> Scores:
    """A score for every run and metric: by chance, plus the ``shifts`` of (method, variant)."""
    facts = facts or about()
    generator, experiment = np.random.default_rng(seed), facts.experiment
    chosen = [*(ROWS[experiment] if rows is None else rows), *(CONTROL_ROWS if facts.controls else [])]
    corpora = [*facts.corpora][: 1 if experiment in ONE_CORPUS else None]
    sizes = (500, 1000) if experiment == "vocabulary" else (facts.vocabulary_size,)
    # A run that several blocks share has one value.
    values: dict[tuple, float] = {}
    found = []
    for corpus, size, each, k, number in product(corpora, sizes, chosen, facts.num_topics, facts.seeds):
        each = each._replace(role=str(size)) if experiment == "vocabulary" else each
        place = {"experiment": experiment, "corpus": corpus, "corpus_title": facts.corpora[corpus].title}
        place |= {"vocabulary_size": size, **each._asdict(), "num_topics": k, "seed": number}
        place["prompt"] = (each.role if experiment == "prompts" else "default") if each.slm else ""
        for metric in _metrics(facts, corpus, each):
            key = (corpus, size, each.method, each.variant, k, number, metric)
            value = 0.4 + (shifts or {}).get((each.method, each.variant), 0.0) + 0.02 * generator.standard_normal()
            # Written and read back, it has six digits.
            value = values.setdefault(key, 0.0 if metric in KINDS else round(value, 6))
            found.append({**place, "metric": metric, "value": value})
    return Scores(facts, pd.DataFrame(found, columns=list(COLUMNS)))


def with_rows(given: Scores, rows: pd.DataFrame) -> Scores:
    return replace(given, rows=rows)


def _metrics(facts: About, corpus: str, each: Row) -> list[str]:
    labelled = facts.corpora[corpus].labelled
    if each.method == "label-oracle" and not labelled:
        return []
    names = [name for name, known in facts.metrics.items() if known.computed and (labelled or not known.needs_labels)]
    inferred = [f"{part}_{metric}" for metric in INFERRED for part in ("fitted", "heldout")]
    return [*names, *(inferred if each.role == "heldout" and each.method != "zeroshottm" else [])]
