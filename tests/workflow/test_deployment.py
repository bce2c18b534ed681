"""The workflow as others deploy it: snakedeploy from a tag, and as a module. A local repository stands for GitHub."""

import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support import ROOT, TINY, configurations

TARGETS = ("results/corpora/stackoverflow/v120/vocabulary.txt", "results/table5.md")
MODULE = """
import yaml


module topicbench:
    snakefile: "{root}/workflow/Snakefile"
    {options}


use rule * from topicbench{names}
"""


def run(*command, folder, **environment):
    result = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stdout[-5000:]
    return result.stdout


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """Variables by which git takes a repository of this checkout, tagged v0.2.0, for github.com/example/topicbench."""
    folder = tmp_path_factory.mktemp("host")
    repository = folder / "example/topicbench"
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder=ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, repository / name)
    author = {f"GIT_{who}": "example" for who in ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL")}
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "All"], ["tag", "v0.2.0"]):
        run("git", *arguments, folder=repository, **author)
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{folder}/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
        "XDG_CACHE_HOME": str(folder / "cache"),
    }


def snakemake(folder, *arguments, **environment):
    """Snakemake as somebody runs it who has installed it and has no checkout."""
    variables = {"PYTHONPATH": "", **environment}
    return run(sys.executable, "-m", "snakemake", "--cores", "2", *arguments, folder=folder, **variables)


def module(folder, options="", names=""):
    """A workflow of somebody's own that uses this one as a module, and a corpus and a configuration beside it."""
    folder.mkdir()
    values = configurations.values(
        methods={"lda": {}},
        slms={},
        judge=None,
        num_topics=[4],
        seeds=[0, 1],
        vocabulary_size=60,
        corpora={"mine": {"title": "Mine", "path": "mine.tsv", "label_name_column": "label_name"}},
        reference={"name": "mine", "title": "My titles", "path": "mine.tsv"},
    )
    titles = gzip.decompress((ROOT / "data/stackoverflow.tsv.gz").read_bytes()).splitlines(keepends=True)
    (folder / "mine.tsv").write_bytes(b"".join(titles[:301]))
    (folder / "mine.yaml").write_text(yaml.safe_dump(values))
    (folder / "Snakefile").write_text(MODULE.format(root=ROOT, options=options, names=names))
    return folder


def test_snakedeploy_from_a_tag(host, tmp_path):
    deployed = tmp_path / "deployed"
    snakedeploy = Path(sys.executable).with_name("snakedeploy")
    address = "https://github.com/example/topicbench"
    run(snakedeploy, "deploy-workflow", address, deployed, "--tag", "v0.2.0", folder=tmp_path, **host)
    written = (deployed / "workflow/Snakefile").read_text()
    assert 'github("example/topicbench", path="workflow/Snakefile", tag="v0.2.0")' in written
    # The one thing a user does: write a configuration.
    shutil.copy(TINY, deployed / "config/config.yaml")
    printed = snakemake(deployed, *TARGETS, **host)
    assert "Nothing to be done" not in printed
    assert "StackOverflow" in (deployed / "results/table5.md").read_text()
    planned = snakemake(deployed, "--dry-run", **host)
    assert re.search(r"^all +1$", planned, re.MULTILINE)
    assert not re.search(r"^documents +\d", planned, re.MULTILINE)


def test_a_module_without_a_configuration_has_the_default_one(tmp_path):
    folder = module(tmp_path / "other")
    snakemake(folder, "results/corpora/stackoverflow/v1000/vocabulary.txt")
    assert len((folder / "results/corpora/stackoverflow/v1000/vocabulary.txt").read_text().split()) == 1000


def test_a_module_with_a_configuration_and_a_corpus_of_its_own(tmp_path):
    folder = module(tmp_path / "other", 'config: yaml.safe_load(open("mine.yaml"))')
    snakemake(folder, "results/table5.csv")
    assert "mine,documents,300" in (folder / "results/table5.csv").read_text()


def test_a_module_with_a_prefix_writes_nothing_beside_it(tmp_path):
    options = 'config: yaml.safe_load(open("mine.yaml"))\n    prefix: "topics"'
    folder = module(tmp_path / "other", options, " as topics_*")
    before = {path.name for path in folder.iterdir()}
    snakemake(folder, "topics/results/table5.csv", "topics/results/table1.csv")
    assert "mine,documents,300" in (folder / "topics/results/table5.csv").read_text()
    assert "lda" in (folder / "topics/results/table1.csv").read_text()
    assert {path.name for path in folder.iterdir()} - before == {"topics", ".snakemake"}


def test_what_cannot_be_a_checkout_is_one_line(tmp_path):
    braces = tmp_path / "{x}"
    braces.mkdir()
    for name in ("Snakefile", "workflow"):
        (braces / name).symlink_to(ROOT / name)
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--snakefile", braces / "Snakefile", "--dry-run"]
    result = subprocess.run([str(part) for part in command], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode != 0
    assert (
        f"{braces}: Snakemake takes a brace in a path for a wildcard\n  rename or move" in result.stdout + result.stderr
    )
    assert "Traceback" not in result.stdout + result.stderr


def test_one_key_can_be_given_on_the_command_line(tmp_path):
    """A list of numbers, which Snakemake itself reads as text, also in the jobs it starts."""
    arguments = ("--snakefile", ROOT / "Snakefile", "--config", "num_topics=[5]", "seeds=[0]", "vocabulary_size=50")
    vocabulary = "results/corpora/stackoverflow/v50/vocabulary.txt"
    snakemake(tmp_path, *arguments, "--", vocabulary)
    assert len((tmp_path / vocabulary).read_text().split()) == 50
