"""The statistics behind Tables 1 and 2."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from tests.support.synthetic import CONTROLS, about, scores
from topicbench.views.contract import views


def test_pairwise_statistics_are_the_tests_behind_the_tables():
    given = scores(about(controls=CONTROLS), shifts={("softlabel", "ernie"): 0.05})
    frame, table = given.rows, pd.DataFrame(views()["statistics"].make(given).rows)
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
