"""Runs, and the variants of methods they are made of.

A run is one (corpus, |V|, method, variant, K, seed); experiments say which there are, and two experiments that ask for
the same run share it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from topicbench.core.protocol import Protocol
from topicbench.experiments.bench import Bench
from topicbench.models.contract import LANGUAGE_MODEL_NEEDS, Method, controls, create


@dataclass(frozen=True)
class Variant:
    """A method as configured for a run: settings, language model and prompt.

    Attributes:
        method: name of the method, or of a control.
        name: path component, unique within the method.
        title: row label in tables.
        settings: hyperparameters that differ from the method's defaults.
        slm: name of the language model read, or None.
        prompt: name of the instruction it was asked with, or None.
        switches: the protocol's switches that are as in ``corrected`` for this run, whatever the configuration says.
        heldout: share of the documents kept from the method and seed of their choice, or None where it gets all.
    """

    method: str
    name: str
    title: str
    settings: Mapping[str, Any] = field(compare=False)
    slm: str | None = None
    prompt: str | None = None
    switches: tuple[str, ...] = ()
    heldout: tuple[float, int] | None = None

    def create(self) -> Method:
        return create(self.method, self.settings)

    @property
    def is_control(self) -> bool:
        """Whether it is a control and no method."""
        return self.method in controls()

    @property
    def group(self) -> str:
        """Its part in a comparison: baseline, rival, ours (it reads a language model) or control."""
        return self.create().group


@dataclass(frozen=True)
class Run:
    """One fit of one seed, and what it is to the experiment that asks for it.

    Attributes:
        block, role: group of rows it is compared within, and its part there; not part of what the run is.
    """

    corpus: str
    vocabulary_size: int
    variant: Variant
    num_topics: int
    seed: int
    block: str = field(default="", compare=False)
    role: str = field(default="", compare=False)

    @property
    def fit(self) -> Fit:
        return Fit(self.corpus, self.vocabulary_size, self.variant, self.num_topics)


@dataclass(frozen=True)
class Fit:
    """All seeds of one configuration of a method on a corpus: one job.

    Starting a process and importing a topic-modelling library takes 3–12 s, a short run about as long; sharing the
    process over the seeds pays it once, while K stays the unit of parallelism, because the time of a run grows with K
    and a cluster wants jobs of like length.
    """

    corpus: str
    vocabulary_size: int
    variant: Variant
    num_topics: int


def main_variants(bench: Bench, slm: str | None = None) -> list[Variant]:
    """Each configured method once, those that read a language model once per language model, or only on ``slm``."""
    variants = []
    for method, settings in bench.methods.items():
        created = create(method, settings)
        if reads_language_model(created):
            variants += [soft_label_variant(bench, model, method=method) for model in ([slm] if slm else bench.slms)]
        else:
            variants.append(Variant(method, "default", created.title, settings))
    return variants


def soft_label_variant(
    bench: Bench,
    slm: str,
    suffix: str = "",
    title: str = "",
    prompt: str = "default",
    method: str = "softlabel",
    **changes: Any,
) -> Variant:
    """A soft-label method on language model ``slm`` with ``changes`` over its configured settings.

    Without changes and with the default prompt it is the main experiment's variant, so that such runs are shared.
    A change to what the method already does is no change.
    """
    configured = create(method, bench.methods[method])
    changes = {key: value for key, value in changes.items() if getattr(configured, key) != value}
    settings = {**bench.methods[method], **changes}
    created = create(method, settings)
    reads = reads_language_model(created)
    if not changes and prompt == "default":
        suffix, title = "", ""
    parts = ([slm] if reads else []) + ([suffix] if suffix else []) + ([prompt] if prompt != "default" else [])
    return Variant(
        method,
        "-".join(parts),
        title or created.row_label(bench.slms[slm].title),
        settings,
        slm if reads else None,
        prompt if reads else None,
    )


def reads_language_model(method: Method) -> bool:
    return bool(method.needs & LANGUAGE_MODEL_NEEDS)


def protocol_of(bench: Bench, variant: Variant) -> Protocol:
    """The protocol a variant is run under."""
    return bench.protocol.corrected(variant.switches)


def switched(variant: Variant, switches: Sequence[str]) -> Variant:
    """A variant under the protocol's ``switches`` as in ``corrected``, as far as they change anything for it.

    Where they change nothing it is the variant itself, so that such runs are shared.
    """
    method = variant.create()
    concerned = {
        "duplicates": True,
        "encoder_text": "embeddings" in method.needs,
        "documents": not method.reads_bag_of_words,
        "nll_target": getattr(method, "loss", "") == "nll" and getattr(method, "target", "") != "bow",
    }
    chosen = tuple(switch for switch in switches if concerned.get(switch))
    return replace(variant, name="+".join([variant.name, *chosen]), switches=chosen)
