"""What users meet: the names of the package, what they return, and its public members."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from types import ModuleType
from typing import Any

import corridors as co
from corridors.questions import Question, Questions

INSIDE = frozenset(
    {"Path", "Effect", "Sheet", "Small", "Step", "World", "Document", "Case", "Card"}
)
"""Classes of the machinery that some members of public ones show."""
INSIDE_MEMBERS = frozenset({"like", "same_costs"})
"""Members that other modules of the package need, and users do not."""
TOOLS = ("corridors.report", "corridors.units", "corridors.dictionary")
"""Modules whose functions are public beside those of the package."""


@dataclass(frozen=True)
class Thing:
    """A public function, class, method or property.

    Parameters
    ----------
    name : str
        As documented, such as ``corridors.Network.route``.
    value : object
        The function, class or property itself.
    owner : type or None
        Class of a method or property.
    """

    name: str
    value: Any
    owner: type | None = None

    @property
    def doc(self) -> str:
        """Its docstring."""
        return inspect.getdoc(self.value) or ""

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters that callers give."""
        if not callable(self.value):
            return []
        names = list(inspect.signature(self.value).parameters)
        return names[1:] if self.owner and names else names

    @property
    def returns(self) -> str:
        """Annotation of what it gives back; empty if it says nothing."""
        function = self.value
        if isinstance(function, property):
            function = function.fget
        elif isinstance(function, cached_property):
            function = function.func
        return str(getattr(function, "__annotations__", {}).get("return", ""))


def functions() -> list[Thing]:
    """Functions of the package and of :data:`TOOLS`."""
    named = [Thing(f"corridors.{name}", getattr(co, name)) for name in co.__all__]
    for module in TOOLS:
        own = import_module(module)
        names = getattr(own, "__all__", None) or [
            name for name, value in vars(own).items() if _is_own_function(value, module)
        ]
        named += [Thing(f"{module}.{name}", getattr(own, name)) for name in names]
    return [thing for thing in named if inspect.isfunction(thing.value)]


def errors() -> list[Thing]:
    """Errors of the package, and those of single modules."""
    named = {thing.value: thing for thing in _named_classes()}
    found = [value for value in _all_classes().values() if issubclass(value, co.CorridorsError)]
    found = [value for value in found if not value.__name__.startswith("_")]
    own = [Thing(f"{value.__module__}.{value.__name__}", value) for value in found]
    return sorted((named.get(one.value, one) for one in own), key=lambda one: one.value.__name__)


def network() -> Thing:
    """The network."""
    return Thing("corridors.Network", co.Network)


def classes() -> list[Thing]:
    """Other classes of the package, and those that functions and methods give back."""
    found = {thing.value: thing for thing in _named_classes() if thing.value is not co.Network}
    queue = [thing for thing in found.values() if not issubclass(thing.value, Exception)]
    queue += functions()
    queue += [one for one in members(network()) if one.name.split(".")[-1] in questions()]
    while queue:
        thing = queue.pop()
        more = members(thing) if inspect.isclass(thing.value) else [thing]
        for one in more:
            for value in _classes_in(one.returns):
                if value not in found and value is not co.Network:
                    found[value] = Thing(f"{value.__module__}.{value.__qualname__}", value)
                    queue.append(found[value])
    result = [thing for thing in found.values() if not issubclass(thing.value, Exception)]
    return sorted(result, key=lambda thing: thing.value.__name__)


def members(thing: Thing) -> list[Thing]:
    """Public methods and properties of a class, those of our own base classes included."""
    owner = thing.value
    names = dict.fromkeys(
        name
        for base in reversed(owner.__mro__)
        if base.__module__.startswith("corridors")
        for name, value in vars(base).items()
        if _is_public(name) and _is_member(value)
    )
    return [Thing(f"{thing.name}.{name}", _member(owner, name), owner) for name in names]


def _is_own_function(value: Any, module: str) -> bool:
    own = inspect.isfunction(value) and value.__module__ == module
    return own and not value.__name__.startswith("_")


def _is_public(name: str) -> bool:
    return not name.startswith(("_", "model_")) and name not in INSIDE_MEMBERS


def _is_member(value: object) -> bool:
    kinds = (property, cached_property, classmethod, staticmethod, Question)
    return inspect.isfunction(value) or isinstance(value, kinds)


def _member(owner: type, name: str) -> Any:
    value = inspect.getattr_static(owner, name)
    return value if isinstance(value, (property, cached_property)) else getattr(owner, name)


def questions() -> set[str]:
    """Names of the methods of a network that live in other modules."""
    return {name for name, value in vars(Questions).items() if isinstance(value, Question)}


def _named_classes() -> list[Thing]:
    named = [Thing(f"corridors.{name}", getattr(co, name)) for name in co.__all__]
    return [thing for thing in named if inspect.isclass(thing.value)]


def _classes_in(annotation: str) -> Iterator[type]:
    """Classes of ours that an annotation names."""
    for word in re.findall(r"\b[A-Z]\w+", annotation):
        if word in _all_classes() and word not in INSIDE:
            yield _all_classes()[word]


def exists(name: str) -> bool:
    """Whether something of this name, or ending in it, is anywhere in the package."""
    return any(one == name or one.endswith(f".{name}") for one in _all_names())


@cache
def _modules() -> list[ModuleType]:
    names = [module.name for module in pkgutil.walk_packages(co.__path__, "corridors.")]
    return [import_module(name) for name in names if name != "corridors.__main__"]


@cache
def _all_classes() -> dict[str, type]:
    found: dict[str, type] = {}
    for module in _modules():
        for name, value in vars(module).items():
            if inspect.isclass(value) and value.__module__ == module.__name__:
                found.setdefault(name, value)
    return found


@cache
def _all_names() -> list[str]:
    """Modules, what is defined in them, and the members and fields of classes."""
    names = [f"{module.__name__}.{name}" for module in _modules() for name in vars(module)]
    names += [module.__name__ for module in _modules()]
    for value in _all_classes().values():
        inside = {*dir(value), *getattr(value, "__annotations__", ())}
        names += [f"{value.__module__}.{value.__qualname__}.{name}" for name in inside]
    return names
