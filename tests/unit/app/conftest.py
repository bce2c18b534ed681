"""A small real corpus with the real language model, whose hidden states are computed once for all tests."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.support import ROOT
from topicbench.app.estimator import SoftLabelTopicModel
from topicbench.app.language_model import PACKAGED, folder_of

DATA = ROOT / "data/stackoverflow.tsv.gz"


@pytest.fixture(scope="session")
def titles() -> pd.DataFrame:
    """108 titles on WordPress, MATLAB and Excel, in turns."""
    table = pd.read_csv(DATA, sep="\t")
    chosen = table[table["label_name"].isin(["wordpress", "matlab", "excel"])].groupby("label").head(36)
    return chosen.assign(turn=chosen.groupby("label").cumcount()).sort_values(["turn", "label"])


@pytest.fixture(scope="session")
def labelled(titles) -> pd.DataFrame:
    """The first 72 of them."""
    return titles[:72]


@pytest.fixture(scope="session")
def unseen(titles) -> pd.DataFrame:
    """The other 36."""
    return titles[72:]


@pytest.fixture(scope="session")
def texts(labelled) -> list[str]:
    return labelled["text"].tolist()


@pytest.fixture(scope="session")
def cache(tmp_path_factory, smollm2_folder) -> Path:
    """A cache folder in which the language model is prepared already."""
    folder = tmp_path_factory.mktemp("cache")
    prepared = folder_of(PACKAGED, folder)
    prepared.parent.mkdir()
    prepared.symlink_to(smollm2_folder)
    return folder


@pytest.fixture(scope="session")
def settings() -> dict:
    return {"num_epochs": 60, "batch_size": 16}


@pytest.fixture(scope="session")
def fitted(cache, texts, settings) -> SoftLabelTopicModel:
    return SoftLabelTopicModel(3, settings=settings, cache=cache).fit(texts)
