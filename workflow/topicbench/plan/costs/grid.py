"""The jobs a plan consists of, listed without building Snakemake's graph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from topicbench.experiments.runs import RESULTS, scores_path
from topicbench.plan.costs.work import Scale, Work
from topicbench.plan.targets import Plan

BENCHMARKS = f"{RESULTS}/benchmarks"

STAGES: dict[str, tuple[str, str]] = {
    "source": ("sources/{source}", "sources/{source}"),
    "documents": ("corpora/{corpus}/documents.parquet", "documents/{corpus}"),
    "tokens": ("corpora/{corpus}/tokens.parquet", "tokens/{corpus}"),
    "vocabulary": ("corpora/{corpus}/v{size}/vocabulary.txt", "vocabulary/{corpus}-v{size}"),
    "language_model": ("models/slm/{slm}", "language_model/{slm}"),
    "hidden_states": (
        "features/{corpus}/slm/{slm}/{prompt}/hidden.npy",
        "hidden_states/{corpus}-{slm}-{prompt}",
    ),
    "soft_labels": (
        "features/{corpus}/v{size}/soft/{slm}/{prompt}.npy",
        "soft_labels/{corpus}-v{size}-{slm}-{prompt}",
    ),
    "soft_labels_of_forms": (
        "features/{corpus}/v{size}/forms/{slm}/{prompt}.npy",
        "soft_labels_of_forms/{corpus}-v{size}-{slm}-{prompt}",
    ),
    "embeddings_of_texts": ("features/{corpus}/encoder/{encoder}.npy", "embeddings/{corpus}-{encoder}"),
    "embeddings_of_bags": (
        "features/{corpus}/v{size}/encoder/{encoder}.npy",
        "embeddings/{corpus}-v{size}-{encoder}",
    ),
    "word_vectors": (
        "features/{corpus}/v{size}/words/{vectors}.npy",
        "word_vectors/{corpus}-v{size}-{vectors}",
    ),
    "fit": (
        "runs/{corpus}/v{size}/{method}/{variant}/K{topics}/runs.json",
        "fit/{corpus}-v{size}-{method}-{variant}-K{topics}",
    ),
    "controls": ("runs/{corpus}/v{size}/{control}/runs.json", "controls/{corpus}-v{size}-{control}"),
    "reference_counts": (
        "reference/{reference}/{counting}.npz",
        "reference_counts/{reference}-{counting}",
    ),
    "score": (
        "scores/{corpus}/v{size}/{method}/{variant}.json",
        "score/{corpus}-v{size}-{method}-{variant}",
    ),
    "judge_calibration": ("ratings/calibration.json", "judge_calibration"),
    "ratings": ("ratings/{experiment}.json", "ratings/{experiment}"),
}
"""Rule → what it makes and its benchmark file, as the rules of the workflow name them."""


@dataclass(frozen=True)
class Job:
    """A job of the workflow.

    Attributes:
        rule: its rule; all of a method family's fits are "fit".
        stage: whose costs it has: the rule's, or "fit:" and the method.
        output: its file, the first where there are several.
        benchmark: its benchmark file, or None.
        work: what it does.
    """

    rule: str
    stage: str
    output: str
    benchmark: str | None
    work: Work


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(RESULTS + "/" + re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template)))


PATTERNS = {rule: _pattern(template) for rule, (template, _) in STAGES.items()}


def jobs(scale: Scale) -> list[Job]:
    """Every job of a plan that makes everything (`all`), in the order of the stages."""
    made = dict.fromkeys(_files(scale.plan))
    found = [_job(scale, path) for path in made]
    order = list(STAGES)
    return sorted(found, key=lambda job: order.index(job.rule) if job.rule in order else len(order)) + _others(scale)


def _job(scale: Scale, path: str) -> Job:
    for rule, pattern in PATTERNS.items():
        if match := pattern.fullmatch(path):
            wildcards = match.groupdict()
            stage = rule.partition("_of_")[0]
            work = scale.work(stage, wildcards)
            if rule == "fit":
                stage = f"fit:{wildcards['method']}"
            return Job(rule, stage, path, f"{BENCHMARKS}/{STAGES[rule][1].format(**wildcards)}.tsv", work)
    raise ValueError(f"no stage makes {path}")


def _files(plan: Plan) -> Iterator[str]:
    """One file per job of the stages in `STAGES`, some more than once."""
    yield from (f"{RESULTS}/sources/{name}" for name in plan.config.sources)
    sized = set()
    for fit, _ in plan.fits.values():
        sized.add((fit.corpus, fit.vocabulary_size))
        yield from _features(plan, plan.fit_inputs(_wildcards(fit)).values())
    for run in plan.runs:
        yield run.fit.done
        yield scores_path(run)
    if "1" in plan.figures:
        yield from _features(plan, plan.figure1_inputs().values())
    # Table 5 and the comparison with the paper are about all corpora.
    sized.update((corpus, plan.config.vocabulary_size) for corpus in plan.config.corpora)
    for corpus, size in sorted(sized):
        yield f"{RESULTS}/corpora/{corpus}/documents.parquet"
        yield f"{RESULTS}/corpora/{corpus}/tokens.parquet"
        yield f"{RESULTS}/corpora/{corpus}/v{size}/vocabulary.txt"
    if plan.fits:
        yield from (plan.counts, plan.recounted, *plan.second_counts)
    yield from plan.judge_model
    if plan.experiments:
        yield from plan.calibration
    for experiment in plan.experiments:
        yield from plan.ratings(experiment)


def _wildcards(fit) -> dict[str, str]:
    return {
        "corpus": fit.corpus,
        "size": str(fit.vocabulary_size),
        "method": fit.variant.method,
        "variant": fit.variant.name,
        "topics": str(fit.num_topics),
    }


def _features(plan: Plan, files) -> Iterator[str]:
    """The feature files among ``files`` and what they are made from in turn."""
    for path in files:
        if match := PATTERNS["soft_labels"].fullmatch(path) or PATTERNS["soft_labels_of_forms"].fullmatch(path):
            yield path
            path = "{0}/features/{corpus}/slm/{slm}/{prompt}/hidden.npy".format(RESULTS, **match.groupdict())
        if match := PATTERNS["hidden_states"].fullmatch(path):
            yield path
            yield f"{RESULTS}/models/slm/{match['slm']}"
        elif path.startswith(f"{RESULTS}/features/") and not path.endswith("-found.npy"):
            yield path


def _others(scale: Scale) -> list[Job]:
    """Gathering, tables, figures and the document: short jobs without benchmark files."""
    plan = scale.plan
    outputs = [f"{RESULTS}/experiments/{name}.csv" for name in plan.experiments]
    outputs += [f"{RESULTS}/{table}.tex" for table in plan.tables]
    outputs += [f"{RESULTS}/figure{item}.pdf" for item in plan.figures]
    outputs += [f"{RESULTS}/{name}" for name in ("scores.csv", "costs.csv", "paper_comparison.csv", "paper.tex")]
    outputs += [f"{RESULTS}/statistics.csv"] if "main" in plan.experiments else []
    return [Job("gathering and drawing", "other", output, None, Work((), disk_mb=0.1)) for output in outputs]
