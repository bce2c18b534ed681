"""The experiments: which runs each asks for.

An experiment is a list of runs and a way to draw them (`topicbench.views`); two experiments that ask for the same run
share it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from topicbench.config.schema import Config
from topicbench.core.protocol import Protocol
from topicbench.experiments.runs import Fit, Run, Variant, control_variants, main_variants, soft_label_variant, switched
from topicbench.experiments.sections import Grid, Heldout
from topicbench.models.contract import create, methods


def ablations(protocol: Protocol) -> dict[str, dict[str, Any]]:
    """Table 3's ablations: name → settings over the unablated model.

    The paper's "standard negative log-likelihood from ProdLDA" has neither a weight lambda nor a temperature of the
    student. With ``nll_target: softmax`` the target is a distribution, whose likelihood keeps lambda: unweighted it
    would be of the size of the prior's term alone.
    """
    nll: dict[str, Any] = {"loss": "nll", "student_temperature": 1.0}
    if protocol.nll_target == "raw_logits":
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


def ablation_variants(config: Config, slm: str, protocol: Protocol | None = None) -> dict[str, Variant]:
    """The unablated model ("original") and its ablations on ``slm``, in the order of Table 3.

    ``protocol`` says what they are where it is not the configuration's.
    """
    variants = {"original": soft_label_variant(config, slm)}
    for name, changes in ablations(protocol or config.protocol).items():
        variants[name] = soft_label_variant(config, slm, name, ABLATION_TITLES[name], **changes)
    return variants


def temperature_variant(config: Config, slm: str, temperature: float) -> Variant:
    return soft_label_variant(config, slm, f"tau{temperature:g}", f"τ = {temperature:g}", temperature=temperature)


def backbone_variants(config: Config, slm: str, backbone: str) -> list[Variant]:
    """A method, soft labels as its target, and those with hidden states as its input as well, on ``slm``.

    Where the configuration does not list the soft-label variant it has the backbone's settings.
    """
    plain = next(variant for variant in main_variants(config) if variant.method == backbone)
    name = f"soft{backbone}"
    if name in config.methods:
        soft = soft_label_variant(config, slm, method=name)
    else:
        own, shared = methods()[name].model_fields, methods()[backbone].model_fields
        # A default that differs, differs because the input does.
        kept = {key for key in own if key in shared and own[key].default == shared[key].default}
        settings = {key: value for key, value in plain.settings.items() if key in kept}
        soft = Variant(name, slm, methods()[name].title, settings, slm, "default")
    target_only = replace(
        soft,
        name=f"{soft.name}-own-input",
        title=f"{soft.title}, own input",
        settings={**soft.settings, "input": "own"},
    )
    return [plain, target_only, soft]


def heldout_variant(variant: Variant, heldout: Heldout) -> Variant:
    """``variant`` fitted to part of the documents."""
    return replace(variant, name=f"{variant.name}-heldout", heldout=(heldout.share, heldout.split_seed))


def heldout_methods(config: Config) -> list[Variant]:
    """The variants that are also fitted to part of the documents, as they are when fitted to all."""
    section = config.experiments.heldout
    variants = main_variants(config, section.slm)
    return [variant for variant in variants if variant.method in (section.methods or config.methods)]


def heldout_corpora(config: Config) -> list[str]:
    """The corpora whose held-out documents are scored: those named, or all with labels."""
    labelled = [name for name, corpus in config.corpora.items() if corpus.label_column is not None]
    return config.experiments.heldout.corpora or labelled


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


def _controls(config: Config) -> list[Run]:
    """The controls on the grid of the main experiment, beside which they stand."""
    if config.experiments.main is None:
        return []
    return [
        Run(corpus, config.vocabulary_size, variant, k, seed)
        for corpus in config.corpora
        for variant in control_variants(config, corpus)
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


PROTOCOL_ABLATIONS = ("nll", "nll-bow", "embeddings")


def protocol_settings(config: Config) -> dict[str, tuple[str, ...]]:
    """Name → switches that are as in ``corrected``: paper, every switch alone, and all together (corrected)."""
    switches = tuple(config.experiments.protocol.switches)
    return {"paper": (), **{switch: (switch,) for switch in switches}, "corrected": switches}


def protocol_variants(config: Config, setting: str) -> dict[str, Variant]:
    """The methods, then the ablations of the soft-label model, under one of `protocol_settings`, by what they are.

    Ablations are run under ``paper`` and ``corrected`` only. Of several language models one is taken.
    """
    switches = protocol_settings(config)[setting]
    slm = first_slm(config, config.experiments.protocol.slm)
    variants = {"/".join((variant.method, variant.name)): variant for variant in main_variants(config, slm)}
    if "softlabel" in config.methods and setting in ("paper", "corrected"):
        ablated = ablation_variants(config, slm, config.protocol.corrected(switches))
        variants |= {name: ablated[name] for name in PROTOCOL_ABLATIONS}
    return {name: switched(variant, switches) for name, variant in variants.items()}


def _protocol(config: Config) -> list[Run]:
    section = config.experiments.protocol
    return [
        Run(corpus, config.vocabulary_size, variant, k, seed)
        for corpus in section.corpora or config.corpora
        for setting in protocol_settings(config)
        for variant in protocol_variants(config, setting).values()
        for k, seed in _grid(config, section)
    ]


def calibration_variants(config: Config, slm: str) -> dict[str, Variant]:
    """The plain soft-label model ("plain"), its corrections one by one, all that were kept ("softlabel+"), and more.

    Surface forms were not kept: they stand alone, and on top of softlabel+.
    """
    perplexity = create("softlabel+", config.methods["softlabel+"]).target_perplexity

    def of(suffix: str, title: str, method: str = "softlabel", **changes: Any) -> Variant:
        return soft_label_variant(config, slm, suffix, title, method=method, **changes)

    return {
        "plain": soft_label_variant(config, slm),
        "centred": of("centred", "Centred logits", centre=True),
        "standardised": of("standardised", "Standardised states", standardise=True),
        "forms": of("forms", "Surface forms", surface_forms=True),
        "perplexity": of("perplexity", "τ by perplexity", target_perplexity=perplexity),
        "softlabel+": soft_label_variant(config, slm, method="softlabel+"),
        "softlabel+forms": of("forms", "softlabel+ with surface forms", "softlabel+", surface_forms=True),
    }


def _calibration(config: Config) -> list[Run]:
    section = config.experiments.calibration
    return [
        Run(corpus, config.vocabulary_size, variant, k, seed)
        for corpus in config.corpora
        for slm in section.slms or config.slms
        for variant in calibration_variants(config, slm).values()
        for k, seed in _grid(config, section)
    ]


def _backbones(config: Config) -> list[Run]:
    section = config.experiments.backbones
    return [
        Run(corpus, config.vocabulary_size, variant, k, seed)
        for corpus in section.corpora or config.corpora
        for backbone in section.methods
        for variant in backbone_variants(config, first_slm(config, section.slm), backbone)
        for k, seed in _grid(config, section)
    ]


def _heldout(config: Config) -> list[Run]:
    section = config.experiments.heldout
    return [
        Run(corpus, config.vocabulary_size, fitted, k, seed)
        for corpus in heldout_corpora(config)
        for variant in heldout_methods(config)
        for fitted in (variant, heldout_variant(variant, section))
        for k, seed in _grid(config, section)
    ]


EXPERIMENTS: Mapping[str, Callable[[Config], list[Run]]] = {
    "main": _main,
    "controls": _controls,
    "ablation": _ablation,
    "temperature": _temperature,
    "prompts": _prompts,
    "vocabulary": _vocabulary,
    "qualitative": _qualitative,
    "protocol": _protocol,
    "calibration": _calibration,
    "backbones": _backbones,
    "heldout": _heldout,
}


def asked_for(config: Config) -> list[str]:
    """The experiments that are not left out. The controls are asked for beside the main one."""
    return [
        name
        for name in EXPERIMENTS
        if (_controls(config) if name == "controls" else getattr(config.experiments, name) is not None)
    ]


def experiment_runs(config: Config, name: str) -> list[Run]:
    """The distinct runs of an experiment in a fixed order; none for one that is left out."""
    if name not in asked_for(config):
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
