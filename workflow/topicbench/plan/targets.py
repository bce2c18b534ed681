"""What a configuration asks the workflow to make, and which files each part of it reads.

The rules ask a `Plan`; it knows paths and no Snakemake. ``wildcards`` are mappings of a rule's wildcards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from topicbench.config.schema import Config
from topicbench.core.errors import TopicbenchError
from topicbench.experiments import all as experiments
from topicbench.experiments import runs
from topicbench.experiments.all import figure1_sources
from topicbench.experiments.runs import RESULTS, Fit, Run, main_variants
from topicbench.metrics.coherence import OTHER_COUNTING
from topicbench.metrics.section import Reference

TABLES: Mapping[str, str | None] = {
    "table1": "main",
    "table2": "main",
    "table3": "ablation",
    "table4": "qualitative",
    "table5": None,
    "table6": None,
    "table7": "main",
    "table8": None,
    "table9": "prompts",
    "protocol": "protocol",
    "calibration": "calibration",
    "coherence_agreement": "main",
    "backbones": "backbones",
    "heldout": "heldout",
}
"""Experiment of each table, by its files' stem, numbered where the paper has it; None: it needs no run."""

TABLES_OF_SCORES = tuple(table for table, experiment in TABLES.items() if experiment not in (None, "qualitative"))
"""Tables made from nothing but an experiment's scores."""

TABLES_WITH_CONTROLS = ("table1", "table2", "table7")

FIGURES: Mapping[str, str | None] = {
    "1": None,
    "2": None,
    "3": "temperature",
    "4": "temperature",
    "5": "vocabulary",
    "_ranks": "main",
}
"""Experiment of each figure; None: it needs no run."""

UNRATED = ("protocol", "calibration", "heldout")
"""Experiments whose topics no judge rates: it would double the cost of comparisons that are not about words."""

CORPUS_FILES = {"vocabulary": "vocabulary.txt", "bow": "bow.npz", "kept": "kept.npy"}


@dataclass(frozen=True)
class Plan:
    """All runs of a configuration, and what becomes of them."""

    config: Config

    @cached_property
    def runs(self) -> list[Run]:
        return experiments.all_runs(self.config)

    @cached_property
    def fits(self) -> dict[str, tuple[Fit, list[int]]]:
        """The methods' fits and their seeds, by folder."""
        fitted = [run for run in self.runs if not run.variant.is_control]
        return {fit.folder: (fit, seeds) for fit, seeds in experiments.fits(fitted).items()}

    @property
    def experiments(self) -> list[str]:
        """The experiments that are not left out."""
        return experiments.asked_for(self.config)

    def fit(self, wildcards: Mapping[str, str]) -> tuple[Fit, list[int]]:
        """The fit a path asks for, and its seeds."""
        folder = RESULTS + "/runs/{corpus}/v{size}/{method}/{variant}/K{topics}".format(**wildcards)
        if folder not in self.fits:
            raise TopicbenchError(folder, "no experiment of the configuration asks for this run")
        return self.fits[folder]

    def fit_inputs(self, wildcards: Mapping[str, str]) -> dict[str, str]:
        return runs.fit_inputs(self.config, self.fit(wildcards)[0])

    def scored_fits(self, wildcards: Mapping[str, str]) -> list[str]:
        """All fits of a variant: they are scored together."""
        folder = RESULTS + "/runs/{corpus}/v{size}/{method}/{variant}/".format(**wildcards)
        return list(dict.fromkeys(run.fit.done for run in self.runs if run.folder.startswith(folder)))

    def control_runs(self, wildcards: Mapping[str, str]) -> list[dict[str, Any]]:
        """The runs of a control on a corpus as `described_runs`; ``shuffled``: the run whose documents are shuffled."""
        corpus, size, control = wildcards["corpus"], int(wildcards["size"]), wildcards["control"]
        first = main_variants(self.config)[0]
        return [
            {**described(run), "shuffled": replace(run, variant=first).folder}
            for run in self.experiment_runs("controls")
            if (run.corpus, run.vocabulary_size, run.variant.method) == (corpus, size, control)
        ]

    def control_inputs(self, wildcards: Mapping[str, str]) -> dict[str, Any]:
        """What the runs of a control are made from."""
        corpus = f"{RESULTS}/corpora/{wildcards['corpus']}"
        sized = f"{corpus}/v{wildcards['size']}"
        files = {name: f"{sized}/{file}" for name, file in CORPUS_FILES.items()}
        if wildcards["control"] == "label-oracle":
            return {**files, "documents": f"{corpus}/documents.parquet"}
        if wildcards["control"] == "shuffled-documents":
            folders = [run["shuffled"].rpartition("/")[0] for run in self.control_runs(wildcards)]
            return {**files, "fits": [f"{folder}/runs.json" for folder in dict.fromkeys(folders)]}
        return files

    @cached_property
    def vocabularies(self) -> list[str]:
        """Every vocabulary of any run."""
        return sorted({f"{RESULTS}/corpora/{run.corpus}/v{run.vocabulary_size}/vocabulary.txt" for run in self.runs})

    @property
    def counts(self) -> str:
        """Window counts of the reference corpus."""
        return _counts(self.config.reference)

    @property
    def recounted(self) -> str:
        """The same windows, counted the other way."""
        reference = self.config.reference
        return _counts(reference.model_copy(update={"counting": OTHER_COUNTING[reference.counting]}))

    @property
    def second_counts(self) -> list[str]:
        """Window counts of the second reference corpus, if there is one."""
        return [_counts(reference) for reference in [self.config.second_reference] if reference]

    @property
    def references(self) -> dict[str, Reference]:
        """The reference corpora by name."""
        found = [self.config.reference, self.config.second_reference]
        return {reference.name: reference for reference in found if reference}

    def experiment_runs(self, experiment: str) -> list[Run]:
        return experiments.experiment_runs(self.config, experiment)

    def experiment_scores(self, experiment: str) -> list[str]:
        """The score files of an experiment's runs."""
        self.scores_of(experiment, f"{RESULTS}/experiments/{experiment}")
        return list(dict.fromkeys(runs.scores_path(run) for run in self.experiment_runs(experiment)))

    def experiment_fits(self, experiment: str) -> list[str]:
        return list(dict.fromkeys(run.fit.done for run in self.experiment_runs(experiment)))

    def described_runs(self, experiment: str) -> list[dict[str, Any]]:
        """An experiment's runs in plain values, with the path of their scores and their folder."""
        return [described(run) for run in self.experiment_runs(experiment)]

    @property
    def judge_model(self) -> list[str]:
        """The prepared language model of a local judge; none for an endpoint."""
        judge = self.config.judge
        return [f"{RESULTS}/models/slm/{judge.slm}"] if judge and judge.slm else []

    @property
    def calibration(self) -> list[str]:
        """What the judge is worth; none without a judge."""
        return [f"{RESULTS}/ratings/calibration.json"] if self.config.judge else []

    def ratings(self, experiment: str) -> list[str]:
        """The ratings of an experiment's topics; none without a judge, or where its table has no use for them."""
        return [f"{RESULTS}/ratings/{experiment}.json"] if self.config.judge and experiment not in UNRATED else []

    def scores_of(self, experiment: str | None, item: str) -> str:
        """The gathered scores that a table or figure reads."""
        if experiment == "controls" and "controls" not in self.experiments:
            raise TopicbenchError(item, "the configuration has no controls", "name them under controls")
        if experiment not in self.experiments:
            raise TopicbenchError(
                item,
                f"the configuration leaves out experiment '{experiment}'",
                f"give experiments.{experiment} a section; an empty one, {{}}, takes the paper's settings",
            )
        return f"{RESULTS}/experiments/{experiment}.csv"

    def table_scores(self, table: str) -> list[str]:
        """The gathered scores that a table of scores reads."""
        found = [self.scores_of(TABLES[table], f"{RESULTS}/{table}")]
        if table in TABLES_WITH_CONTROLS and "controls" in self.experiments:
            found.append(f"{RESULTS}/experiments/controls.csv")
        return found

    @property
    def qualitative_corpus(self) -> str:
        """Folder of the corpus that Table 4 is about."""
        section = self.config.experiments.qualitative
        return f"{RESULTS}/corpora/{experiments.first_corpus(self.config, section and section.corpus)}"

    def qualitative_fits(self, item: str) -> list[str]:
        self.scores_of("qualitative", item)
        return self.experiment_fits("qualitative")

    def figure1_inputs(self) -> dict[str, str]:
        found = figure1_sources(self.config)
        if found is None:
            raise TopicbenchError(
                f"{RESULTS}/figure1", "needs a corpus with labels, a language model and word vectors", "configure them"
            )
        corpus, slm, vectors = found
        size = f"v{self.config.vocabulary_size}"
        return {
            "documents": f"{RESULTS}/corpora/{corpus}/documents.parquet",
            "vocabulary": f"{RESULTS}/corpora/{corpus}/{size}/vocabulary.txt",
            "bow": f"{RESULTS}/corpora/{corpus}/{size}/bow.npz",
            "kept": f"{RESULTS}/corpora/{corpus}/{size}/kept.npy",
            "logits": f"{RESULTS}/features/{corpus}/{size}/soft/{slm}/default.npy",
            "vectors": f"{RESULTS}/features/{corpus}/{size}/words/{vectors}.npy",
            "found": f"{RESULTS}/features/{corpus}/{size}/words/{vectors}-found.npy",
        }

    def comparison_inputs(self) -> dict[str, Any]:
        """What is compared with the published numbers: the experiments that are not left out, and the corpora."""
        compared = [name for name in ("main", "ablation", "prompts") if name in self.experiments]
        size = self.config.vocabulary_size
        return {
            **{name: f"{RESULTS}/experiments/{name}.csv" for name in compared},
            "documents": [f"{RESULTS}/corpora/{corpus}/documents.parquet" for corpus in self.config.corpora],
            "kept": [f"{RESULTS}/corpora/{corpus}/v{size}/kept.npy" for corpus in self.config.corpora],
        }

    @property
    def tables(self) -> list[str]:
        """The tables whose experiment is not left out."""
        return [table for table, experiment in TABLES.items() if experiment in (None, *self.experiments)]

    @property
    def figures(self) -> list[str]:
        """The figures whose experiment is not left out."""
        made = [figure for figure, experiment in FIGURES.items() if experiment in (None, *self.experiments)]
        # Figure 1 shows soft labels, and tells related words by their vectors.
        return [figure for figure in made if figure != "1" or figure1_sources(self.config)]

    def outputs(self, pdflatex: bool) -> list[str]:
        """Everything that ``all`` makes; ``pdflatex``: whether the document can be typeset."""
        return [
            *_files("", self.tables, ("tex", "csv", "md")),
            *_files("figure", self.figures, ("pdf", "png", "csv")),
            *_files("statistics", [""] if "main" in self.experiments else [], ("csv", "md")),
            *_files("paper_comparison", [""], ("csv", "md")),
            *_files("scores", [""], ("csv", "parquet")),
            f"{RESULTS}/costs.csv",
            f"{RESULTS}/paper.{'pdf' if pdflatex else 'tex'}",
        ]


def _counts(reference: Reference) -> str:
    return f"{RESULTS}/reference/{reference.name}/{reference.counting}.npz"


def described(run: Run) -> dict[str, Any]:
    """A run in plain values, with the path of its scores and its folder."""
    return {"scores": runs.scores_path(run), "folder": run.folder, **runs.describe(run)}


def _files(stem: str, items: Sequence[Any], kinds: Sequence[str]) -> list[str]:
    return [f"{RESULTS}/{stem}{item}.{kind}" for item in items for kind in kinds]
