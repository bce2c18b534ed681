"""Hashes of code: an edit makes again what the edited code made, and nothing else.

What a job computes depends on the modules it imports, on those that they import, and so on. Imports are read from the
source and not by importing, which would take seconds. Only this package is followed: libraries are pinned by the
environment. A module that is found at run time (see `topicbench.core.discovery`) stands in no import statement and has
to be named. Files that are no Python are not seen.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def code_hash(*modules: str, package: Path = PACKAGE) -> str:
    """Hash of the source of ``modules`` and of all that they import of this package, at any depth.

    Comments, docstrings, descriptions of settings, layout and the package's version number do not count. The hash is
    the same wherever the package lies, with the same minor version of Python.

    Args:
        modules: dotted names, such as ``topicbench.runs.fit``; among them those found at run time.
        package: folder of the package.

    Returns:
        16 hexadecimal digits. Computed once per process: later edits are not seen.

    Raises:
        ModuleNotFoundError: the package has no such module.
    """
    return _combined({name: _read(_file(name, package), name)[0] for name in closure(*modules, package=package)})


def code_hash_of_script(script: str | Path, also: Iterable[str] = (), package: Path = PACKAGE) -> str:
    """The `code_hash` of a script: its own source, that of scripts beside it that it imports, and their imports.

    Args:
        script: path of a Python file outside the package.
        also: modules that the script finds at run time.
        package: folder of the package.
    """
    digests, modules, pending = {}, set(also), [Path(script)]
    while pending:
        path = pending.pop()
        digests[path.name], imports = _read(path, path.stem)
        modules.update(name for name in imports if _is_module(name, package))
        beside = [path.with_name(f"{name}.py") for name in imports]
        pending += [other for other in beside if other.is_file() and other.name not in digests]
    return _combined({**digests, "": code_hash(*sorted(modules), package=package)})


@cache
def closure(*modules: str, package: Path = PACKAGE) -> tuple[str, ...]:
    """The modules of the package that run when ``modules`` do, sorted: themselves, their packages, all they import."""
    found: set[str] = set()
    pending = list(modules)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            imports = _read(_file(name, package), name)[1]
            pending += [name.rpartition(".")[0]] if "." in name else []
            pending += [imported for imported in imports if _is_module(imported, package)]
    return tuple(sorted(found))


def _combined(digests: dict[str, str]) -> str:
    text = "".join(f"{name} {digest}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _is_module(name: str, package: Path) -> bool:
    try:
        return _file(name, package).is_file()
    except ModuleNotFoundError:
        return False


def _file(name: str, package: Path) -> Path:
    first, *rest = name.split(".")
    path = package.joinpath(*rest)
    for file in (path / "__init__.py", path.with_name(f"{path.name}.py")):
        if first == package.name and file.is_file():
            return file
    raise ModuleNotFoundError(f"{package} has no module {name}", name=name)


@cache
def _read(path: Path, name: str) -> tuple[str, frozenset[str]]:
    """Digest of a file's code, and the absolute names that may be modules among those that it imports."""
    tree = ast.parse(path.read_bytes(), str(path))
    tree.body = [statement for statement in tree.body if not _is_version(statement)]
    parent = name if path.name == "__init__.py" else name.rpartition(".")[0]
    imports = frozenset(_imports(tree.body, parent))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Field":
            node.keywords = [keyword for keyword in node.keywords if keyword.arg != "description"]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), imports


def _imports(body: list[ast.stmt], parent: str, outermost: bool = True) -> Iterator[str]:
    """What the statements of ``body`` import; removes docstrings on the way."""
    body[:] = [statement for statement in body if not _is_text(statement)]
    for statement in body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            above = parent.split(".")[: len(parent.split(".")) - statement.level + 1] if statement.level else []
            origin = ".".join([*above, *([statement.module] if statement.module else [])])
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in statement.names)
        # What a package's __getattr__ imports is loaded for those who ask for it, not with the package.
        lazy = outermost and isinstance(statement, ast.FunctionDef) and statement.name == "__getattr__"
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = list(_imports(getattr(statement, field, []), parent, False))
            if not lazy and not (field == "body" and _only_types(statement)):
                yield from inner


def _is_text(statement: ast.AST) -> bool:
    """A docstring, of an attribute too."""
    return isinstance(statement, ast.Expr) and isinstance(getattr(statement.value, "value", None), str)


def _is_version(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == "__version__"


def _only_types(statement: ast.stmt) -> bool:
    """Whether only a type checker reads the body of ``statement``."""
    test = getattr(statement, "test", None)
    return isinstance(statement, ast.If) and "TYPE_CHECKING" in (getattr(test, "id", ""), getattr(test, "attr", ""))
