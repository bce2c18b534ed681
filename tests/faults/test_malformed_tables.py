"""Malformed configurations and corpora, as malformed/ lists them: refused clearly, or read as stated."""

import base64
from pathlib import Path

import pandas as pd
import pytest
import yaml

from tests.support import ROOT, TINY
from topicbench.config import load as config_file
from topicbench.config.located import located
from topicbench.core.files import write_text, written_beside
from topicbench.corpora.documents import read_documents
from topicbench.corpora.section import Corpus
from topicbench.corpora.vocabulary import build_vocabulary, tokenise
from topicbench.plan.jobs import Plan

FOLDER = Path(__file__).parent / "malformed"
CONFIGURATIONS = yaml.safe_load((FOLDER / "configurations.yaml").read_text(encoding="utf-8"))
CORPORA = yaml.safe_load((FOLDER / "corpora.yaml").read_text(encoding="utf-8"))


def changed(case):
    """The tiny configuration with a case's changes, as text; or the case's own text."""
    if "text" in case:
        return case["text"]
    values = yaml.safe_load(TINY.read_text(encoding="utf-8"))
    changes = [*case.get("set", {}).items(), *((key, None) for key in case.get("remove", ()))]
    for dotted, value in changes:
        *above, key = dotted.split(".", 1) if dotted.startswith("corpora...") else dotted.split(".")
        section = values
        for name in above:
            section = section[name]
        if dotted in case.get("remove", ()):
            del section[key]
        else:
            section[key] = value
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True)


@pytest.mark.parametrize("case", CONFIGURATIONS, ids=lambda case: case["says"][:60])
def test_a_malformed_configuration_is_refused(case, tmp_path, refused):
    path = tmp_path / "mine.yaml"
    path.write_text(changed(case), encoding="utf-8")

    def start(results):
        # What workflow/rules/settings.smk does before any job.
        values, _ = config_file.read_yaml(path)
        assert Plan(located(config_file.from_workflow(values, [path], ROOT))).fits

    refused(start, case["says"])


def written(case, folder):
    """The path of a case's corpus, written into ``folder``."""
    path = folder / case["file"]
    path.parent.mkdir(parents=True, exist_ok=True)
    if "base64" in case:
        path.write_bytes(base64.b64decode(case["base64"]))
    elif "nested" in case:
        path.write_text("[" * case["nested"] + "]" * case["nested"])
    elif "repeated" in case:
        text, times = case["repeated"]
        path.write_text(f"text,label\n{text * times},1\n", encoding="utf-8")
    else:
        path.write_bytes(case["text"].encode("utf-8"))
    return folder / case.get("path", case["file"])


def read(case, path, results):
    """What the rules documents, tokens and vocabulary do."""
    documents = read_documents(Corpus(title="Mine", path=str(path), **case.get("set", {})), "/")
    words = list(tokenise(documents["text"]))
    vocabulary = build_vocabulary(words, case["size"]) if "size" in case else []
    with written_beside(results / "documents.parquet") as partial:
        documents.to_parquet(partial)
    write_text(results / "vocabulary.txt", "".join(f"{word}\n" for word in vocabulary))


@pytest.mark.parametrize("case", CORPORA, ids=lambda case: case["name"])
def test_a_malformed_corpus_is_refused_or_read_as_stated(case, tmp_path, refused, allowed):
    path = written(case, tmp_path)
    if "says" in case:
        refused(lambda results: read(case, path, results), case["says"])
        return
    with allowed():
        read(case, path, tmp_path / "results")
        documents = pd.read_parquet(tmp_path / "results/documents.parquet")
        assert len(documents) == case["documents"]
        assert documents["doc_id"].tolist() == list(range(len(documents)))
        assert documents["text"][0] == case.get("first", documents["text"][0])
