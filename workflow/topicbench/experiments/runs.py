"""Runs, and where each lies on disk.

A run is one (corpus, |V|, method, variant, K, seed); experiments say which there are. A *fit* is what one job
computes: all seeds of one (corpus, |V|, method, variant, K). Starting a process and importing a topic-modelling
library takes 3–12 s and loading the features up to a second, a short run takes about as long; sharing the process over
the seeds pays both once, while K stays the unit of parallelism, because the time of a run grows with K and a cluster
wants jobs of like length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from topicbench.config.schema import Config
from topicbench.core.protocol import Protocol
from topicbench.models.contract import LANGUAGE_MODEL_NEEDS, Method, create
from topicbench.models.controls import CONTROLS

RESULTS = "results"


@dataclass(frozen=True)
class Variant:
    """A method as configured for a run: settings, and for methods that read a language model, which and how asked.

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
        """Whether it is one of `topicbench.models.controls`, which no library fits."""
        return self.method in CONTROLS


@dataclass(frozen=True)
class Run:
    corpus: str
    vocabulary_size: int
    variant: Variant
    num_topics: int
    seed: int

    @property
    def fit(self) -> Fit:
        return Fit(self.corpus, self.vocabulary_size, self.variant, self.num_topics)

    @property
    def folder(self) -> str:
        return f"{self.fit.folder}/seed{self.seed}"


@dataclass(frozen=True)
class Fit:
    """One job: all seeds of one configuration of a method on a corpus."""

    corpus: str
    vocabulary_size: int
    variant: Variant
    num_topics: int

    @property
    def folder(self) -> str:
        return f"{variant_folder('runs', self.corpus, self.vocabulary_size, self.variant)}/K{self.num_topics}"

    @property
    def done(self) -> str:
        """The file that says all seeds of this fit are whole; one file for all K of a control."""
        if self.variant.is_control:
            return f"{RESULTS}/runs/{self.corpus}/v{self.vocabulary_size}/{self.variant.method}/runs.json"
        return f"{self.folder}/runs.json"


def variant_folder(stage: str, corpus: str, vocabulary_size: int, variant: Variant) -> str:
    return f"{RESULTS}/{stage}/{corpus}/v{vocabulary_size}/{variant.method}/{variant.name}"


def scores_path(run: Run) -> str:
    """The scores of all runs of this run's (corpus, |V|, method, variant)."""
    return variant_folder("scores", run.corpus, run.vocabulary_size, run.variant) + ".json"


def describe(run: Run) -> dict[str, Any]:
    """A run in plain values, as the scores and tables name it."""
    return {
        "corpus": run.corpus,
        "vocabulary_size": run.vocabulary_size,
        "method": run.variant.method,
        "variant": run.variant.name,
        "title": run.variant.title,
        "slm": run.variant.slm,
        "prompt": run.variant.prompt,
        "num_topics": run.num_topics,
        "seed": run.seed,
    }


def main_variants(config: Config, slm: str | None = None) -> list[Variant]:
    """The table rows of the main experiment: each method once, the soft-label methods once per language model."""
    variants = []
    for method in config.methods:
        if _reads_language_model(create(method, config.methods[method])):
            variants += [soft_label_variant(config, model, method=method) for model in ([slm] if slm else config.slms)]
        else:
            settings = config.methods[method]
            variants.append(Variant(method, "default", create(method, settings).title, settings))
    return variants


def control_variants(config: Config, corpus: str | None = None) -> list[Variant]:
    """The controls, or those of a corpus: one without labels has no oracle."""
    labelled = corpus is None or config.corpora[corpus].label_column is not None
    titles = {
        "random-topics": "Random topics",
        "shuffled-documents": f"{main_variants(config)[0].title}, shuffled documents",
        "label-oracle": "Label oracle",
    }
    return [
        Variant(name, "default", titles[name], {}) for name in config.controls if labelled or name != "label-oracle"
    ]


def soft_label_variant(
    config: Config,
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
    configured = create(method, config.methods[method])
    changes = {key: value for key, value in changes.items() if getattr(configured, key) != value}
    settings = {**config.methods[method], **changes}
    created = create(method, settings)
    reads = _reads_language_model(created)
    if not changes and prompt == "default":
        suffix, title = "", ""
    parts = ([slm] if reads else []) + ([suffix] if suffix else []) + ([prompt] if prompt != "default" else [])
    return Variant(
        method,
        "-".join(parts),
        title or created.row_label(config.slms[slm].title),
        settings,
        slm if reads else None,
        prompt if reads else None,
    )


def _reads_language_model(method: Method) -> bool:
    return bool(method.needs & LANGUAGE_MODEL_NEEDS)


def protocol_of(config: Config, variant: Variant) -> Protocol:
    """The protocol a variant is run under."""
    return config.protocol.corrected(variant.switches)


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


def fit_inputs(config: Config, fit: Fit) -> dict[str, str]:
    """The files a fit reads, by what they are to it."""
    corpus = f"{RESULTS}/corpora/{fit.corpus}"
    sized = f"{corpus}/v{fit.vocabulary_size}"
    features = f"{RESULTS}/features/{fit.corpus}"
    sized_features = f"{features}/v{fit.vocabulary_size}"
    variant, method = fit.variant, fit.variant.create()
    files = {
        "tokens": f"{corpus}/tokens.parquet",
        "vocabulary": f"{sized}/vocabulary.txt",
        "bow": f"{sized}/bow.npz",
        "kept": f"{sized}/kept.npy",
    }
    if "embeddings" in method.needs:
        # The paper's encoder sees the vocabulary words only.
        folder = sized_features if protocol_of(config, variant).encoder_text == "bag_of_words" else features
        files["embeddings"] = f"{folder}/encoder/{config.encoder.name}.npy"
    if "hidden_states" in method.needs:
        files["hidden_states"] = f"{features}/slm/{variant.slm}/{variant.prompt}/hidden.npy"
    if "vocabulary_logits" in method.needs:
        files["vocabulary_logits"] = f"{sized_features}/soft/{variant.slm}/{variant.prompt}.npy"
    if "surface_forms" in method.needs:
        files["surface_forms"] = f"{sized_features}/forms/{variant.slm}/{variant.prompt}.npy"
    if "word_vectors" in method.needs:
        files["word_vectors"] = f"{sized_features}/words/{method.word_vectors}.npy"
    return files
