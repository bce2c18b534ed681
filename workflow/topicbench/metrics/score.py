"""All metrics of runs: from a run's files to one row per value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json, read_lines, read_npy
from topicbench.metrics.contract import Metric, Need, Resources, RunData, all_needs, metrics, require_topics
from topicbench.metrics.section import Palmetto
from topicbench.metrics.windows import load_counts
from topicbench.runs.documents import document_mask
from topicbench.sources.paths import inside

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "folder": "str",
    "num_topics": "int64",
    "seed": "int64",
    "metric": "str",
    "topic": "Int64",
    "value": "float64",
}
"""Columns of scores: a run, a metric, the number of a topic, or none where the value is the whole run's."""


def score_runs(
    folders: Sequence[str],
    resources: Resources,
    top_words: int,
    documents: pd.DataFrame,
    kept: np.ndarray,
) -> pd.DataFrame:
    """Every metric that can be computed of runs on one corpus.

    Args:
        folders: of the runs.
        resources: what metrics need beside runs; those whose needs are not there are left out.
        top_words: words per topic that count.
        documents: of the corpus, with "text" and, where it has labels, "label".
        kept: N, whether a document has a vocabulary word.

    Returns:
        `COLUMNS`, in the order of ``folders``, then of `metrics`, the run's value before those of its topics.

    Raises:
        TopicbenchError: see `score_run`.
    """
    from tqdm import tqdm

    needs, distinct = all_needs(), ~documents["text"].duplicated().to_numpy()
    labels = documents["label"].to_numpy() if "label" in documents else None

    def read(folder: str) -> RunData:
        return with_labels(read_run(folder, top_words, needs), folder, labels, kept, distinct)

    rows = []
    for folder in tqdm(folders, unit=" runs"):
        run = read(folder)
        if "siblings" in needs:
            others = [other for other in folders if other != folder and Path(other).parent == Path(folder).parent]
            run = replace(run, siblings=[read(other) for other in others] or None)
        rows += rows_of(folder, run, score_run(run, resources, metrics().values()))
    return frame(rows)


def rate_runs(folders: Sequence[str], judge: Any, top_words: int) -> pd.DataFrame:
    """The metrics that need a judge, in the form of `score_runs`; the judge is asked once for all topics of all runs.

    Args:
        folders: of the runs.
        judge: lists of words → their ratings.
        top_words: words per topic that count.
    """
    chosen = [metric for metric in metrics().values() if "judge" in metric.needs]
    needs = frozenset().union(*(metric.reads for metric in chosen))
    runs = {folder: read_run(folder, top_words, needs) for folder in folders}
    topics = list(dict.fromkeys(tuple(words) for run in runs.values() for words in run.topics))
    ratings = dict(zip(topics, judge(topics), strict=True))
    resources = Resources(judge=lambda asked: [ratings[tuple(words)] for words in asked])
    rows = []
    for folder, run in runs.items():
        rows += rows_of(folder, run, score_run(run, resources, chosen))
    return frame(rows)


def score_run(run: RunData, resources: Resources, chosen: Iterable[Metric]) -> dict[str, float | np.ndarray]:
    """Those of the ``chosen`` metrics whose needs are there.

    Returns:
        Metric → the run's value, or its K topics' where the metric has one for each.

    Raises:
        TopicbenchError: θ is no N×K matrix or holds NaN, infinite or negative values; documents and labels, or topics
            and columns of θ, differ in number; there are no topics, or one of them has fewer than two words; a word or
            window was not counted; there are too few documents to retrieve.
    """
    parts = [(run.theta, run.labels)] if run.theta is not None else []
    for theta, labels in [*parts, *(run.heldout or {}).values()]:
        _require_theta(theta, labels)
    require_topics(run.topics, fewest_words=2)
    if run.theta is not None and run.theta.shape[1] != len(run.topics):
        raise TopicbenchError("topics", f"{len(run.topics)} topics, but theta has {run.theta.shape[1]} columns")
    available = [metric for metric in chosen if metric.is_available(run, resources)]
    return {metric.name: metric.score(run, resources) for metric in available}


def read_run(folder: str | Path, top_words: int, needs: frozenset[Need]) -> RunData:
    """What lies in a run's folder, without labels; arrays that no metric ``needs`` are not read."""
    wanted = needs | ({"theta"} if "heldout" in needs else set())
    arrays: dict[str, Any] = {name: read_npy(f"{folder}/{name}.npy") for name in ("theta", "beta") if name in wanted}
    topics = [words[:top_words] for words in read_json(f"{folder}/topics.json")]
    return RunData(topics=topics, record=read_json(f"{folder}/run.json"), **arrays)


def with_labels(
    run: RunData, folder: str | Path, labels: np.ndarray | None, kept: np.ndarray, distinct: np.ndarray
) -> RunData:
    """The run with the labels of the documents it read, and its documents held out, where there are any.

    Args:
        run: as `read_run` gives it.
        folder: of the run.
        labels: of all N documents of the corpus; None: it has none.
        kept: N, whether a document has a vocabulary word.
        distinct: N, whether no earlier document has the same text.
    """
    if labels is None:
        return run
    heldout = run.record.get("heldout")
    if not heldout:
        return replace(run, labels=labels[document_mask(run.record["documents"], kept, distinct)])
    fitted, out, sample = (read_npy(f"{folder}/rows_{name}.npy") for name in ("fitted", "heldout", "fitted_sample"))
    parts = None
    if heldout["inferred"]:
        parts = {
            "heldout": (read_npy(f"{folder}/theta_heldout.npy"), labels[out]),
            "fitted": (run.theta[np.isin(fitted, sample)], labels[sample]),
        }
    return replace(run, labels=labels[fitted], heldout=parts)


def rows_of(folder: str, run: RunData, scores: dict[str, float | np.ndarray]) -> list[tuple]:
    """What `score_run` gave, as rows of `COLUMNS`."""
    described = (folder, run.record["num_topics"], run.record["seed"])
    rows: list[tuple] = []
    for name, values in scores.items():
        rows.append((*described, name, None, metrics()[name].of_run(values)))
        if metrics()[name].per_topic:
            rows += [(*described, name, topic, value) for topic, value in enumerate(np.asarray(values))]
    return rows


def frame(rows: Sequence[tuple]) -> pd.DataFrame:
    """Rows as a frame of `COLUMNS`."""
    import pandas as pd

    return pd.DataFrame(rows, columns=[*COLUMNS]).astype(COLUMNS)


def read_resources(
    files: Mapping[str, Any],
    counting: str,
    palmetto: Mapping[str, Any] | None = None,
    encoder: Mapping[str, Any] | None = None,
) -> Resources:
    """What metrics read beside runs, from files and settings; what is not given is not there.

    Args:
        files: by name: ``gensim_counts``, ``boolean_counts``, ``second_counts``, the ``encoder`` where it lies in a
            folder, folders of ``language_models``, ``word_vectors`` and the ``vocabulary`` of their rows. A file stands
            alone or in a list, which may be empty.
        counting: how the configuration counts windows.
        palmetto, encoder: settings.
    """
    given = {name: [each] if isinstance(each, str) else list(each) for name, each in files.items()}
    counts = {name: load_counts(paths[0]) for name, paths in given.items() if name.endswith("_counts") and paths}
    found: dict[str, Any] = {**counts, "counts": counts.get(f"{counting}_counts")}
    if palmetto:
        found["palmetto"] = Palmetto(**palmetto)
    if encoder:
        # PyTorch is needed for an encoder only.
        from topicbench.features.encoder import embed
        from topicbench.features.section import Encoder

        folder = str(inside(given["encoder"][0], encoder["folder"])) if given.get("encoder") else None
        found["encoder"] = partial(embed, Encoder(**{**encoder, "folder": folder}), progress=False)
    if given.get("language_models"):
        found["language_models"] = {Path(path).name: path for path in given["language_models"]}
    if given.get("word_vectors"):
        words = read_lines(given["vocabulary"][0])
        found["word_vectors"] = {
            Path(path).stem: dict(zip(words, read_npy(path), strict=True)) for path in given["word_vectors"]
        }
    return Resources(**found)


def _require_theta(theta: np.ndarray, labels: Sequence | np.ndarray | None) -> None:
    if theta.ndim != 2 or 0 in theta.shape:
        raise TopicbenchError("theta", f"has shape {theta.shape}; expected documents × topics")
    wrong = (
        (np.isnan(theta), "NaN"),
        (np.isinf(theta), "an infinite value"),
        (theta < 0, "a negative value"),
    )
    for cells, what in wrong:
        if cells.any():
            rows = np.flatnonzero(cells.any(axis=1))
            raise TopicbenchError("theta", f"holds {what} in row {rows[0]} ({len(rows)} such rows)", "run it again")
    if labels is not None and len(labels) != len(theta):
        raise TopicbenchError("theta", f"has {len(theta)} documents, but there are {len(labels)} labels")
