"""The table of held-out documents."""

from dataclasses import replace

import pandas as pd
import pytest
from scipy import stats

from tests.support.synthetic import about, scores, with_rows
from topicbench.core.errors import TopicbenchError
from topicbench.statistics.welch import holm
from topicbench.views.contract import views
from topicbench.views.render import NOT_AVAILABLE, to_md


@pytest.fixture(scope="module")
def given():
    """Scores by chance; those of lda's held-out documents lie far below its fitted ones'."""
    made = scores(about("heldout", num_topics=[5]))
    frame = made.rows.copy()
    frame.loc[(frame["method"] == "lda") & frame["metric"].str.startswith("heldout_"), "value"] -= 0.3
    return with_rows(made, frame)


@pytest.fixture(scope="module")
def shown(given):
    return given.rows, make(given)


def make(given):
    return views()["heldout"].make(given)


def sample(frame, method, metric, corpus="stackoverflow", end="-heldout"):
    chosen = (frame["corpus"] == corpus) & (frame["method"] == method) & (frame["metric"] == metric)
    chosen &= frame["variant"].str.endswith(end) == bool(end) if end else ~frame["variant"].str.endswith("-heldout")
    return frame.loc[chosen, "value"].to_numpy()


def test_a_row_per_method_under_each_corpus(shown):
    _, table = shown
    assert [section.title for section in table.sections] == ["StackOverflow", "", "20NewsGroup", ""]
    assert [row[0].text for row in table.sections[1].rows] == ["LDA", "ZeroshotTM", "SmolLM2-135M"]
    assert {len(row) for row in table.sections[1].rows} == {1 + 4 * 3}
    assert [group.text for group in table.groups] == ["Purity", "P@5", "P@10"]


def test_means_of_all_fitted_and_held_out_documents_and_their_tested_difference(shown):
    frame, table = shown
    cells = table.sections[1].rows[0][1:5]
    everything = sample(frame, "lda", "purity", end="")
    fitted, held = (sample(frame, "lda", f"{part}_purity") for part in ("fitted", "heldout"))
    assert len(everything) == len(fitted) == len(held) == 3
    for cell, values in zip(cells, (everything, fitted, held), strict=False):
        assert cell.text == f"{values.mean():.3f}"[1:]
        assert cell.record["mean"] == pytest.approx(values.mean())
    assert cells[3].record["difference"] == pytest.approx(held.mean() - fitted.mean())
    assert cells[3].record["p"] == pytest.approx(stats.ttest_ind(held, fitted, equal_var=False).pvalue)
    assert cells[3].mark == "worse"
    assert table.sections[1].rows[2][4].mark == ""


def test_a_method_that_cannot_infer_is_shown_as_such(shown):
    _, table = shown
    row = table.sections[1].rows[1]
    assert [cell.text for cell in row[2:5]] == [NOT_AVAILABLE] * 3
    assert row[1].text != NOT_AVAILABLE
    assert "cannot infer" in to_md(table)


def test_holms_correction_decides_where_the_protocol_says_so(given):
    table = make(replace(given, about=about("heldout", num_topics=[5], protocol="corrected")))
    cells = [row[4] for row in table.sections[1].rows if row[4].record["p"] is not None]
    plain, corrected = ([cell.record[key] for cell in cells] for key in ("p", "p_holm"))
    assert corrected == pytest.approx(holm(plain))
    assert [cell.mark != "" for cell in cells] == [p < 0.05 for p in corrected]


@pytest.mark.parametrize("change", ["missing", "repeated", "not a number"])
def test_a_score_that_is_missing_repeated_or_no_number_is_an_error(given, change):
    frame = given.rows
    place = frame.index[(frame["metric"] == "heldout_purity") & (frame["method"] == "lda")][0]
    broken = {
        "missing": frame.drop(place),
        "repeated": pd.concat([frame, frame.loc[[place]]], ignore_index=True),
        "not a number": frame.assign(value=frame["value"].where(frame.index != place)),
    }[change]
    with pytest.raises(TopicbenchError, match="purity of lda/default-heldout on stackoverflow"):
        make(with_rows(given, broken))
