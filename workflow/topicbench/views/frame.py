"""Gathered scores of an experiment: reading them, checking that they are whole, and taking samples from them.

One row per run and metric. Nothing is averaged over what happened to work: a value that is missing, repeated or not a
number is an error that names run and metric.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from pydantic import ValidationError

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json
from topicbench.views.contract import About, Definition, Scores
from topicbench.views.degenerate import with_degenerate

COLUMNS: Mapping[str, type] = {
    "experiment": str,
    "corpus": str,
    "corpus_title": str,
    "vocabulary_size": int,
    "method": str,
    "variant": str,
    "title": str,
    "group": str,
    "block": str,
    "role": str,
    "slm": str,
    "prompt": str,
    "num_topics": int,
    "seed": int,
    "metric": str,
    "value": float,
}
"""Columns of ``results/experiments/{experiment}.csv``; slm and prompt are empty where a method reads neither, block and
role where an experiment has no use for them."""

MAIN_METRICS = ("c_v", "llm_rating", "i_rbo", "purity")
RETRIEVAL_METRICS = ("precision_at_5", "precision_at_10")
SECOND_METRICS = ("c_v_second", "c_npmi_second")


class Row(NamedTuple):
    """What the runs of a table's row have in common over all corpora, |V|, K and seeds; fields as in `COLUMNS`."""

    method: str
    variant: str
    title: str
    group: str
    block: str
    role: str
    slm: str

    @property
    def run(self) -> tuple[str, str]:
        """Method and variant, by which rows of several blocks can be the same runs."""
        return self.method, self.variant


ROW = list(Row._fields)

Samples = Mapping[tuple[str, str, Row], np.ndarray]
"""(corpus, metric, row) → values."""


def read(csv: str | Path, json: str | Path) -> Scores:
    """Read an experiment's scores and what was written with them.

    Raises:
        TopicbenchError: a file is missing or malformed; the culprit is the file, the line and the column.
    """
    return Scores(read_about(json), read_rows(csv))


def read_about(path: str | Path) -> About:
    """Read what was written with an experiment's scores."""
    try:
        return About.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise TopicbenchError(path, f"{place}: {first['msg']}", "delete it and run again") from None


def read_rows(path: str | Path) -> pd.DataFrame:
    """Read an experiment's scores, columns as in `COLUMNS`."""
    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except FileNotFoundError:
        raise TopicbenchError(path, "file not found", "run the experiment first") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise TopicbenchError(path, f"not a CSV file: {error}", "delete it and run again") from None
    _require_columns(raw, path)
    for column, kind in COLUMNS.items():
        if kind is not str:
            places = (f"{path}, line {line}, {column}" for line in range(2, len(raw) + 2))
            raw[column] = np.array([_number(*cell, kind) for cell in zip(raw[column], places, strict=True)], kind)
    return raw[list(COLUMNS)]


def definition(about: About, metric: str) -> Definition:
    """The metric's definition; `TopicbenchError` where the scores have no such metric."""
    if metric not in about.metrics:
        raise TopicbenchError(f"metric '{metric}'", "is not among the scores", f"there are: {', '.join(about.metrics)}")
    return about.metrics[metric]


def available(about: About, corpus: str, metric: str) -> bool:
    """Whether a corpus has ``metric``: it could be computed at all, and has labels if it needs them."""
    found = definition(about, metric)
    return found.computed and (about.corpora[corpus].labelled or not found.needs_labels)


def corpora_of(rows: pd.DataFrame) -> list[str]:
    """The corpora of some scores, in order of appearance."""
    return list(rows["corpus"].unique())


def rows_of(rows: pd.DataFrame) -> list[Row]:
    """The table rows of some scores, in order of appearance."""
    return [Row(*values) for values in rows[ROW].drop_duplicates().itertuples(index=False, name=None)]


def blocks_of(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by their block, in order of appearance."""
    blocks: dict[str, list[Row]] = {}
    for row in rows:
        blocks.setdefault(row.block, []).append(row)
    return blocks


def select(scores: Scores, metrics: Sequence[str]) -> pd.DataFrame:
    """The values of ``metrics`` for every run: each corpus and row in order of appearance, then K, seed and metric.

    Every row has every K and seed of the experiment once on every corpus and |V|; only a control may lack a corpus.
    Metrics that are not `available` on a corpus are left out. A further column, ``degenerate``, says in what way a run
    is; see `topicbench.views.degenerate`.

    Raises:
        TopicbenchError: a value is missing, repeated, not finite or not asked for; the culprit is run and metric.
    """
    about, rows = scores.about, scores.rows
    source = f"scores of experiment '{about.experiment}'"
    _require_columns(rows, source)
    if rows.empty:
        raise TopicbenchError(source, "there are none", "run the experiment first")
    if unknown := set(rows["corpus"]) - set(about.corpora):
        raise TopicbenchError(f"{source}, corpus {min(unknown)}", "is not described", "gather the scores again")
    shown = rows[rows["metric"].isin(metrics)]
    places = zip(shown["corpus"], shown["metric"], strict=True)
    shown = shown[np.array([available(about, *place) for place in places], dtype=bool)]
    found = pd.MultiIndex.from_frame(shown[_KEY])
    wanted = pd.MultiIndex.from_tuples(_wanted(about, rows, metrics), names=_KEY)
    for keys, problem, remedy in (
        (found[~found.isin(wanted)], "the configuration asks for no such value", "gather the scores again"),
        (found[found.duplicated()], "appears twice in the scores", "gather the scores again"),
        (found[~np.isfinite(shown["value"])], "is not a finite number", "see the run's record, and score it again"),
        (wanted[~wanted.isin(found)], "is missing from the scores", "score the run, then gather again"),
    ):
        if len(keys):
            raise TopicbenchError(_named(keys[0]), problem, remedy)
    return with_degenerate(shown.iloc[found.get_indexer(wanted)].reset_index(drop=True), rows)


def samples(selected: pd.DataFrame, num_topics: int | None = None) -> Samples:
    """The K × seed values of each corpus, metric and row that has any, or those of one K."""
    if num_topics is not None:
        selected = selected[selected["num_topics"] == num_topics]
    found: dict[tuple[str, str, Row], list[float]] = {}
    for corpus, metric, value, *row in selected[["corpus", "metric", "value", *ROW]].itertuples(index=False, name=None):
        found.setdefault((corpus, metric, Row(*row)), []).append(value)
    return {key: np.array(values) for key, values in found.items()}


def means(selected: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Mean, sd (NaN of a single value) and number n of the values that agree in the columns ``by``, as they appear."""
    # NumPy's own, as tables have them: those of pandas differ in the last bits.
    groups = [(key, rows.to_numpy()) for key, rows in selected.groupby(list(by), sort=False)["value"]]
    found = [(*key, v.mean(), v.std(ddof=1) if v.size > 1 else np.nan, v.size) for key, v in groups]
    return pd.DataFrame(found, columns=[*by, "mean", "sd", "n"])


_KEY = ["corpus", "vocabulary_size", *ROW, "num_topics", "seed", "metric"]


def _wanted(about: About, rows: pd.DataFrame, metrics: Sequence[str]) -> list[tuple]:
    """The keys of all values there have to be."""
    groups = rows[["corpus", "vocabulary_size", *ROW]].drop_duplicates().itertuples(index=False, name=None)
    every = product(corpora_of(rows), rows["vocabulary_size"].unique().tolist(), rows_of(rows))
    complete = [(corpus, size, *row) for corpus, size, row in every if row.group != "control"]
    return [
        (*group, num_topics, seed, metric)
        for group in dict.fromkeys([*groups, *complete])
        for num_topics, seed, metric in product(about.num_topics, about.seeds, metrics)
        if available(about, group[0], metric)
    ]


def _named(key: tuple) -> str:
    corpus, size, method, variant, *_, num_topics, seed, metric = key
    return f"results/runs/{corpus}/v{size}/{method}/{variant}/K{num_topics}/seed{seed}, metric {metric}"


def _require_columns(frame: pd.DataFrame, source: object) -> None:
    missing = [column for column in COLUMNS if column not in frame.columns]
    if missing:
        raise TopicbenchError(source, f"lacks the column {missing[0]}", f"columns: {', '.join(COLUMNS)}")


def _number(value: str, place: str, kind: type) -> float | int:
    # An empty value is a missing number: `select` says which run's it is.
    if kind is float and value == "":
        return np.nan
    try:
        return kind(value)
    except ValueError:
        raise TopicbenchError(place, f"'{value}' is not a number", "delete the file and run again") from None
