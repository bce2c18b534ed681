"""Tables 1, 2 and 7."""

import io

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from table_scores import configuration, scores

from topicbench.experiments.runs import main_variants
from topicbench.views import render, table1, table2, table7

SHIFTS = {("softlabel", "ernie"): 0.3, ("softlabel", "smollm2"): 0.29, ("lda", "default"): -0.2}


def by_title(table):
    return {row[0].text: row for section in table.sections for row in section.rows}


def test_rows_columns_and_sections_are_the_papers():
    config = configuration()
    table = table1.make(config, scores(config))
    assert [section.title for section in table.sections] == ["", "Ours"]
    assert [row[0].text for section in table.sections for row in section.rows] == [
        *("LDA", "ZeroshotTM", "SmolLM2-135M", "ERNIE-4.5-0.3B")
    ]
    assert [group.text for group in table.groups] == ["StackOverflow", "20NewsGroup"]
    assert [column.text for column in table.columns] == ["Method", *["C_V", "LLM", "I-RBO", "Purity"] * 2]


def test_cells_are_means_and_marks_are_welchs():
    config = configuration()
    frame = scores(config, shifts=SHIFTS)
    table = table1.make(config, frame)
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
    frame = scores(configuration())
    frame = frame[frame["metric"].isin(["precision_at_5", "precision_at_10"])].copy()
    # p = 0.03 and more: below alpha by itself, above it after Holm's factor of at least 2.
    base = np.array([-1.0, -0.6, -0.2, 0.2, 0.6, 1.0])
    for (method, variant), shift in {("softlabel", "ernie"): 0, ("lda", "default"): -1.2}.items():
        chosen = (frame["method"] == method) & (frame["variant"] == variant)
        frame.loc[chosen, "value"] = np.tile(np.repeat(base, 2), 2) + 10 + shift
    others = ~frame["variant"].isin(["ernie"]) & (frame["method"] != "lda")
    frame.loc[others, "value"] = np.tile(np.repeat(base, 2), 4) + 8.79
    paper, corrected = configuration(), configuration(protocol="corrected")
    plain, holm = table2.make(paper, frame), table2.make(corrected, frame)
    p, p_holm = (by_title(holm)["LDA"][1].record[key] for key in ("p", "p_holm"))
    assert p == pytest.approx(stats.ttest_ind(base, base - 1.2, equal_var=False).pvalue)
    assert p < 0.05 <= p_holm == pytest.approx(3 * p, rel=0.2)
    assert by_title(plain)["LDA"][1].mark == ""
    assert by_title(holm)["LDA"][1].mark == "tied"
    assert "Holm" in holm.caption
    assert "Holm" not in plain.caption


def test_one_value_per_method_highlights_only_the_best_and_says_why():
    config = configuration(num_topics=[5], seeds=[0])
    table = table1.make(config, scores(config, shifts=SHIFTS))
    marks = [cell.mark for section in table.sections for row in section.rows for cell in row[1:]]
    assert sorted(set(marks)) == ["", "best"]
    assert marks.count("best") == 8
    assert "nothing to test" in table.caption


def test_no_judge_leaves_the_column_with_a_dash_and_says_so():
    config = configuration(judge=None)
    frame = scores(config)
    table = table1.make(config, frame[frame["metric"] != "llm_rating"])
    assert {row[2].text for row in by_title(table).values()} == {"–"}
    assert "LLM: not computed (no judge is configured)" in table.caption


def test_table_7_has_one_block_per_k_and_each_mean_is_over_seeds():
    config = configuration()
    frame = scores(config)
    table = table7.make(config, frame)
    assert [section.title for section in table.sections] == ["K = 5", "", "Ours", "K = 10", "", "Ours"]
    cell = table.sections[3 + 1].rows[0][1]
    wanted = frame.query("corpus == 'stackoverflow' and method == 'lda' and metric == 'c_v' and num_topics == 10")
    assert cell.record["mean"] == pytest.approx(wanted["value"].mean())
    assert (cell.record["n"], cell.record["num_topics"]) == (3, 10)


def test_table_1_is_the_mean_of_table_7():
    config = configuration()
    frame = scores(config)
    means = {}
    for section in table7.make(config, frame).sections:
        for row in section.rows:
            for cell in row[1:]:
                key = tuple(cell.record[name] for name in ("corpus", "metric", "method", "variant"))
                means.setdefault(key, []).append(cell.record["mean"])
    for row in by_title(table1.make(config, frame)).values():
        for cell in row[1:]:
            key = tuple(cell.record[name] for name in ("corpus", "metric", "method", "variant"))
            assert cell.record["mean"] == pytest.approx(np.mean(means[key]))


def test_caption_states_the_configuration():
    table = table1.make(configuration(), scores(configuration()))
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


def test_same_scores_same_bytes_whatever_the_order_of_rows():
    config = configuration()
    frame = scores(config)
    shuffled = frame.sample(frac=1, random_state=1)
    for form in (render.to_tex, render.to_csv, render.to_md):
        assert form(table1.make(config, frame)) == form(table1.make(config, shuffled))
    assert len(main_variants(config)) == 4


def with_controls(**changes):
    config = configuration(controls=["random-topics", "shuffled-documents", "label-oracle"], **changes)
    return config, pd.concat([scores(config), scores(config, "controls", seed=1)], ignore_index=True)


def test_controls_stand_last_and_are_compared_with_nothing():
    config, frame = with_controls()
    # The best of all by far, and still not marked.
    frame.loc[frame["method"] == "label-oracle", "value"] += 0.5
    without = configuration()
    for module in (table1, table2, table7):
        table, plain = module.make(config, frame), module.make(without, scores(without))
        rows = [row for section in table.sections if section.title != "Controls" for row in section.rows]
        assert rows == [row for section in plain.sections for row in section.rows]
        controls = [section for section in table.sections if section.title == "Controls"]
        assert len(controls) == (2 if module is table7 else 1)
        for section in controls:
            assert [row[0].text for row in section.rows] == [
                *("Random topics", "LDA, shuffled documents", "Label oracle")
            ]
            assert {cell.mark for row in section.rows for cell in row} == {""}
    values = frame[(frame["method"] == "label-oracle") & (frame["metric"] == "c_v") & (frame["num_topics"] == 5)]
    values = values[values["corpus"] == "stackoverflow"]["value"]
    first = next(section for section in table.sections if section.title == "Controls")
    assert first.rows[2][1].record["mean"] == pytest.approx(values.mean())
    assert first.rows[2][1].record["n"] == 3
    assert "the topics of LDA, its θ dealt to the documents at random" in table.caption


def test_a_corpus_without_labels_has_no_oracle():
    corpora = {
        "stackoverflow": {"title": "StackOverflow", "path": "so.tsv"},
        "notes": {"title": "Notes", "path": "notes.tsv", "label_column": None},
    }
    config, frame = with_controls(corpora=corpora)
    oracle = table1.make(config, frame).sections[-1].rows[2]
    assert [cell.text == render.NOT_AVAILABLE for cell in oracle[1:]] == [False] * 4 + [True] * 4
