"""What the configuration accepts as a source, what it says of what it does not, and what becomes of one."""

import copy

import pytest
import yaml

from tests.support import ROOT
from topicbench.config.load import from_workflow, load
from topicbench.config.located import located
from topicbench.config.schema import Config
from topicbench.core.errors import TopicbenchError
from topicbench.plan.jobs import Plan
from topicbench.sources.paths import fetched

PAPER = ROOT / "config/paper.yaml"
VALUES = yaml.safe_load(PAPER.read_text())


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("corpora.tweet_topic.path", "x.tsv", "corpora.tweet_topic: exactly one of path and source is needed"),
        ("corpora.tweet_topic.source", None, "corpora.tweet_topic: exactly one of path and source is needed"),
        ("corpora.tweet_topic.source", "tweets", "corpora.tweet_topic.source: 'tweets' is not one of sources"),
        ("corpora.tweet_topic.source", "llama-3.2-1b", "'llama-3.2-1b' is not one file\n  sources.llama-3.2-1b needs"),
        ("slms.llama-3.2-1b.source", "stackoverflow", "'stackoverflow' is no model of the Hub"),
        ("slms.llama-3.2-1b.source", "tweet_topic", "'tweet_topic' is no model of the Hub"),
        ("slms.llama-3.2-1b.hub", "a/b", "slms.llama-3.2-1b: exactly one of gguf, folder, hub and source is needed"),
        ("encoder.folder", "x", "encoder: exactly one of package, folder, hub and source is needed"),
        ("encoder.trust_remote_code", False, "encoder.trust_remote_code: 'gte-large-en-v1.5' runs code of its own"),
        ("word_vectors.glove-wiki-gigaword-200.gensim", "x", "exactly one of package, path, gensim and source"),
        ("word_vectors.glove-wiki-gigaword-200.source", "palmetto-wikipedia", "'palmetto-wikipedia' is not one file"),
        (
            "reference.palmetto.jar",
            "results/sources/java/a.jar",
            "reference.palmetto.jar: 'java' is not one of sources",
        ),
        ("sources.ernie-4.5-0.3b.revision", None, "sources.ernie-4.5-0.3b: hub needs a pinned revision: the full hash"),
        ("sources.ernie-4.5-0.3b.revision", "main", "sources.ernie-4.5-0.3b.revision: String should match pattern"),
        ("sources.ernie-4.5-0.3b.revision", "50f620a", "sources.ernie-4.5-0.3b.revision: String should match pattern"),
        ("sources.ernie-4.5-0.3b.hub", "ernie", "sources.ernie-4.5-0.3b.hub: String should match pattern"),
        ("sources.ernie-4.5-0.3b.licence", None, "sources.ernie-4.5-0.3b.licence: Input should be a valid string"),
        ("sources.ernie-4.5-0.3b.licens", "x", "licens: unknown key\n  did you mean 'licence'?"),
        ("sources.ernie-4.5-0.3b.build", "unpack", "sources.ernie-4.5-0.3b: unpack needs exactly one file"),
        ("sources.ernie-4.5-0.3b.build", "stackoverflow", "stackoverflow is built from files"),
        ("sources.ernie-4.5-0.3b.build", "poems", "build: Input should be '20newsgroups', 'stackoverflow'"),
        ("sources.stackoverflow.build", "20newsgroups", "20newsgroups is built from files, 1 of them"),
        ("sources.stackoverflow.build", "tweet_topic", "tweet_topic is built from a hub source"),
        ("sources.ernie-4.5-0.3b.rows", 7, "rows and result_sha256 are for a table that is built"),
        ("sources.tweet_topic.code", {"hub": "a/b", "revision": "0" * 40}, "sources.tweet_topic: code is for models"),
        ("sources.gte-large-en-v1.5.code.revision", "main", "code.revision: String should match pattern"),
        ("sources.palmetto.hub", "a/b", "sources.palmetto: exactly one of files and hub is needed"),
        ("sources.palmetto.files", [], "sources.palmetto: exactly one of files and hub is needed"),
        ("sources.palmetto.gated", True, "sources.palmetto: revision, code and gated are for a hub source"),
        ("sources.palmetto.files", [{"url": "ftp://a/b"}], "files.0.url: String should match pattern"),
        ("sources.palmetto.files", [{"url": "https://a/b", "name": "../b"}], "files.0.name: String should match"),
        ("sources.palmetto.files", [{"url": "https://a/b"}, {"url": "https://c/b"}], "values repeat: b"),
        ("sources.palmetto.files", [{"url": "https://a/b", "sha256": "12"}], "files.0.sha256: String should match"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, path, value, message):
    values = copy.deepcopy(VALUES)
    section = values
    # Names of models hold dots themselves.
    keys = [key for key in _keys(values, path)]
    for key in keys[:-1]:
        section = section[key]
    section[keys[-1]] = value
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(values, sort_keys=False))
    with pytest.raises(TopicbenchError) as error:
        load(file)
    assert str(error.value).startswith(f"{file}, line ")
    assert message in str(error.value)


def _keys(values, path):
    parts = path.split(".")
    while parts:
        taken = next(n for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in values or n == 1)
        key = ".".join(parts[:taken])
        yield key
        values, parts = values.get(key) or {}, parts[taken:]


def test_every_source_of_the_paper_is_an_entry():
    sources = load(PAPER).sources
    assert {entry.hub for entry in sources.values() if entry.hub} == {
        "baidu/ERNIE-4.5-0.3B-PT",
        "meta-llama/Llama-3.2-1B-Instruct",
        "meta-llama/Llama-3.1-8B-Instruct",
        "Alibaba-NLP/gte-large-en-v1.5",
        "cardiffnlp/tweet_topic_multi",
    }
    assert {name for name, entry in sources.items() if entry.files} == {
        *("20newsgroups", "stackoverflow", "word2vec-google-news-300", "glove-wiki-gigaword-200"),
        *("palmetto", "palmetto-wikipedia"),
    }


def test_the_archive_of_newsgroups_is_that_of_scikit_learn():
    from sklearn.datasets._twenty_newsgroups import ARCHIVE

    file = load(PAPER).sources["20newsgroups"].files[0]
    assert (file.url, file.sha256, file.name) == (ARCHIVE.url, ARCHIVE.checksum, ARCHIVE.filename)


@pytest.mark.parametrize("name", ["word2vec-google-news-300", "glove-wiki-gigaword-200"])
def test_word_vectors_are_those_of_gensims_downloader(name):
    from gensim import downloader

    (file,) = load(PAPER).sources[name].files
    assert file.url == f"{downloader.DOWNLOAD_BASE_URL}/{name}/{name}.gz"


def test_every_source_is_located_where_its_rule_puts_it():
    config = from_workflow(VALUES, [PAPER], ROOT)
    settings = located(config)
    assert settings.corpora["tweet_topic"].path == "results/sources/tweet_topic/tweet_topic.tsv"
    assert settings.corpora["20newsgroups"].path == "results/sources/20newsgroups/20newsgroups.parquet"
    assert settings.slms["llama-3.2-1b"].folder == "results/sources/llama-3.2-1b"
    assert settings.encoder.folder == "results/sources/gte-large-en-v1.5"
    vectors = settings.word_vectors["word2vec-google-news-300"].path
    assert vectors == "results/sources/word2vec-google-news-300/word2vec-google-news-300.bin.gz"
    assert fetched(vectors) == "results/sources/word2vec-google-news-300"
    # A job is given plain values and checks them again.
    assert Config.model_validate(settings.model_dump(mode="json")) == settings


def test_a_configuration_without_sources_is_handed_to_jobs_as_before():
    config = load(ROOT / "config/config.yaml")
    assert located(config) == config
    assert "sources" not in config.model_dump(mode="json")
    for entry in (*config.corpora.values(), *config.slms.values(), *config.word_vectors.values(), config.encoder):
        assert "source" not in entry.model_dump(mode="json")


@pytest.mark.parametrize("path", [None, "", "data/a.tsv", "results/sources", "/results/sources/a/b", "results/x/y/z"])
def test_a_path_of_the_users_own_is_not_fetched(path):
    assert fetched(path) is None


def test_the_papers_grid():
    plan = Plan(load(PAPER))
    main = [run for run in plan.experiment_runs("main") if not run.variant.is_control]
    # 3 corpora; 8 baselines, softlabel and softlabel+ on 3 language models; 4 numbers of topics, 5 seeds.
    assert len(main) == 3 * (8 + 2 * 3) * 4 * 5
    assert len({run.variant.title for run in main}) == 8 + 2 * 3
    assert {run.corpus for run in plan.experiment_runs("temperature")} == set(VALUES["corpora"])
    assert {run.variant.slm for run in plan.experiment_runs("temperature")} == {"ernie-4.5-0.3b"}
    assert len(plan.experiment_runs("prompts")) == 5 * 5
    assert {run.vocabulary_size for run in plan.experiment_runs("vocabulary")} == {500, 1000, 2000, 4000}
    for run in main:
        method = run.variant.create()
        epochs = {"ecrtm": 200, "fastopic": 200}.get(run.variant.method, 100)
        assert getattr(method, "num_epochs", epochs) == epochs
    assert 300 < len(plan.fits) < 2000
