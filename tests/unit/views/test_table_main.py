"""Tables 1, 2 and 7."""

import io

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.support.synthetic import CONTROLS, about, scores, uncomputed, with_rows
from topicbench.views import render
from topicbench.views.contract import Scores, views

SHIFTS = {("softlabel", "ernie"): 0.3, ("softlabel", "smollm2"): 0.29, ("lda", "default"): -0.2}


def make(name, given):
    return views()[name].make(given)


def by_title(table):
    return {row[0].text: row for section in table.sections for row in section.rows}


def test_rows_columns_and_sections_are_the_papers():
    table = make("table1", scores())
    assert [section.title for section in table.sections] == ["", "Ours"]
    assert [row[0].text for section in table.sections for row in section.rows] == [
        *("LDA", "ZeroshotTM", "SmolLM2-135M", "ERNIE-4.5-0.3B")
    ]
    assert [group.text for group in table.groups] == ["StackOverflow", "20NewsGroup"]
    assert [column.text for column in table.columns] == ["Method", *["C_V", "LLM", "I-RBO", "Purity"] * 2]


def test_cells_are_means_and_marks_are_welchs():
    given = scores(shifts=SHIFTS)
    frame, table = given.rows, make("table1", given)
    values = {
        key: group["value"].to_numpy()
        for key, group in frame.groupby(["corpus", "metric", "method", "variant"], sort=False)
    }
    records = pd.read_csv(io.StringIO(render.to_csv(table)), keep_default_na=False)
    assert len(records) == 4 * 2 * 4
    for (corpus, metric), block in records.groupby(["corpus", "metric"]):
        best = max(
            [("softlabel", "ernie"), ("softlabel", "smollm2")], key=lambda key: values[(corpus, metric, *key)].mean()
        )
        for row in block.itertuples():
            own = values[(corpus, metric, row.method, row.variant)]
            assert float(row.mean) == pytest.approx(own.mean(), rel=1e-14)
            assert int(row.n) == 6
            if (row.method, row.variant) == best:
                assert row.mark == "best"
                continue
            p = stats.ttest_ind(own, values[(corpus, metric, *best)], equal_var=False).pvalue
            assert float(row.p) == pytest.approx(p)
            assert row.mark == ("tied" if p >= 0.05 else "")
    assert by_title(table)["LDA"][1].mark == ""
    assert by_title(table)["LDA"][1].text == render.number(values[("stackoverflow", "c_v", "lda", "default")].mean(), 3)


def test_holm_decides_in_the_corrected_protocol_only():
    frame = scores().rows
    frame = frame[frame["metric"].isin(["precision_at_5", "precision_at_10"])].copy()
    # p = 0.03 and more: below alpha by itself, above it after Holm's factor of at least 2.
    base = np.array([-1.0, -0.6, -0.2, 0.2, 0.6, 1.0])
    for (method, variant), shift in {("softlabel", "ernie"): 0, ("lda", "default"): -1.2}.items():
        chosen = (frame["method"] == method) & (frame["variant"] == variant)
        frame.loc[chosen, "value"] = np.tile(np.repeat(base, 2), 2) + 10 + shift
    others = ~frame["variant"].isin(["ernie"]) & (frame["method"] != "lda")
    frame.loc[others, "value"] = np.tile(np.repeat(base, 2), 4) + 8.79
    plain, holm = (make("table2", Scores(about(protocol=name), frame)) for name in ("paper", "corrected"))
    p, p_holm = (by_title(holm)["LDA"][1].record[key] for key in ("p", "p_holm"))
    assert p == pytest.approx(stats.ttest_ind(base, base - 1.2, equal_var=False).pvalue)
    assert p < 0.05 <= p_holm == pytest.approx(3 * p, rel=0.2)
    assert by_title(plain)["LDA"][1].mark == ""
    assert by_title(holm)["LDA"][1].mark == "tied"
    assert "Holm" in holm.caption
    assert "Holm" not in plain.caption


def test_one_value_per_method_highlights_only_the_best_and_says_why():
    table = make("table1", scores(about(num_topics=[5], seeds=[0]), shifts=SHIFTS))
    marks = [cell.mark for section in table.sections for row in section.rows for cell in row[1:]]
    assert sorted(set(marks)) == ["", "best"]
    assert marks.count("best") == 8
    assert "nothing to test" in table.caption


def test_no_judge_leaves_the_column_with_a_dash_and_says_so():
    table = make("table1", scores(about(judge=None, metrics=uncomputed("llm_rating"))))
    assert {row[2].text for row in by_title(table).values()} == {"–"}
    assert "LLM: not computed (no judge is configured)" in table.caption


def test_table_7_has_one_block_per_k_and_each_mean_is_over_seeds():
    given = scores()
    frame, table = given.rows, make("table7", given)
    assert [section.title for section in table.sections] == ["K = 5", "", "Ours", "K = 10", "", "Ours"]
    cell = table.sections[3 + 1].rows[0][1]
    wanted = frame.query("corpus == 'stackoverflow' and method == 'lda' and metric == 'c_v' and num_topics == 10")
    assert cell.record["mean"] == pytest.approx(wanted["value"].mean())
    assert (cell.record["n"], cell.record["num_topics"]) == (3, 10)


def test_table_1_is_the_mean_of_table_7():
    given = scores()
    means = {}
    for section in make("table7", given).sections:
        for row in section.rows:
            for cell in row[1:]:
                key = tuple(cell.record[name] for name in ("corpus", "metric", "method", "variant"))
                means.setdefault(key, []).append(cell.record["mean"])
    for row in by_title(make("table1", given)).values():
        for cell in row[1:]:
            key = tuple(cell.record[name] for name in ("corpus", "metric", "method", "variant"))
            assert cell.record["mean"] == pytest.approx(np.mean(means[key]))


def test_caption_states_the_configuration():
    table = make("table1", scores())
    for words in (
        "top-15 words",
        "K = 5, 10",
        "3 random seeds (0, 1, 2)",
        "n = 6",
        "20NewsGroup (a sample of 1,200 documents, seed 0)",
        "protocol: paper",
        "window of 110 tokens",
        "over a sample of Wikipedia",
        "by gpt-4o",
        "all-MiniLM-L6-v2",
        "Welch",
    ):
        assert words in table.caption


def test_same_scores_same_bytes_whatever_the_order_of_a_methods_runs():
    given = scores()
    place = given.rows.groupby(["corpus", "method", "variant"], sort=False).ngroup()
    shuffled = given.rows.assign(place=place).sample(frac=1, random_state=1).sort_values("place", kind="stable")
    for form in (render.to_tex, render.to_csv, render.to_md):
        assert form(make("table1", given)) == form(make("table1", with_rows(given, shuffled)))


def test_controls_stand_last_and_are_compared_with_nothing():
    given = scores(about(controls=CONTROLS))
    # The best of all by far, and still not marked.
    given.rows.loc[given.rows["method"] == "label-oracle", "value"] += 0.5
    without = Scores(about(), given.rows[given.rows["group"] != "control"])
    for name in ("table1", "table2", "table7"):
        table, plain = make(name, given), make(name, without)
        rows = [row for section in table.sections if section.title != "Controls" for row in section.rows]
        assert rows == [row for section in plain.sections for row in section.rows]
        controls = [section for section in table.sections if section.title == "Controls"]
        assert len(controls) == (2 if name == "table7" else 1)
        for section in controls:
            assert [row[0].text for row in section.rows] == [*CONTROLS]
            assert {cell.mark for row in section.rows for cell in row} == {""}
    oracle = given.rows[(given.rows["method"] == "label-oracle") & (given.rows["corpus"] == "stackoverflow")]
    values = oracle[(oracle["metric"] == "c_v") & (oracle["num_topics"] == 5)]["value"]
    first = next(section for section in table.sections if section.title == "Controls")
    assert first.rows[2][1].record["mean"] == pytest.approx(values.mean())
    assert first.rows[2][1].record["n"] == 3
    assert "LDA, shuffled documents: θ by chance" in table.caption


def test_a_corpus_without_labels_has_no_oracle():
    corpora = {
        "stackoverflow": {"title": "StackOverflow", "labelled": True},
        "notes": {"title": "Notes", "labelled": False},
    }
    oracle = make("table1", scores(about(corpora=corpora, controls=CONTROLS))).sections[-1].rows[2]
    assert [cell.text == render.NOT_AVAILABLE for cell in oracle[1:]] == [False] * 4 + [True] * 4


def test_a_corpus_without_any_of_the_metrics_keeps_its_columns():
    corpora = {
        "notes": {"title": "Notes", "labelled": False},
        "stackoverflow": {"title": "StackOverflow", "labelled": True},
    }
    table = make("table2", scores(about(corpora=corpora)))
    assert [cell.text == render.NOT_AVAILABLE for cell in table.sections[0].rows[0][1:]] == [True] * 2 + [False] * 2
    assert "metrics that need labels are not available on Notes" in table.caption
