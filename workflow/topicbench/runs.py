"""Runs, the experiments that ask for them, and where each lies on disk.

A run is one (corpus, |V|, method, variant, K, seed). An experiment is a list of runs; two experiments that ask for
the same run share it. A *fit* is what one job computes: all seeds of one (corpus, |V|, method, variant, K). Starting
a process and importing a topic-modelling library takes 3–12 s and loading the features up to a second, a short run
takes about as long; sharing the process over the seeds pays both once, while K stays the unit of parallelism,
because the time of a run grows with K and a cluster wants jobs of like length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from topicbench.config import Config, Grid
from topicbench.models.base import Method, create

RESULTS = "results"


@dataclass(frozen=True)
class Variant:
    """A method as configured for a run: settings, and for methods that read a language model, which and how asked.

    Attributes:
        method: name of the method.
        name: path component, unique within the method.
        title: row label in tables.
        settings: hyperparameters that differ from the method's defaults.
        slm: name of the language model read, or None.
        prompt: name of the instruction it was asked with, or None.
    """

    method: str
    name: str
    title: str
    settings: Mapping[str, Any] = field(compare=False)
    slm: str | None = None
    prompt: str | None = None

    def create(self) -> Method:
        return create(self.method, self.settings)


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
        """The file that says all seeds of this fit are whole."""
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
        title or config.slms[slm].title,
        settings,
        slm if reads else None,
        prompt if reads else None,
    )


def _reads_language_model(method: Method) -> bool:
    return bool(method.needs & {"soft_labels", "hidden_states"})


def ablations(config: Config) -> dict[str, dict[str, Any]]:
    """Table 3's ablations: name → settings over the unablated model.

    The paper's "standard negative log-likelihood from ProdLDA" has neither a weight lambda nor a temperature of the
    student. With ``protocol: corrected`` the target is a distribution, whose likelihood keeps lambda: unweighted it
    would be of the size of the prior's term alone.
    """
    nll: dict[str, Any] = {"loss": "nll", "student_temperature": 1.0}
    if config.protocol == "paper":
        soft = {**nll, "nll_weights": "raw_logits", "loss_weight": 1.0}
    else:
        soft = {**nll, "nll_weights": "softmax", "temperature": 1.0}
    bow = {**nll, "target": "bow", "loss_weight": 1.0}
    return {
        "nll": soft,
        "nll-bow": bow,
        "embeddings": {"input": "embeddings"},
        "nll-bow-embeddings": {**bow, "input": "embeddings"},
    }


ABLATION_TITLES = {
    "nll": "NLL",
    "nll-bow": "NLL + BoW",
    "embeddings": "Embeddings",
    "nll-bow-embeddings": "NLL + BoW + Embeddings",
}


def ablation_variants(config: Config, slm: str) -> dict[str, Variant]:
    """The unablated model ("original") and its ablations on ``slm``, in the order of Table 3."""
    variants = {"original": soft_label_variant(config, slm)}
    for name, changes in ablations(config).items():
        variants[name] = soft_label_variant(config, slm, name, ABLATION_TITLES[name], **changes)
    return variants


def temperature_variant(config: Config, slm: str, temperature: float) -> Variant:
    return soft_label_variant(config, slm, f"tau{temperature:g}", f"τ = {temperature:g}", temperature=temperature)


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
        # The paper's encoder sees the vocabulary words only, the corrected one the text (SPEC section 7).
        folder = sized_features if config.protocol == "paper" else features
        files["embeddings"] = f"{folder}/encoder/{config.encoder.name}.npy"
    if "hidden_states" in method.needs:
        files["hidden_states"] = f"{features}/slm/{variant.slm}/{variant.prompt}/hidden.npy"
    if "soft_labels" in method.needs:
        files["soft_labels"] = f"{sized_features}/soft/{variant.slm}/{variant.prompt}.npy"
    if "word_vectors" in method.needs:
        files["word_vectors"] = f"{sized_features}/words/{method.word_vectors}.npy"
    return files


def first_slm(config: Config, named: str | None = None) -> str | None:
    return named or next(iter(config.slms), None)


def first_corpus(config: Config, named: str | None = None) -> str:
    return named or next(iter(config.corpora))


def figure1_sources(config: Config) -> tuple[str, str, str] | None:
    """Names of the corpus, language model and word vectors Figure 1 is made of; None where one is missing.

    The corpus is 20newsgroups as in the paper, else the first with labels; model and vectors are the first configured.
    """
    labelled = [name for name, entry in config.corpora.items() if entry.label_column is not None]
    if not (labelled and config.slms and config.word_vectors):
        return None
    corpus = "20newsgroups" if "20newsgroups" in labelled else labelled[0]
    return corpus, next(iter(config.slms)), next(iter(config.word_vectors))


def qualitative_num_topics(config: Config) -> int:
    """K of Table 4: 50 in the paper's grid, its second smallest value."""
    chosen = config.experiments.qualitative
    values = sorted(config.num_topics)
    return (chosen and chosen.num_topics) or values[min(1, len(values) - 1)]


def _grid(config: Config, grid: Grid) -> Iterable[tuple[int, int]]:
    return [(k, seed) for k in grid.num_topics or config.num_topics for seed in grid.seeds or config.seeds]


def _main(config: Config) -> list[Run]:
    return [
        Run(corpus, config.vocabulary_size, variant, k, seed)
        for corpus in config.corpora
        for variant in main_variants(config)
        for k, seed in _grid(config, config.experiments.main)
    ]


def _ablation(config: Config) -> list[Run]:
    section = config.experiments.ablation
    return [
        Run(corpus, config.vocabulary_size, variant, k, seed)
        for corpus in config.corpora
        for slm in section.slms or config.slms
        for variant in ablation_variants(config, slm).values()
        for k, seed in _grid(config, section)
    ]


def _temperature(config: Config) -> list[Run]:
    section = config.experiments.temperature
    return [
        Run(corpus, config.vocabulary_size, temperature_variant(config, first_slm(config, section.slm), tau), k, seed)
        for corpus in config.corpora
        for tau in section.temperatures
        for k, seed in _grid(config, section)
    ]


def _prompts(config: Config) -> list[Run]:
    section = config.experiments.prompts
    slm = first_slm(config, section.slm)
    return [
        Run(first_corpus(config, section.corpus), config.vocabulary_size, variant, k, seed)
        for prompt in section.prompts or [name for name in config.prompts if name != "default"]
        for variant in [soft_label_variant(config, slm, prompt=prompt, title=prompt)]
        for k, seed in _grid(config, section)
    ]


def _vocabulary(config: Config) -> list[Run]:
    section = config.experiments.vocabulary
    return [
        Run(first_corpus(config, section.corpus), size, variant, k, seed)
        for size in section.sizes
        for variant in main_variants(config, first_slm(config, section.slm))
        for k, seed in _grid(config, section)
    ]


def _qualitative(config: Config) -> list[Run]:
    section = config.experiments.qualitative
    seed = config.seeds[0] if section.seed is None else section.seed
    corpus = first_corpus(config, section.corpus)
    k = qualitative_num_topics(config)
    return [Run(corpus, config.vocabulary_size, variant, k, seed) for variant in main_variants(config)]


EXPERIMENTS: Mapping[str, Callable[[Config], list[Run]]] = {
    "main": _main,
    "ablation": _ablation,
    "temperature": _temperature,
    "prompts": _prompts,
    "vocabulary": _vocabulary,
    "qualitative": _qualitative,
}


def experiment_runs(config: Config, name: str) -> list[Run]:
    """The distinct runs of an experiment in a fixed order; none for one that is left out."""
    if getattr(config.experiments, name) is None:
        return []
    return list(dict.fromkeys(EXPERIMENTS[name](config)))


def all_runs(config: Config) -> list[Run]:
    """The distinct runs of all experiments."""
    return list(dict.fromkeys(run for name in EXPERIMENTS for run in experiment_runs(config, name)))


def fits(runs: Iterable[Run]) -> dict[Fit, list[int]]:
    """Runs grouped into fits, each with its seeds in ascending order."""
    grouped: dict[Fit, list[int]] = {}
    for run in runs:
        grouped.setdefault(run.fit, []).append(run.seed)
    return {fit: sorted(seeds) for fit, seeds in grouped.items()}
