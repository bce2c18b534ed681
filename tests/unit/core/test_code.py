"""Hashes of code: what an edit changes, and what it does not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from topicbench.core.code import PACKAGE, closure, code_hash, code_hash_of_script

FILES = {
    "small/__init__.py": '"""A package."""\n__version__ = "1.0"\n'
    "def __getattr__(name):\n    from small.lazy import thing\n",
    "small/lazy.py": "thing = 1\n",
    "small/base.py": '"""Base."""\nLIMIT = 3\n"""What the limit means."""\n',
    "small/metrics/__init__.py": "",
    "small/metrics/contract.py": "from typing import TYPE_CHECKING\nimport numpy, os.path\n"
    "from small.base import LIMIT\n"
    "if TYPE_CHECKING:\n    from small.types import Kind\nelse:\n    import small.fallback\n",
    "small/metrics/one.py": "from . import contract\nfrom ..helpers import help_with\n",
    "small/metrics/two.py": "def score():\n    # Late.\n    with open('x'):\n"
    "        from small.metrics import late as other\n"
    "        return other\n",
    "small/metrics/late.py": "try:\n    import small.helpers.deep\nexcept ImportError:\n"
    "    from small.fallback import *\n",
    "small/helpers/__init__.py": "from .near import help_with\n",
    "small/helpers/near.py": 'def help_with(x):\n    """Help."""\n    return x + 1\n',
    "small/helpers/deep.py": "import small.helpers.near as near\n",
    "small/types.py": "Kind = int\n",
    "small/fallback.py": "import small.metrics.late\n",
    "scripts/score.py": "import package\nwith package.logged():\n    from small.metrics.one import contract\n",
    "scripts/package.py": "import sys\nsys.path.insert(0, '..')\n",
}

MODULES = ("small.base", "small.metrics.contract", "small.metrics.one", "small.metrics.two", "small.helpers.deep")


@pytest.fixture
def small(tmp_path):
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path / "small"


def edited(small: Path, path: str, old: str, new: str) -> Path:
    """A copy of the package, elsewhere, with one edit; files are read once per process."""
    root = small.parent.with_name(f"{small.parent.name}-edited")
    shutil.copytree(small.parent, root)
    assert old in (root / path).read_text()
    (root / path).write_text((root / path).read_text().replace(old, new, 1))
    return root / "small"


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("small", {"small"}),
        ("small.base", {"small", "small.base"}),
        ("small.metrics.contract", {"small.metrics.contract", "small.base", "+fallback"}),
        ("small.metrics.one", {"small.metrics.one", "small.metrics.contract", "small.base", "+helpers", "+fallback"}),
        ("small.metrics.two", {"small.metrics.two", "+fallback"}),
        ("small.helpers", {"small", "+helpers"}),
        ("small.helpers.deep", {"+helpers", "small.helpers.deep"}),
    ],
)
def test_the_closure_holds_packages_submodules_relative_late_and_circular_imports(small, module, expected):
    helpers = {"small", "small.helpers", "small.helpers.near"}
    fallback = {"small.metrics", "small.metrics.late", "small.fallback", "small.helpers.deep", *helpers}
    groups = {"+helpers": helpers, "+fallback": fallback}
    full = {name for part in expected for name in groups.get(part, {part})} | {"small"}
    assert closure(module, package=small) == tuple(sorted(full))


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("small/base.py", '"""Base."""', '"""Foundation, at length."""'),
        ("small/base.py", '"""What the limit means."""\n', ""),
        ("small/helpers/near.py", '"""Help."""', '"""Other help."""\n    # And why.'),
        ("small/helpers/near.py", "x + 1", "(x  +\n            1)"),
        ("small/metrics/two.py", "# Late.", "# Later."),
        ("small/__init__.py", "1.0", "1.1"),
        ("small/lazy.py", "1", "2"),
        ("small/types.py", "int", "str"),
    ],
)
def test_text_layout_version_types_and_what_is_not_imported_do_not_count(small, path, old, new):
    other = edited(small, path, old, new)
    for module in MODULES:
        assert code_hash(module, package=small) == code_hash(module, package=other)


@pytest.mark.parametrize(
    ("path", "old", "new", "changed"),
    [
        ("small/base.py", "3", "4", {"small.base", "small.metrics.contract", "small.metrics.one"}),
        ("small/metrics/one.py", "contract", "contract as same", {"small.metrics.one"}),
        ("small/helpers/near.py", "+ 1", "+ 2", set(MODULES) - {"small.base"}),
        ("small/metrics/late.py", "ImportError", "OSError", set(MODULES) - {"small.base", "small.helpers.deep"}),
        ("small/__init__.py", "from small.lazy", "from small.other", set(MODULES)),
    ],
)
def test_an_edit_changes_the_hash_of_whoever_imports_it_and_of_nobody_else(small, path, old, new, changed):
    other = edited(small, path, old, new)
    assert {name for name in MODULES if code_hash(name, package=small) != code_hash(name, package=other)} == changed


def test_several_modules_have_one_hash_whatever_their_order(small):
    both = code_hash("small.base", "small.helpers.deep", package=small)
    assert both == code_hash("small.helpers.deep", "small.base", "small.base", package=small)
    assert both not in (code_hash("small.base", package=small), code_hash("small.helpers.deep", package=small))


def test_a_module_that_is_not_there_is_named(small):
    with pytest.raises(ModuleNotFoundError, match=r"no module small\.metrics\.three"):
        code_hash("small.metrics.three", package=small)


@pytest.mark.parametrize(
    ("path", "old", "new", "counts"),
    [
        ("scripts/score.py", "import package\n", "import package  # noqa\n", False),
        ("scripts/score.py", "logged()", "logged(1)", True),
        ("scripts/package.py", "'..'", "'.'", True),
        ("small/helpers/near.py", "+ 1", "+ 2", True),
        ("small/metrics/two.py", "'x'", "'y'", False),
    ],
)
def test_a_script_counts_with_its_helpers_its_imports_and_what_is_named(small, path, old, new, counts):
    other = edited(small, path, old, new)
    script = Path("scripts/score.py")
    before, after = (code_hash_of_script(root.parent / script, package=root) for root in (small, other))
    assert (before != after) == counts
    also = [
        code_hash_of_script(root.parent / script, also=["small.metrics.two"], package=root) for root in (small, other)
    ]
    assert also[0] != before
    assert (also[0] != also[1]) == (counts or path == "small/metrics/two.py")


def test_all_that_python_imports_of_this_package_is_in_the_closure():
    names = ["core.jobs", "core.preflight", "core.sections", "core.discovery", "corpora.documents", "runs.fit"]
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    for known in [known for known in sys.modules if known.split('.')[0] == 'topicbench']:\n"
        "        del sys.modules[known]\n"
        "    importlib.import_module(name)\n"
        "    print(*sorted(known for known in sys.modules if known.split('.')[0] == 'topicbench'))\n"
    )
    modules = [f"topicbench.{name}" for name in names]
    result = subprocess.run(
        [sys.executable, "-c", code, *modules], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    for module, imported in zip(modules, result.stdout.splitlines(), strict=True):
        assert set(imported.split()) <= set(closure(module))
        assert module in closure(module)
