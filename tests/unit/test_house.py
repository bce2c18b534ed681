"""The measures of the project's size, and the direction of its imports."""

import re

from tests.support import ROOT
from tools import house
from topicbench.core.version import __version__


def test_circles_are_groups_that_lead_back_to_themselves():
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"d"}}
    assert house.circles(arrows) == [["a", "b", "c"]]
    assert house.circles({"a": {"b"}, "b": set()}) == []


def test_an_upward_import_is_named():
    modules = {"topicbench.core.x": {"topicbench.views.y"}, "topicbench.views.y": {"topicbench.core.z"}}
    assert house.upward(modules, ["core", "views"]) == [("topicbench.core.x", "topicbench.views.y")]
    assert house.folders(modules) == {"core": {"views"}, "views": {"core"}}


def test_imports_of_the_package_point_down_and_never_in_a_circle():
    modules = house.imports()
    assert "topicbench.core.errors" in modules["topicbench.app.main"]
    assert house.upward(modules, house.layers()) == []
    assert house.circles(modules) == house.circles(house.folders(modules)) == []


def test_an_extension_is_one_file():
    assert {name: house.built(ROOT / f"docs/{page}.md", name) for name, page in house.PAGES.items()} == dict.fromkeys(
        house.PAGES, 1
    )


def test_the_version_is_the_same_everywhere():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\nversion: {__version__}\n" in citation
    assert re.findall(r"^## (\S+)", changes, re.MULTILINE)[0] == __version__
