"""How whatever people add is found: one file in a folder, nothing to register."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Protocol, TypeVar

from topicbench.core.errors import TopicbenchError


class Named(Protocol):
    """What is found by its name."""

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


@cache
def modules(package: str) -> tuple[ModuleType, ...]:
    """The modules of ``package`` in alphabetical order, imported; helpers, whose names begin with ``_``, are not.

    Helpers may import at once a library that only one environment has.
    """
    folder = importlib.import_module(package).__path__
    names = sorted(info.name for info in pkgutil.iter_modules(folder) if not info.ispkg)
    return tuple(importlib.import_module(f"{package}.{name}") for name in names if not name.startswith("_"))


def subclasses(package: str, base: type[T], what: str) -> Mapping[str, type[T]]:
    """The subclasses of ``base`` that declare a ``name`` in a module of ``package``, by that name, sorted.

    A subclass without a name of its own is a shared base.

    Args:
        package: dotted name of the folder, such as ``topicbench.models``.
        base: the contract.
        what: what one of them is called in messages, such as "method".

    Raises:
        TopicbenchError: two of them have one name.
    """
    found: dict[str, type[T]] = {}
    for module in modules(package):
        for value in vars(module).values():
            own = isinstance(value, type) and issubclass(value, base) and value.__module__ == module.__name__
            if own and "name" in vars(value):
                _add(found, value.name, value, f"{module.__name__}.{value.__name__}", what)
    return dict(sorted(found.items()))


def instances(package: str, attribute: str, kind: type[T], what: str) -> Mapping[str, T]:
    """What the modules of ``package`` list under ``attribute``, a tuple of ``kind``, by name in the order of listing.

    Raises:
        TopicbenchError: two of them have one name.
    """
    found: dict[str, T] = {}
    for module in modules(package):
        for value in vars(module).get(attribute, ()):
            if not isinstance(value, kind):
                raise TypeError(f"{module.__name__}.{attribute} holds {value!r}, which is no {kind.__name__}")
            _add(found, value.name, value, module.__name__, what)
    return found


def _add(found: dict[str, T], name: str, value: T, place: str, what: str) -> None:
    if name in found:
        other = found[name]
        taken = other.__module__ if isinstance(other, type) else "another file"
        raise TopicbenchError(place, f"{what} name '{name}' is taken by {taken}", "choose another name")
    found[name] = value
