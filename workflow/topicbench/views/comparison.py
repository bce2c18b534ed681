"""Measured beside published, with every difference of configuration named, and whether the order of methods agrees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import scipy

from topicbench.config.schema import Config
from topicbench.views import caption, published, table1, table2, table3, table5, table7, table9
from topicbench.views.differences import differences_of, published_slm
from topicbench.views.render import Table

CONTRADICTED = "the paper’s Table 1 and Table 7 disagree on this row"

ABLATIONS = {
    "original": "original",
    "nll": "nll",
    "nll+bow": "nll-bow",
    "embeddings": "embeddings",
    "nll+bow+embeddings": "nll-bow-embeddings",
}
"""Name in ``data/paper`` → name in `topicbench.experiments.all.ablations`."""

COLUMNS = (
    *("table", "corpus", "metric", "num_topics", "method", "title", "published_method"),
    *("published", "measured", "difference", "differs", "remark"),
)


def compare(
    config: Config,
    main: pd.DataFrame | None = None,
    ablation: pd.DataFrame | None = None,
    prompts: pd.DataFrame | None = None,
    corpora: Mapping[str, Mapping[str, Any]] | None = None,
    folder: str | Path = published.FOLDER,
) -> pd.DataFrame:
    """One row per value that the paper prints and the configuration computes.

    Corpora and methods are matched by name. A soft-label model on one of the paper's language models is compared with
    that row; on any other one with the smallest published, ERNIE-4.5-0.3B, which ``differs`` then says.

    Args:
        config: what was run.
        main, ablation, prompts: scores of these experiments, or None.
        corpora: corpus → `topicbench.views.table5.count` of it, or None.
        folder: where the published tables lie.

    Returns:
        Columns table, corpus, metric, num_topics, method, title, published_method, published, measured, difference
        (measured minus published), differs (differences of configuration, in words; empty where there is none) and
        remark.
    """
    rows: list[dict[str, Any]] = []
    # The paper has no controls.
    config = config.model_copy(update={"controls": []})
    if main is not None:
        for module in (table1, table2, table7):
            table = module.make(config, main)
            rows += _methods(config, table, published.read(table.name, folder))
    if ablation is not None:
        rows += _ablations(config, table3.make(config, ablation), published.read("table3", folder))
    if corpora is not None:
        rows += _corpora(config, corpora, published.read("table5", folder))
    if prompts is not None:
        rows += _prompts(config, table9.make(config, prompts), published.read("table9", folder))
    documents = {name: counts["documents"] for name, counts in (corpora or {}).items()}
    return pd.DataFrame([_finished(config, row, documents) for row in rows], columns=list(COLUMNS))


def ordering(compared: pd.DataFrame) -> pd.DataFrame:
    """Kendall's τ-b between published and measured order of the methods, per table, corpus and metric.

    Of several language models compared with one published row, an identical one is taken, else the first. Two methods
    in common are needed; τ is NaN where either side ties throughout.
    """
    records = []
    chosen = compared[compared["table"].isin(["table1", "table2"])]
    for (table, corpus, metric), rows in chosen.groupby(["table", "corpus", "metric"], sort=False):
        # Stable: rows on the published language model first, else in the order of the configuration.
        same = rows["differs"].str.contains("language model:").to_numpy().argsort(kind="stable")
        rows = rows.iloc[same].drop_duplicates("published_method").sort_index()
        if len(rows) < 2:
            continue
        tau, p = scipy.stats.kendalltau(rows["published"], rows["measured"])
        parts = dict.fromkeys(part for text in rows["differs"] for part in text.split("; "))
        differs = "; ".join(part for part in parts if part)
        records.append(
            {"table": table, "corpus": corpus, "metric": metric, "methods": len(rows), "tau": tau, "p": p}
            | {"differs": differs}
        )
    return pd.DataFrame(records, columns=["table", "corpus", "metric", "methods", "tau", "p", "differs"])


def _records(table: Table) -> Iterator[dict[str, Any]]:
    return (dict(cell.record) for section in table.sections for row in section.rows for cell in row if cell.record)


def _methods(config: Config, table: Table, printed: pd.DataFrame) -> list[dict[str, Any]]:
    by_k = "num_topics" in printed
    keys = ["method", "corpus", "metric", *(["num_topics"] if by_k else [])]
    values = printed.set_index(keys)["value"].to_dict()
    rows = []
    for record in _records(table):
        slm = record["variant"] if record["method"] == "softlabel" else None
        method = f"ours-{published_slm(config, slm)}" if slm else record["method"]
        value = values.get((method, record["corpus"], record["metric"], *([record["num_topics"]] if by_k else [])))
        if value is None or "mean" not in record:
            continue
        contradicted = table.name == "table1" and method == "ours-llama-3.2-1b"
        rows.append(
            {**record, "table": table.name, "slm": slm, "published_method": method, "published": value}
            | {"measured": record["mean"], "remark": CONTRADICTED if contradicted else ""}
        )
    return rows


def _ablations(config: Config, table: Table, printed: pd.DataFrame) -> list[dict[str, Any]]:
    values = printed.set_index(["slm", "ablation", "corpus", "metric"])["value"].to_dict()
    slms = config.experiments.ablation.slms or list(config.slms)
    # Sections alternate: the title of a language model, then its rows in the order of ABLATIONS.
    bodies = [section for section in table.sections if section.rows]
    rows = []
    for slm, body in zip(slms, bodies, strict=True):
        for ablation, cells in zip(ABLATIONS, body.rows, strict=True):
            for record in (dict(cell.record) for cell in cells if "mean" in cell.record):
                model = published_slm(config, slm)
                value = values.get((model, ablation, record["corpus"], record["metric"]))
                if value is None:
                    continue
                measured = record["mean"] if ablation == "original" else record["difference"]
                kind = "level" if ablation == "original" else "difference from original"
                rows.append(
                    {**record, "table": table.name, "slm": slm, "published_method": f"ours-{model}, {ablation}"}
                    | {"published": value, "measured": measured, "remark": kind, "ablation": ABLATIONS[ablation]}
                )
    return rows


def _corpora(config: Config, counts: Mapping[str, Mapping[str, Any]], printed: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {"table": "table5", "corpus": row.corpus, "metric": row.statistic, "published": row.value}
        | {"measured": counts[row.corpus][row.statistic], "title": table5.COLUMNS[row.statistic]}
        for row in printed.itertuples()
        if row.corpus in config.corpora and counts[row.corpus][row.statistic] is not None
    ]


def _prompts(config: Config, table: Table, printed: pd.DataFrame) -> list[dict[str, Any]]:
    values = printed.set_index(["corpus", "num_topics", "metric", "factor"])["value"].to_dict()
    slm = config.experiments.prompts.slm or next(iter(config.slms))
    model = published_slm(config, slm)
    rows = []
    for record in _records(table):
        # The paper prints one K: another one is compared with it, and labelled.
        value = values.get((record["corpus"], published.PROMPTS_NUM_TOPICS, record["metric"], record["factor"]))
        if value is None or pd.isna(record["F"]):
            continue
        rows.append(
            {**record, "table": table.name, "method": "softlabel", "slm": slm, "title": config.slms[slm].title}
            | {"published_method": f"ours-{model}", "published": value, "measured": record["F"]}
            | {"remark": f"F of the {record['factor']}"}
        )
    return rows


def _finished(config: Config, row: Mapping[str, Any], documents: Mapping[str, int]) -> dict[str, Any]:
    experiments = config.experiments
    grid = {"table3": experiments.ablation, "table9": experiments.prompts}.get(row["table"], experiments.main)
    difference = row["measured"] - row["published"]
    differs = differences_of(config, row, grid, documents)
    topics = row.get("num_topics")
    if topics is None and row["table"] != "table5":
        topics = caption.listed(caption.num_topics_of(config, grid))
    finished = {**row, "num_topics": topics, "difference": difference, "differs": "; ".join(differs)}
    return {column: finished.get(column, "") for column in COLUMNS}
