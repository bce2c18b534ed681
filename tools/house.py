"""``python tools/house.py``: how big the project is, how its parts depend on each other, and what an extension takes.

Prints each measure beside what it is to stay under.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import grimp
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 400
"""Lines of a file that is easy to read in one sitting."""
PAGES = {
    "a method": "add_a_method",
    "a control": "add_a_method",
    "a metric": "add_a_metric",
    "an experiment": "add_an_experiment",
    "a view": "add_a_view",
}
"""Extension → the page of docs/ that builds one; a test does what the page says, and no more."""


def layers(pyproject: Path = ROOT / "pyproject.toml") -> list[str]:
    """The folders of the package from the ground up, as import-linter is told."""
    [contract] = tomllib.loads(pyproject.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    return contract["layers"][::-1]


def imports(package: str = "topicbench") -> dict[str, set[str]]:
    """Module → the modules of its package that it imports, at its top or in a function."""
    graph = grimp.build_graph(package, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in sorted(graph.modules)}


def circles(arrows: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Groups of more than one node, each of which leads to every other one of its group."""
    nodes = sorted({*arrows, *(end for ends in arrows.values() for end in ends)})
    place = {node: number for number, node in enumerate(nodes)}
    pairs = np.array([(place[start], place[end]) for start, ends in arrows.items() for end in ends], dtype=int)
    rows, columns = pairs.reshape(-1, 2).T
    matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(nodes), len(nodes)))
    groups: dict[int, list[str]] = {}
    for node, group in zip(nodes, connected_components(matrix, connection="strong")[1], strict=True):
        groups.setdefault(int(group), []).append(node)
    return [group for group in groups.values() if len(group) > 1]


def upward(modules: Mapping[str, Iterable[str]], order: list[str]) -> list[tuple[str, str]]:
    """Imports from a folder to one that comes after it in ``order``."""
    return [
        (start, end)
        for start, ends in modules.items()
        for end in ends
        if (low := _folder(start)) in order and (high := _folder(end)) in order and order.index(high) > order.index(low)
    ]


def folders(modules: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Imports between folders of the package."""
    found: dict[str, set[str]] = {}
    for start, ends in modules.items():
        between = {_folder(end) for end in ends} - {_folder(start), ""}
        if _folder(start):
            found.setdefault(_folder(start), set()).update(between)
    return found


def _folder(module: str) -> str:
    return module.partition(".")[2].partition(".")[0]


def built(page: Path, extension: str) -> int:
    """Files that a page of docs/ builds for one extension, by their templates beside it."""
    method, _, control = page.read_text(encoding="utf-8").partition("## Adding a control")
    return len(set(re.findall(r"\w+_template\.py", control if extension == "a control" else method)))


def _lines(folder: str, *kinds: str) -> int:
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in _files(folder, kinds))


def _files(folder: str, kinds: Iterable[str]) -> Iterator[Path]:
    for kind in kinds:
        yield from sorted((ROOT / folder).rglob(kind))


def measures(modules: Mapping[str, Iterable[str]]) -> list[tuple[str, int, int | None]]:
    """Each measure, its value and the most it should be; None: it is only told."""
    between = folders(modules)
    long = [path for path in _files(".", ("workflow/**/*.py", "tests/**/*.py", "tools/*.py")) if _long(path)]
    return [
        ("lines under workflow/ (.py, .smk, Snakefile)", _lines("workflow", "*.py", "*.smk", "Snakefile"), 13_500),
        ("lines of tests (.py)", _lines("tests", "*.py"), 11_500),
        (f"files past {LONGEST} lines", len(long), 0),
        ("words of README.md", len((ROOT / "README.md").read_text(encoding="utf-8").split()), 900),
        ("folders of the package", len(between), None),
        ("pairs of folders of which one imports the other", sum(map(len, between.values())), None),
        ("imports upward", len(upward(modules, layers())), 0),
        ("circles of imports between folders", len(circles(between)), 0),
        ("circles of imports between modules", len(circles(modules)), 0),
        *((f"files for {what}", built(ROOT / f"docs/{page}.md", what), 1) for what, page in PAGES.items()),
    ]


def _long(path: Path) -> bool:
    return len(path.read_text(encoding="utf-8").splitlines()) > LONGEST


def main() -> None:
    modules = imports()
    for name, value, most in measures(modules):
        goal = "" if most is None else f"at most {most:,}: {'yes' if value <= most else 'NO'}"
        print(f"{name:50} {value:>7,}   {goal}".rstrip())
    for group in circles(modules):
        print("a circle:", *group)
    for start, end in upward(modules, layers()):
        print("upward:", start, "imports", end)


if __name__ == "__main__":
    main()
