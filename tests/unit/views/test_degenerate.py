"""Runs with repeated, missing or short topics: a double dagger in the cells, a sentence in the caption."""

import pandas as pd
import pytest

from tests.support.synthetic import CONTROLS, about, scores, with_rows
from topicbench.views.contract import views
from topicbench.views.render import to_csv, to_md, to_tex


def degenerate(experiment, kind, chosen, count=1):
    """Scores in which the runs for which ``chosen`` holds have a count of one kind."""
    given = scores(about(experiment))
    frame = given.rows.copy()
    frame.loc[chosen(frame) & (frame["metric"] == kind), "value"] = float(count)
    return with_rows(given, frame)


def short_lda(frame):
    """Two of LDA's runs on StackOverflow at K = 5."""
    return (
        (frame["corpus"] == "stackoverflow")
        & (frame["method"] == "lda")
        & (frame["num_topics"] == 5)
        & (frame["seed"] < 2)
    )


def test_cells_of_degenerate_runs_are_marked_and_the_caption_says_why():
    table = views()["table1"].make(degenerate("main", "topics_of_fewer_words", short_lda))
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
    table = views()["table7"].make(degenerate("main", "topics_of_fewer_words", short_lda))
    first, second = (section.rows[0] for section in table.sections if section.rows and not section.title)
    assert first[1].text.endswith("‡")
    assert "‡" not in second[1].text


def test_an_ablation_is_marked():
    chosen = degenerate("ablation", "topics_of_repeated_words", lambda frame: frame["role"] == "nll")
    table = views()["table3"].make(chosen)
    rows = table.sections[1].rows
    assert [("‡" in row[1].text) for row in rows] == [False, True, False, False, False]
    assert "several topics with the same top words" in table.caption


@pytest.mark.parametrize("kind", ["topics_missing", "epochs_without_loss"])
def test_without_degenerate_runs_nothing_is_marked_or_said(kind):
    table = views()["table1"].make(degenerate("main", kind, lambda frame: frame["seed"] >= 0, count=0))
    assert "‡" not in to_md(table)


def test_a_control_is_not_marked():
    given = scores(about(controls=CONTROLS))
    frame = given.rows.copy()
    frame.loc[(frame["group"] == "control") & (frame["metric"] == "topics_of_repeated_words"), "value"] = 1.0
    assert "‡" not in to_md(views()["table1"].make(with_rows(given, frame)))
