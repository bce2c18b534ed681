"""One Slurm and one small configuration for all tests of this folder; skipped, with the reason, where it cannot run."""

import contextlib
import gzip

import pytest
import yaml

from tests.support import ROOT
from tests.support.cluster import Unavailable, cluster
from tests.support.controller import TARGETS, Controller


@pytest.fixture(scope="session")
def slurm():
    """The environment variables of a Slurm that is up."""
    with contextlib.ExitStack() as stack:
        try:
            variables = stack.enter_context(cluster())
        except Unavailable as reason:
            pytest.skip(f"no Slurm here: {reason}")
        yield variables


@pytest.fixture(scope="session")
def configfile(tmp_path_factory):
    """Two methods on 100 titles with a random language model of a few thousand weights."""
    from tests.support.tiny_models import save_model, tiny_llama_config, train_tokenizer

    folder = tmp_path_factory.mktemp("small")
    model = save_model(tiny_llama_config(), train_tokenizer("bytes"), folder / "model")
    titles = gzip.decompress((ROOT / "data/stackoverflow.tsv.gz").read_bytes()).splitlines(keepends=True)
    (folder / "titles.tsv").write_bytes(b"".join(titles[:101]))
    (folder / "reference.tsv").write_bytes(b"".join(titles[:2001]))
    values = {
        "num_topics": [4],
        "seeds": [0, 1],
        "vocabulary_size": 60,
        "corpora": {
            "titles": {"title": "Titles", "path": str(folder / "titles.tsv"), "label_name_column": "label_name"}
        },
        "slms": {"tiny": {"title": "Tiny", "folder": str(model), "dtype": "float32", "device": "cpu"}},
        "methods": {"lda": {}, "softlabel": {"num_epochs": 20, "device": "cpu"}},
        "reference": {"name": "titles", "title": "2,000 titles", "path": str(folder / "reference.tsv")},
        "experiments": {"main": {}},
    }
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(values, sort_keys=False))
    return path


@pytest.fixture
def start(configfile, slurm):
    """Start snakemake in a folder, through Slurm by the repository's profile."""
    started = []

    def run(folder, *options, targets=TARGETS):
        # The next look at a job is ten seconds after the first: at 16 s most have ended.
        profile = ["--workflow-profile", ROOT / "profiles/slurm", "--slurm-init-seconds-before-status-checks", "3"]
        started.append(Controller(folder, configfile, slurm, [*profile, *options], targets))
        return started[-1]

    yield run
    for controller in started:
        controller.kill()
