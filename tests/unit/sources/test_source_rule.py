"""The rules: a source is fetched from its mirror, and a corpus and a language model are made of it."""

import pandas as pd
import pytest
import yaml

from tests.support import ROOT
from tests.support.running import snakemake

pytestmark = pytest.mark.workflow


def values(tmp_path):
    """The paper's configuration with mirrors in place of the network."""
    from tests.support.tiny_models import save_model, tiny_llama_config, train_tokenizer

    config = yaml.safe_load((ROOT / "config/paper.yaml").read_text())
    table = pd.read_csv(ROOT / "data/stackoverflow.tsv.gz", sep="\t", keep_default_na=False)
    (tmp_path / "files").mkdir()
    (tmp_path / "files/title_StackOverflow.txt").write_text("\n".join(table["text"]) + "\n", newline="")
    (tmp_path / "files/label_StackOverflow.txt").write_text("\n".join(map(str, table["label"])) + "\n")
    config["sources"]["stackoverflow"]["mirror"] = str(tmp_path / "files")
    save_model(tiny_llama_config(), train_tokenizer("bytes"), tmp_path / "model")
    config["sources"]["ernie-4.5-0.3b"]["mirror"] = str(tmp_path / "model")
    return config


def test_mirrors_in_place_of_the_network(tmp_path):
    configfile = tmp_path / "mirrored.yaml"
    configfile.write_text(yaml.safe_dump(values(tmp_path), sort_keys=False, allow_unicode=True))
    documents = "results/corpora/stackoverflow/documents.parquet"
    model = "results/models/slm/ernie-4.5-0.3b"
    run = tmp_path / "run"
    result = snakemake(run, documents, model, configfile=configfile, cores=1)
    assert result.returncode == 0, result.stdout[-3000:]
    assert len(pd.read_parquet(run / documents)) == 20000
    assert (run / model / "head.npy").is_file()
    assert (run / "results/source_locks/stackoverflow.json").is_file()
    assert sorted(path.name for path in (run / "results/sources").iterdir()) == ["ernie-4.5-0.3b", "stackoverflow"]
    again = snakemake(run, documents, model, configfile=configfile, cores=1)
    assert "Nothing to be done" in again.stdout


def test_a_source_that_cannot_be_had_is_one_message(tmp_path):
    config = yaml.safe_load((ROOT / "config/paper.yaml").read_text())
    config["sources"]["stackoverflow"]["mirror"] = str(tmp_path)
    configfile = tmp_path / "mirrored.yaml"
    configfile.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True))
    result = snakemake(
        tmp_path / "run", "results/corpora/stackoverflow/documents.parquet", configfile=configfile, cores=1
    )
    said = result.stdout
    assert result.returncode != 0
    assert f"topicbench: sources.stackoverflow.mirror: {tmp_path} has no title_StackOverflow.txt" in said
    assert "Traceback" not in said
    assert not (tmp_path / "run/results/sources/stackoverflow").exists()
