"""The commands that README, Makefile and docs give mean what they say, links lead somewhere, lists are complete."""

import re
import shlex
import subprocess

import pytest
from snakemake.cli import get_argument_parser

from tests.support import ROOT
from topicbench.experiments.contract import experiments
from topicbench.plan import paths
from topicbench.views.contract import views

TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for folder in ("", "docs/", "benchmarks/", "config/", "data/", "results/")
    for path in sorted(ROOT.glob(f"{folder}*.md"))
}
README, RESULTS = TEXTS["README.md"], TEXTS["docs/results.md"]


def lines_of(texts):
    blocks = [block for text in texts for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)]
    return [re.split(r" +#|\|", line)[0].strip() for block in blocks for line in block.splitlines()]


COMMANDS = [line for line in lines_of([README]) if line.startswith("snakemake ")]
ALL_COMMANDS = sorted({line for line in lines_of(TEXTS.values()) if line.startswith("snakemake ")})
MADE = sorted({line for line in lines_of(TEXTS.values()) if line.startswith("make ")})
LINKS = [(page, link) for page, text in TEXTS.items() for link in re.findall(r"\]\((?!http)([^)\s]+)\)", text)]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_snakemake_command_has_its_target(command):
    # Options with several values swallow a target that follows them.
    arguments = get_argument_parser().parse_args(shlex.split(command)[1:])
    assert arguments.targets in (["all"], ["results/table1.tex"])


@pytest.mark.parametrize("command", ALL_COMMANDS)
def test_a_snakemake_command_of_any_page_has_known_options_and_a_target(command):
    targets = get_argument_parser().parse_args(shlex.split(command)[1:]).targets
    assert targets, command
    assert all(target == "all" or target.startswith("results/") for target in targets)


@pytest.mark.parametrize("command", MADE)
def test_a_make_command_has_a_rule(command):
    result = subprocess.run([*shlex.split(command), "--dry-run"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    for line in re.findall(r"bin/snakemake (--cores .*)", result.stdout):
        assert get_argument_parser().parse_args(shlex.split(line)).targets == ["all"]


def test_there_are_commands():
    assert len(COMMANDS) >= 5
    assert {"make benchmark", "make test"} <= set(lines_of([README]))


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_a_link_leads_somewhere(page, link):
    path, _, anchor = link.partition("#")
    target = (ROOT / page).parent / path if path else ROOT / page
    assert target.exists()
    if anchor:
        headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_the_readme_is_short_and_shows_one_small_picture():
    assert len(README.replace("|", " ").split()) <= 900
    [picture] = re.findall(r"!\[.+\]\((.+)\)", README)
    assert (ROOT / picture).stat().st_size <= 150_000


def test_every_page_is_linked_from_the_readme_or_the_list_of_pages():
    linked = {(ROOT / page).parent / link.partition("#")[0] for page, link in LINKS if page.endswith("README.md")}
    assert {ROOT / page for page in TEXTS if page.startswith("docs/")} - {ROOT / "docs/README.md"} <= linked
    assert "docs/README.md" in README


def rows_below(heading, text):
    """Cells of the first table below a heading, without its head."""
    table = re.search(r"^\|.*?(?=\n\n)", text.partition(heading)[2], re.DOTALL | re.MULTILINE)[0]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()[2:]]


def test_every_table_and_figure_is_listed_with_its_files_and_experiments():
    own = {view.name: view for each in experiments().values() for view in each.views}
    listed = {}
    for name, files, read, _ in rows_below("## Tables and figures", RESULTS):
        listed[name.strip("`")] = (set(re.findall(r"`(.+?)`", files)), set(re.findall(r"`(.+?)`", read)))
    expected = {}
    for name, view in {**views(), **own}.items():
        files = {f".{suffix}" if file == f"{name}.{suffix}" else file for suffix, file in view.outputs().items()}
        expected[name] = (files, {view.experiment, *view.others} - {None})
    assert listed == expected


def test_every_experiment_is_listed():
    listed = [name.strip("`") for name, _, _ in rows_below("a run with several roles has a row for each", RESULTS)]
    assert sorted(listed) == sorted(experiments())


def test_every_path_of_a_result_is_listed():
    found = {value for value in vars(paths).values() if str(value).startswith("results/")}
    found -= {paths.VIEW, paths.SOURCES, paths.FIT, paths._CORPUS, paths._FEATURES}
    found |= {paths.seed_folder(paths.FIT, "{seed}")}
    assert {path for path in found if path.removeprefix("results/") not in RESULTS} == set()
