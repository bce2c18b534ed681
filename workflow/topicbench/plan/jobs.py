"""What a configuration asks the workflow to make, and which files each part of it reads.

The rules ask a `Plan`; it knows paths and no Snakemake. ``wildcards`` are mappings of a rule's wildcards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, NamedTuple

from topicbench.config.schema import Config
from topicbench.core.errors import TopicbenchError
from topicbench.core.files import RESULTS
from topicbench.experiments.contract import experiments
from topicbench.experiments.runs import Fit, Run, main_variants, protocol_of
from topicbench.metrics.contract import Context, all_needs, context_of, definitions
from topicbench.metrics.section import Reference
from topicbench.plan import paths
from topicbench.plan.about import about
from topicbench.views.contract import About, View, views


class FitGroup(NamedTuple):
    """What the fits of one rule have in common, for the outputs of a rule cannot depend on the job."""

    environment: str
    seeds: tuple[int, ...]

    @property
    def name(self) -> str:
        """Of the rule."""
        return "_".join(["fit", self.environment, *map(str, self.seeds)])


@dataclass(frozen=True)
class Plan:
    """All runs of a configuration, and what becomes of them."""

    config: Config

    @cached_property
    def experiments(self) -> dict[str, Any]:
        """The filled sections of the experiments that are not left out, by name."""
        return self.config.asked_for

    @property
    def known_experiments(self) -> list[str]:
        """All experiments, left out or not."""
        return list(experiments())

    @cached_property
    def _runs_of(self) -> dict[str, list[Run]]:
        asked = {name: experiments()[name].runs(self.config, section) for name, section in self.experiments.items()}
        return {name: list({(run, run.block, run.role): run for run in runs}.values()) for name, runs in asked.items()}

    def experiment_runs(self, experiment: str) -> list[Run]:
        """An experiment's runs in its order; one that has several roles stands in it as often."""
        if experiment not in self.experiments:
            raise TopicbenchError(
                f"experiments.{experiment}",
                f"the configuration leaves out experiment '{experiment}'",
                f"give experiments.{experiment} a section; an empty one, {{}}, takes the paper's settings",
            )
        return self._runs_of[experiment]

    @cached_property
    def runs(self) -> list[Run]:
        """The distinct runs of all experiments."""
        return list(dict.fromkeys(run for runs in self._runs_of.values() for run in runs))

    @cached_property
    def fits(self) -> dict[str, tuple[Fit, tuple[int, ...]]]:
        """The fits and their seeds in ascending order, by folder."""
        seeds: dict[Fit, list[int]] = {}
        for run in self.runs:
            seeds.setdefault(run.fit, []).append(run.seed)
        return {paths.fit_folder(fit): (fit, tuple(sorted(found))) for fit, found in seeds.items()}

    def fit(self, wildcards: Mapping[str, str]) -> tuple[Fit, tuple[int, ...]]:
        """The fit a path asks for, and its seeds."""
        folder = paths.FIT.format(**wildcards)
        if folder not in self.fits:
            raise TopicbenchError(folder, "no experiment of the configuration asks for this run")
        return self.fits[folder]

    def fit_inputs(self, wildcards: Mapping[str, str]) -> dict[str, Any]:
        """The files a fit reads, by what they are to it."""
        fit, seeds = self.fit(wildcards)
        return fit_inputs(self.config, fit, seeds)

    def refuse_run(self, wildcards: Mapping[str, str]) -> None:
        """Raise a `TopicbenchError` that says why nothing makes the path ``run`` below the runs."""
        path = f"{RESULTS}/runs/{wildcards['run']}"
        folder = path.rpartition("/")[0]
        if folder in {paths.run_folder(run) for run in self.runs}:
            raise TopicbenchError(path, "is a part of a run", f"ask for its folder, {folder}")
        raise TopicbenchError(path, "no experiment of the configuration asks for this run")

    @cached_property
    def fit_groups(self) -> dict[FitGroup, list[str]]:
        """The folders of fits whose jobs have the same environment and the same seeds."""
        groups: dict[FitGroup, list[str]] = {}
        for folder, (fit, seeds) in self.fits.items():
            group = FitGroup(fit.variant.create().environment, seeds)
            groups.setdefault(group, []).append(folder)
        return groups

    def fit_record(self, wildcards: Mapping[str, str]) -> dict[str, Any]:
        """What the records of a fit's runs say of it, beside settings and seeds."""
        fit, _ = self.fit(wildcards)
        protocol, method = protocol_of(self.config, fit.variant), fit.variant.create()
        # The other switches concern no fit, or are in the settings of the method.
        switches = ("duplicates", "documents", *(["encoder_text"] if "embeddings" in method.needs else []))
        return {
            "corpus": fit.corpus,
            "vocabulary_size": fit.vocabulary_size,
            "method": fit.variant.method,
            "variant": fit.variant.name,
            "num_topics": fit.num_topics,
            "slm": fit.variant.slm,
            "prompt": fit.variant.prompt,
            "protocol": {switch: getattr(protocol, switch) for switch in switches},
        }

    @cached_property
    def _scored(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for run in self.runs:
            found.setdefault(paths.scores_of(run), []).append(paths.run_folder(run))
        return found

    def scored_folders(self, wildcards: Mapping[str, str]) -> list[str]:
        """The runs of a variant on a corpus, which are scored together."""
        path = paths.SCORES.format(**wildcards)
        if path not in self._scored:
            raise TopicbenchError(path, "no experiment of the configuration asks for these runs")
        return self._scored[path]

    def score_inputs(self, wildcards: Mapping[str, str]) -> dict[str, list[str]]:
        """The folders of a variant's runs, and the files of whatever metrics need beside them."""
        config, needs = self.config, set[str](all_needs())
        if "counts" in needs:
            needs.add(f"{config.reference.counting}_counts")
        beside: dict[str, list[str]] = {
            "gensim_counts": self.counts(config.reference, "gensim"),
            "boolean_counts": self.counts(config.reference, "boolean"),
            "second_counts": self.counts(config.second_reference),
            "language_models": [paths.LANGUAGE_MODEL.format(slm=name) for name in config.slms],
            "word_vectors": [paths.WORD_VECTORS.format(**wildcards, vectors=name) for name in config.word_vectors],
        }
        words = {"vocabulary": [paths.VOCABULARY.format(**wildcards)]} if "word_vectors" in needs else {}
        needed: dict[str, list[str]] = {need: files for need, files in beside.items() if need in needs}
        return {"runs": self.scored_folders(wildcards), **needed, **words}

    @property
    def score_settings(self) -> dict[str, Any]:
        """What of the configuration metrics read; see `topicbench.metrics.score.read_resources`."""
        config = self.config
        settings: dict[str, Any] = {"palmetto": config.reference.palmetto, "encoder": config.encoder}
        needed: dict[str, Any] = {
            need: each.model_dump(mode="json") for need, each in settings.items() if each and need in all_needs()
        }
        return {"counting": config.reference.counting, **needed}

    @property
    def methods_folders(self) -> list[str]:
        """The folder of every run of a method; controls cost nothing."""
        return [paths.run_folder(run) for run in self.runs if not run.variant.is_control]

    def folders(self, experiment: str) -> list[str]:
        """The folders of an experiment's runs."""
        return list(dict.fromkeys(paths.run_folder(run) for run in self.experiment_runs(experiment)))

    def context(self, experiment: str = "") -> dict[str, Any]:
        """What definitions of metrics name; see `topicbench.metrics.contract.Context`."""
        config = self.config
        judge = config.judge if not experiment or experiments()[experiment].rated else None
        titles = {
            "encoder": config.encoder and config.encoder.title,
            "language_models": ", ".join(slm.title for slm in config.slms.values()),
            "word_vectors": ", ".join(vectors.title for vectors in config.word_vectors.values()),
        }
        return asdict(context_of(config.top_words, config.reference, config.second_reference, judge, **titles))

    def described_runs(self, experiment: str) -> list[dict[str, Any]]:
        """An experiment's runs in plain values: the columns of gathered scores, the path of their scores, the folder.

        See `topicbench.views.frame.COLUMNS`.
        """
        return [
            {
                "scores": paths.scores_of(run),
                "folder": paths.run_folder(run),
                "corpus": run.corpus,
                "corpus_title": self.config.corpora[run.corpus].title,
                "vocabulary_size": run.vocabulary_size,
                "method": run.variant.method,
                "variant": run.variant.name,
                "title": run.variant.title,
                "group": run.variant.group,
                "block": run.block,
                "role": run.role,
                "slm": run.variant.slm,
                "prompt": run.variant.prompt,
                "num_topics": run.num_topics,
                "seed": run.seed,
            }
            for run in self.experiment_runs(experiment)
        ]

    def experiment_scores(self, experiment: str) -> list[str]:
        """The score files of an experiment's runs."""
        return list(dict.fromkeys(paths.scores_of(run) for run in self.experiment_runs(experiment)))

    def about(self, experiment: str = "", defined: bool = False) -> dict[str, Any]:
        """What is written with an experiment's scores; see `topicbench.views.contract.About`.

        Its metrics are filled in by those who score, or where they are to be ``defined``.
        """
        found = about(self.config, experiment, self.experiments.get(experiment))
        metrics = definitions(Context(**self.context(experiment))) if defined else {}
        return {**found, "metrics": metrics}

    @cached_property
    def vocabularies(self) -> list[str]:
        """Every vocabulary of any run."""
        return sorted({paths.VOCABULARY.format(corpus=run.corpus, size=run.vocabulary_size) for run in self.runs})

    def counts(self, reference: Reference | None, counting: str | None = None) -> list[str]:
        """Window counts of a reference corpus, as it is counted or in another way; none of none."""
        if reference is None:
            return []
        return [paths.COUNTS.format(reference=reference.name, counting=counting or reference.counting)]

    @property
    def references(self) -> dict[str, Reference]:
        """The reference corpora by name."""
        found = [self.config.reference, self.config.second_reference]
        return {reference.name: reference for reference in found if reference}

    @property
    def judge_model(self) -> list[str]:
        """The prepared language model of a local judge; none for an endpoint."""
        judge = self.config.judge
        return [paths.LANGUAGE_MODEL.format(slm=judge.slm)] if judge and judge.slm else []

    @property
    def judge_settings(self) -> dict[str, Any]:
        """Who judges, as far as another one would judge otherwise, and the arithmetic of a local judge."""
        judge = self.config.judge
        slm = self.config.slms[judge.slm].model_dump(include={"dtype", "device"}) if judge and judge.slm else None
        return {"judge": judge and judge.model_dump(include={"slm", "model", "base_url"}), "slm": slm}

    @property
    def judge_check(self) -> list[str]:
        """How well the judge tells coherent word sets from shuffled ones; none without a judge."""
        return [paths.JUDGE_CHECK] if self.config.judge else []

    def ratings(self, experiment: str) -> list[str]:
        """The ratings of an experiment's topics; none without a judge, or where its table has no use for them."""
        rated = self.config.judge and experiments()[experiment].rated
        return [paths.RATINGS.format(experiment=experiment)] if rated else []

    @cached_property
    def known_views(self) -> dict[str, View]:
        """All views, those that experiments bring with them too, by name."""
        own = {view.name: view for each in experiments().values() for view in each.views}
        return {**views(), **own}

    @cached_property
    def views(self) -> dict[str, View]:
        """The views that can be made: their experiment is not left out, and the configuration lacks nothing."""
        return {name: view for name, view in self.known_views.items() if not self.lacks(view)}

    def view_about(self, view: View) -> About:
        """What a view is told, but for what those who score fill in."""
        return About.model_validate(self.about(view.experiment or ""))

    def lacks(self, view: View) -> str:
        """What the configuration lacks for a view, in words; empty where it can be made."""
        if view.experiment is not None and view.experiment not in self.experiments:
            return f"the configuration leaves out experiment '{view.experiment}'"
        return view.requires(self.view_about(view))

    def view_inputs(self, view: View) -> dict[str, Any]:
        """The files a view is drawn from.

        Raises:
            TopicbenchError: the configuration lacks something for it.
        """
        if problem := self.lacks(view):
            raise TopicbenchError(
                f"{RESULTS}/{view.name}", problem, "give the configuration what it lacks, or leave the view out"
            )
        shown = [name for name in (view.experiment, *view.others) if name in self.experiments]
        return {
            **{name: paths.EXPERIMENT.format(experiment=name) for name in shown},
            **{f"about_{name}": paths.ABOUT.format(experiment=name) for name in shown},
            **self._needed(view),
        }

    def _needed(self, view: View) -> dict[str, list[str]]:
        section = self.view_about(view).section
        chosen = [section["corpus"]] if view.of_one_corpus else list(self.config.corpora)
        size = self.config.vocabulary_size
        found: dict[str, list[str]] = {}
        for need in view.needs:
            if need == "runs":
                found[need] = self.folders(view.experiment)
                continue
            template = {
                "documents": paths.DOCUMENTS,
                "vocabulary": paths.VOCABULARY,
                "bow": paths.BOW,
                "kept": paths.KEPT,
                "logits": paths.VOCABULARY_LOGITS,
                "word_vectors": paths.WORD_VECTORS,
                "found": paths.WORDS_FOUND,
            }[need]
            further = {"slm": section.get("slm"), "prompt": "default", "vectors": section.get("word_vectors")}
            found[need] = [template.format(corpus=corpus, size=size, **further) for corpus in chosen]
        return found

    def outputs(self, pdflatex: bool) -> list[str]:
        """Everything that ``all`` makes; ``pdflatex``: whether the document can be typeset."""
        return [
            *(f"{RESULTS}/{file}" for view in self.views.values() for file in view.outputs().values()),
            # Snakemake does not miss what lies between the sources and the targets.
            *(paths.run_folder(run) for run in self.runs),
            *(paths.ALL_SCORES.format(kind=kind) for kind in ("csv", "parquet")),
            paths.METRICS,
            paths.COSTS,
            paths.PAPER.format(kind="pdf" if pdflatex else "tex"),
        ]


def fit_inputs(config: Config, fit: Fit, seeds: Sequence[int]) -> dict[str, Any]:
    """The files a fit reads, by what they are to it."""
    variant, method = fit.variant, fit.variant.create()
    # The paper's encoder sees the bag-of-words string of a document, its vocabulary words alone.
    bags = protocol_of(config, variant).encoder_text == "bag_of_words"
    templates: dict[str, str] = {
        "embeddings": paths.BAG_EMBEDDINGS if bags else paths.TEXT_EMBEDDINGS,
        "word_embeddings": paths.WORD_EMBEDDINGS,
        "hidden_states": paths.HIDDEN_STATES,
        "vocabulary_logits": paths.VOCABULARY_LOGITS,
        "surface_forms": paths.SURFACE_FORMS,
        "word_vectors": paths.WORD_VECTORS,
        "labels": paths.DOCUMENTS,
    }
    values = {
        "corpus": fit.corpus,
        "size": fit.vocabulary_size,
        "slm": variant.slm,
        "prompt": variant.prompt,
        "encoder": config.encoder and config.encoder.name,
        "vectors": getattr(method, "word_vectors", None),
    }
    always: dict[str, str] = {
        "tokens": paths.TOKENS,
        "vocabulary": paths.VOCABULARY,
        "bow": paths.BOW,
        "kept": paths.KEPT,
    }
    wanted: dict[str, str] = {
        **always,
        **{need: template for need, template in templates.items() if need in method.needs},
    }
    files: dict[str, Any] = {name: template.format(**values) for name, template in wanted.items()}
    if "fitted" in method.needs:
        first = Fit(fit.corpus, fit.vocabulary_size, main_variants(config)[0], fit.num_topics)
        folders = [paths.seed_folder(paths.fit_folder(first), seed) for seed in seeds]
        files["fitted"] = folders
    return files
