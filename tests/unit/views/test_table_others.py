"""Tables 5, 6, 8 and 9, and the statistics behind Tables 1 and 2."""

import math
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from table_scores import REPOSITORY, configuration, scores

from topicbench.statistics.anova import two_way
from topicbench.views import render, table1, table3, table5, table6, table7, table8, table9
from topicbench.views.statistics import pairwise


def corpus_frame():
    return pd.DataFrame({"text": ["one two", "", "one two", " three\tfour five \n", "  "], "label": [0, 1, 0, 2, 1]})


def test_table_5_counts():
    assert table5.count(corpus_frame(), np.array([True, False, True, True, False])) == {
        "documents": 5,
        "labels": 3,
        "mean_words": 7 / 5,
        "empty": 2,
        "distinct": 4,
        "kept": 3,
    }


def test_table_5_has_a_row_per_corpus_and_a_dash_without_labels():
    config = configuration()
    frames = {"stackoverflow": corpus_frame(), "20newsgroups": corpus_frame().drop(columns="label")}
    table = table5.make(config, frames, dict.fromkeys(frames, np.ones(5, bool)))
    texts = [[cell.text for cell in row] for row in table.sections[0].rows]
    assert texts == [["StackOverflow", "5", "3", "1.4", "2", "4", "5"], ["20NewsGroup", "5", "–", "1.4", "2", "4", "5"]]
    assert "stackoverflow,mean_words,1.4" in render.to_csv(table)


def test_table_6_is_the_prompt_that_the_judge_gets():
    from topicbench.metrics.judges.prompt import SYSTEM_PROMPT

    table = table6.make(configuration())
    assert table.sections[0].rows[0][0].text == SYSTEM_PROMPT
    assert "gpt-4o" in table.caption
    local = table6.make(configuration(judge={"title": "SmolLM2", "slm": "smollm2"}))
    assert "SmolLM2 rates" in local.caption
    assert "expected value over the next token" in local.caption
    assert "none is configured" in table6.make(configuration(judge=None)).caption


def test_table_8_lists_the_default_and_the_variants_compared():
    assert [row[0].text for row in table8.make(configuration()).sections[0].rows] == [
        *("default", "prompt1", "prompt2", "prompt3", "prompt4", "prompt5")
    ]
    config = configuration(experiments={"prompts": {"prompts": ["prompt2", "prompt5"]}})
    rows = table8.make(config).sections[0].rows
    assert [row[0].text for row in rows] == ["default", "prompt2", "prompt5"]
    assert rows[2][1].text == "Generate a tag that captures the primary theme running through the entire document."


def test_table_9_is_the_analysis_of_variance_of_each_metric():
    config = configuration()
    frame = scores(config, "prompts")
    frame.loc[(frame["metric"] == "purity") & (frame["prompt"] == "prompt3"), "value"] += 0.5
    frame.loc[frame["metric"] == "i_rbo", "value"] = 0.25
    table = table9.make(config, frame)
    rows = {row[0].text: row for row in table.sections[0].rows}
    assert list(rows) == ["C_V", "LLM", "I-RBO", "Purity"]
    chosen = frame[(frame["metric"] == "purity")]
    expected = two_way(chosen["value"], list(chosen["prompt"]), list(chosen["seed"]))
    assert rows["Purity"][1].text == f"{expected.prompt.f:.2f}"
    assert rows["Purity"][2].text == "<.001"
    assert rows["Purity"][3].record["F"] == pytest.approx(expected.seed.f)
    assert rows["Purity"][1].record["residual_df"] == 4 * 2
    assert [cell.text for cell in rows["I-RBO"][1:]] == ["–"] * 4
    assert "5 prompts (prompt1, prompt2, prompt3, prompt4, prompt5; see Table 8) × 3 random seeds" in table.caption


def test_table_9_with_one_seed_shows_dashes_and_says_why():
    config = configuration(experiments={"prompts": {"num_topics": [5, 10], "seeds": [0]}})
    table = table9.make(config, scores(config, "prompts"))
    assert [section.title for section in table.sections] == ["K = 5", "", "K = 10", ""]
    assert {cell.text for row in table.sections[1].rows for cell in row[1:]} == {"–"}
    assert "nothing to test" in table.caption


def test_pairwise_statistics_are_the_tests_behind_the_tables():
    config = configuration()
    frame = scores(config, shifts={("softlabel", "ernie"): 0.05})
    table = pairwise(config, frame)
    assert len(table) == 2 * 6 * 3
    for (corpus, metric), rows in table.groupby(["corpus", "metric"]):
        np.testing.assert_allclose(rows["p_holm"], multipletests(rows["p"], method="holm")[1])
        for row in rows.itertuples():
            chosen = frame[(frame["corpus"] == corpus) & (frame["metric"] == metric)]
            best, other = (chosen[chosen["title"] == title]["value"] for title in (row.best, row.other))
            assert row.difference == pytest.approx(best.mean() - other.mean())
            assert row.difference >= 0
            assert row.p == pytest.approx(stats.ttest_ind(best, other, equal_var=False).pvalue)
            assert row.ci_low < row.hedges_g < row.ci_high
            assert math.copysign(1, row.hedges_g) == math.copysign(1, row.t)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_every_table_compiles_alone(tmp_path):
    config = configuration()
    main = scores(config)
    tables = [
        *(module.make(config, main) for module in (table1, table7)),
        table3.make(config, scores(config, "ablation")),
        table6.make(config),
        table8.make(config),
        table9.make(config, scores(config, "prompts")),
    ]
    names = "".join(rf"\input{{{table.name}}}" + "\n" for table in tables)
    for table in tables:
        (tmp_path / f"{table.name}.tex").write_text(render.to_tex(table), encoding="ascii")
    preamble = r"\documentclass{article}\usepackage{booktabs,graphicx,ulem}\usepackage[table]{xcolor}"
    (tmp_path / "all.tex").write_text(preamble + "\n\\begin{document}\n" + names + "\\end{document}\n")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Undefined" not in done.stdout
    assert (REPOSITORY / "data" / "paper").is_dir()
