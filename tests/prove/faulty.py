"""Putting a fault into a module: into what is loaded of it, or into the next import."""

import functools
import gc
import re
import sys
import types
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.serving import ROOT

PLAIN = (str, int, float, Fraction, bytes, tuple, frozenset, dict, types.MappingProxyType, re.Pattern)


def forget() -> int:
    """Empty what functions of the program keep of earlier calls."""
    for kept in caches():
        kept.cache_clear()
    return 0


@functools.cache
def caches() -> list[Any]:
    found = [one for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper)]
    return [one for one in found if one.__module__.startswith("app.")]


def replace(path: Path, code: types.CodeType) -> int:
    """Let every function of a module that is loaded run what stands at its place in `code`, with the defaults there.

    Constants of the module change where their names are known: here, and where they were imported. Answers 1 where the
    module can't be read any more, 0 otherwise.
    """
    module = sys.modules[name_of(path)]
    faulty = {name: value for name, value in vars(module).items() if name[:2] == "__"}
    try:
        exec(code, faulty)
    except Exception:
        return 1
    functions = dict(functions_in(faulty, path))
    for place, function in functions_in(vars(module), path):
        other = functions[place]
        if function.__code__.co_freevars == other.__code__.co_freevars:
            function.__code__ = other.__code__
        function.__defaults__, function.__kwdefaults__ = other.__defaults__, other.__kwdefaults__
    for name, value in faulty.items():
        if name[:2] != "__" and isinstance(value, PLAIN) and value != vars(module)[name]:
            change(name, vars(module)[name], value)
    return 0


def functions_in(names: dict[str, Any], path: Path) -> Iterator[tuple[str, types.FunctionType]]:
    """The functions and methods that a module at `path` defines, by their qualified names."""
    for value in list(names.values()):
        inner = getattr(value, "__wrapped__", value)
        inner = getattr(inner, "__func__", getattr(inner, "fget", inner))
        if isinstance(inner, types.FunctionType) and inner.__code__.co_filename == str(path):
            yield inner.__qualname__, inner
        elif isinstance(value, type) and value.__module__ == names["__name__"]:
            yield from functions_in({**vars(value), "__name__": value.__module__}, path)


def change(name: str, old: object, new: object) -> None:
    """Give a constant another value wherever it was imported."""
    for loaded in [one for key, one in sys.modules.items() if key.startswith(("app.", "tests."))]:
        if vars(loaded).get(name) is old:
            setattr(loaded, name, new)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


class Instead:
    """Finds one module, with other code than its file has."""

    def __init__(self, path: Path, code: types.CodeType) -> None:
        self.path, self.code = path, code

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != name_of(self.path):
            return None
        from importlib.util import spec_from_file_location

        return spec_from_file_location(name, self.path, loader=self)  # duck-typed on purpose

    def create_module(self, spec: Any) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        exec(self.code, module.__dict__)


class Choice:
    """Runs these tests alone, in this order."""

    def __init__(self, ids: Sequence[str]) -> None:
        self.places = {id: place for place, id in enumerate(ids)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((one for one in items if one.nodeid in self.places), key=lambda one: self.places[one.nodeid])
