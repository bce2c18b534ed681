"""Runs with repeated, missing or short topics: a double dagger in the cells, a sentence in the caption."""

import pandas as pd
import pytest
from table_scores import configuration, scores

from topicbench.experiments.all import experiment_runs
from topicbench.experiments.runs import describe
from topicbench.views import table1, table3, table7
from topicbench.views.render import to_csv, to_md, to_tex


def with_facts(config, experiment, flaw):
    """Scores in which ``flaw(run)`` is each run's (flaw, count)."""
    rows = []
    for run in experiment_runs(config, experiment):
        metric, value = flaw(run)
        identity = {key: value or "" for key, value in describe(run).items()}
        identity |= {"num_topics": run.num_topics, "seed": run.seed, "vocabulary_size": run.vocabulary_size}
        rows.append({"experiment": experiment, **identity, "metric": metric, "value": float(value)})
    return pd.concat([scores(config, experiment), pd.DataFrame(rows)], ignore_index=True)


def short_lda(run):
    """Two of LDA's runs on StackOverflow at K = 5 have topics of fewer words."""
    chosen = run.corpus == "stackoverflow" and run.variant.method == "lda" and run.num_topics == 5
    return "topics_of_fewer_words", int(chosen and run.seed < 2)


def test_cells_of_flawed_runs_are_marked_and_the_caption_says_why():
    config = configuration()
    table = table1.make(config, with_facts(config, "main", short_lda))
    lda, other = table.sections[0].rows
    assert [cell.text.endswith("‡") for cell in lda[1:]] == [True] * 4 + [False] * 4
    assert not any("‡" in cell.text for cell in other)
    assert table.caption.endswith(
        "‡ marks values of runs of which some are flawed (flawed_runs in the CSV): topics with too few usable words."
    )
    assert to_tex(table).count(r"\ddag{}") == 5
    assert to_md(table).count("‡") == 5
    rows = pd.read_csv(pd.io.common.StringIO(to_csv(table)))
    assert rows.groupby(["corpus", "method"])["flawed_runs"].max().to_dict()["stackoverflow", "lda"] == 2
    assert rows["flawed_runs"].sum() == 8


def test_each_k_is_marked_by_its_own_runs():
    config = configuration()
    table = table7.make(config, with_facts(config, "main", short_lda))
    first, second = (section.rows[0] for section in table.sections if section.rows and not section.title)
    assert first[1].text.endswith("‡")
    assert "‡" not in second[1].text


def test_an_ablation_is_marked():
    config = configuration()

    def repeated(run):
        return "topics_of_repeated_words", int(run.variant.name.endswith("-nll"))

    table = table3.make(config, with_facts(config, "ablation", repeated))
    rows = table.sections[1].rows
    assert [("‡" in row[1].text) for row in rows] == [False, True, False, False, False]
    assert "several topics with the same top words" in table.caption


@pytest.mark.parametrize("flaw", ["topics_missing", "epochs_without_loss"])
def test_without_flaws_nothing_is_marked_or_said(flaw):
    config = configuration()
    table = table1.make(config, with_facts(config, "main", lambda run: (flaw, 0)))
    assert "‡" not in to_md(table)
