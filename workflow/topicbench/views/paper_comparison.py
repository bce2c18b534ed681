"""Measured beside published: gathered scores joined with ``data/paper``, and whether the order of methods agrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy

from topicbench.statistics.anova import two_way
from topicbench.views import published, table5
from topicbench.views.caption import listed
from topicbench.views.contract import Records, Scores, View
from topicbench.views.differences import published_slm, row_differences, table_differences
from topicbench.views.frame import MAIN_METRICS, RETRIEVAL_METRICS, means, select
from topicbench.views.render import records_md

CONTRADICTED = "the paper’s Table 1 and Table 7 disagree on this row"
COLUMNS = [
    *("table", "corpus", "metric", "num_topics", "method", "title", "published_method"),
    *("published", "measured", "difference", "differs", "remark"),
]
CELL = ["corpus", "metric"]
TABLES: Mapping[str, tuple[str | None, list[str]]] = {
    "table1": ("main", ["published_method", *CELL]),
    "table2": ("main", ["published_method", *CELL]),
    "table3": ("ablation", ["published_method", *CELL]),
    "table5": (None, CELL),
    "table7": ("main", ["published_method", "num_topics", *CELL]),
    "table9": ("prompts", ["factor", *CELL]),
}
"""The published tables: the experiment that measures their values, and by which columns the two are joined."""

INTRODUCTION = (
    "`difference` is measured minus published. What of the configuration is not the paper’s stands below the heading "
    "of each table where it concerns all its rows, and under `differs` where it concerns the corpus or the method of "
    "one: like is compared with like where both are empty."
)


class PaperComparison(View):
    """Corpora and methods are matched by name.

    A soft-label model on one of the paper's language models is compared with that row; on any other one with the
    smallest published, ERNIE-4.5-0.3B, which ``differs`` then says.
    """

    name = "paper_comparison"
    label = "Published and measured"
    summary = "Every published number beside the measured one, and what of the configuration is not the paper's."
    category = "Reproduction"
    kind = "records"
    order = 20
    others = ("main", "ablation", "prompts")
    needs = ("documents", "kept")

    def __init__(self, folder: str | Path = published.FOLDER) -> None:
        """``folder``: where the published tables lie."""
        self.folder = folder

    def outputs(self) -> dict[str, str]:
        return {**super().outputs(), "ordering": "paper_ordering.csv", "differences": "paper_differences.csv"}

    def make(self, scores: Scores) -> Records:
        """Records of `compare`; further ones of `ordering`, and of the settings in which whole tables differ."""
        compared = compare(scores, self.folder)
        rows, order = _plain(compared), _plain(ordering(compared)).to_dict("records")
        shown = [{key: value for key, value in each.items() if key != "differs"} for each in order]
        parts = ["# Published and measured", INTRODUCTION, "## Order of the methods (Kendall's τ-b)", records_md(shown)]
        further = []
        for table, of_table in rows.groupby("table", sort=False):
            experiment, _ = TABLES[table]
            found = table_differences(table, scores.others[experiment], of_table["metric"]) if experiment else []
            further += [{"table": table, **each._asdict()} for each in found]
            parts += [f"## Table {table.removeprefix('table')}", "\n".join(f"* {each}" for each in found)]
            shown = of_table.drop(columns="table").loc[:, lambda frame: (frame != "").any()]
            parts.append(records_md(shown.to_dict("records")))
        md = "\n\n".join(part.strip() for part in parts if part) + "\n"
        return Records(rows.to_dict("records"), md, {"ordering": order, "differences": further})


def compare(scores: Scores, folder: str | Path = published.FOLDER) -> pd.DataFrame:
    """One row per value that the paper prints and the configuration computes.

    Returns:
        Columns table, corpus, metric, num_topics, method, title, published_method, published, measured, difference
        (measured minus published), differs (`Difference` each, of the row's corpus and method) and remark.
    """
    counts = table5.counts_of_corpora(scores)
    documents = {name: count["documents"] for name, count in counts.items()}
    parts = [pd.DataFrame(columns=COLUMNS)]
    for table, (experiment, on) in TABLES.items():
        if experiment and experiment not in scores.others:
            continue
        measured = _measured(table, scores.others[experiment]) if experiment else _corpora(counts)
        joined = measured.merge(_published(table, folder)[[*on, "published"]], on=on).assign(table=table)
        joined["difference"] = joined["measured"] - joined["published"]
        joined["differs"] = [row_differences(scores.about, row, documents) for row in joined.to_dict("records")]
        parts.append(joined)
    return pd.concat(parts, ignore_index=True)[COLUMNS].astype(
        dict.fromkeys(("published", "measured", "difference"), float)
    )


def _published(table: str, folder: str | Path) -> pd.DataFrame:
    frame = published.read(table, folder)
    frame = frame.rename(columns={"value": "published", "method": "published_method", "statistic": "metric"})
    if table == "table3":
        frame["published_method"] = "ours-" + frame["slm"] + ", " + frame["ablation"]
    # The paper prints one K: another one is compared with it, and labelled.
    return frame[frame["num_topics"] == published.PROMPTS_NUM_TOPICS] if table == "table9" else frame


def _measured(table: str, scores: Scores) -> pd.DataFrame:
    """The values of a table, and what each is of."""
    if table == "table3":
        return _ablations(scores)
    if table == "table9":
        return _prompts(scores)
    found = _methods(scores, RETRIEVAL_METRICS if table == "table2" else MAIN_METRICS, table == "table7")
    contradicted = (table == "table1") & (found["published_method"] == "ours-llama-3.2-1b")
    return found.assign(remark=np.where(contradicted, CONTRADICTED, ""))


def ordering(compared: pd.DataFrame) -> pd.DataFrame:
    """Kendall's τ-b between published and measured order of the methods, per table, corpus and metric.

    Of several language models compared with one published row, an identical one is taken, else the first. Two methods
    in common are needed; τ is NaN where either side ties throughout.
    """
    records = []
    chosen = compared[compared["table"].isin(["table1", "table2"])]
    for key, rows in chosen.groupby(["table", "corpus", "metric"], sort=False):
        other = [any(each.setting == "language model" for each in differs) for differs in rows["differs"]]
        # Stable: rows on the published language model first, else in the order of the configuration.
        rows = rows.iloc[np.argsort(other, kind="stable")].drop_duplicates("published_method").sort_index()
        if len(rows) > 1:
            tau, p = scipy.stats.kendalltau(rows["published"], rows["measured"])
            differs = list(dict.fromkeys(each for found in rows["differs"] for each in found))
            records.append((*key, len(rows), tau, p, differs))
    return pd.DataFrame(records, columns=["table", "corpus", "metric", "methods", "tau", "p", "differs"])


def _methods(scores: Scores, metrics: Sequence[str], each_num_topics: bool) -> pd.DataFrame:
    selected = select(scores, metrics)
    keys = [*(["num_topics"] if each_num_topics else []), "method", "variant", "title", "slm", "corpus", "metric"]
    # The paper has no controls.
    found = _means(selected[selected["group"] != "control"], keys)
    ours = [f"ours-{published_slm(scores.about, slm)}" if slm else "" for slm in found["slm"]]
    found["published_method"] = found["method"].where(found["method"] != "softlabel", ours)
    return found if each_num_topics else found.assign(num_topics=listed(scores.about.num_topics))


def _ablations(scores: Scores) -> pd.DataFrame:
    found = _means(select(scores, MAIN_METRICS), ["block", "role", "method", "title", "corpus", "metric"])
    found = found.rename(columns={"block": "slm"})
    is_original, cell = found["role"] == "original", ["slm", "corpus", "metric"]
    originals = found[is_original].set_index(cell)["measured"]
    of_each = originals.reindex(pd.MultiIndex.from_frame(found[cell])).to_numpy()
    found["measured"] -= np.where(is_original, 0.0, of_each)
    found["published_method"] = [
        f"ours-{published_slm(scores.about, slm)}, {role.replace('-', '+')}"
        for slm, role in zip(found["slm"], found["role"], strict=True)
    ]
    remark = np.where(is_original, "level", "difference from original")
    return found.assign(num_topics=listed(scores.about.num_topics), remark=remark)


def _corpora(counts: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    rows = [
        {"corpus": corpus, "metric": metric, "title": table5.COLUMNS[metric], "measured": value}
        for corpus, of_corpus in counts.items()
        for metric, value in of_corpus.items()
        if value is not None
    ]
    return pd.DataFrame(rows)


def _prompts(scores: Scores) -> pd.DataFrame:
    """F of both factors of Table 9, where it can be computed."""
    slm, rows = scores.rows["slm"].iloc[0], []
    same: dict[str, Any] = {"method": "softlabel", "slm": slm, "title": scores.about.language_models[slm].title}
    same["published_method"] = f"ours-{published_slm(scores.about, slm)}"
    keys = ["num_topics", "corpus", "metric"]
    for key, runs in _arranged(select(scores, MAIN_METRICS), keys).groupby(keys, sort=False):
        if runs["seed"].nunique() < 2:
            continue
        result = two_way(runs["value"].to_numpy(), list(runs["prompt"]), list(runs["seed"]))
        for factor in ("prompt", "seed"):
            of_factor = {"factor": factor, "measured": getattr(result, factor).f, "remark": f"F of the {factor}"}
            rows.append({**same, **dict(zip(keys, key, strict=True)), **of_factor})
    # NaN: a metric that does not vary.
    return pd.DataFrame(rows, columns=[*same, *keys, "factor", "measured", "remark"]).dropna(subset="measured")


def _means(selected: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return means(_arranged(selected, keys), keys).rename(columns={"mean": "measured"})


def _arranged(selected: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The rows by the columns, the first foremost, each by its values in order of appearance."""
    return selected.iloc[np.lexsort([pd.factorize(selected[column])[0] for column in reversed(columns)])]


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Differences in words, nothing where there is no value."""
    text = frame.assign(differs=["; ".join(map(str, found)) for found in frame["differs"]])
    return text.astype(object).where(text.notna(), "")
