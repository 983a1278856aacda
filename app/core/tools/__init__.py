"""The course's tools: one module each, found by its name; adding a tool adds one file here.

The name is the module's, which holds its `TOOL`; names that begin with an underscore are shared parts.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from app.core.tools._frame import Tool

__all__ = ["TOOLS", "Tool"]


def _tools() -> Mapping[str, Tool]:
    """By national action, then by name."""
    names = sorted(info.name for info in iter_modules(__path__) if not info.name.startswith("_"))
    found = {name: import_module(f"{__name__}.{name}").TOOL for name in names}
    return MappingProxyType(dict(sorted(found.items(), key=lambda one: int(one[1].action[1:]))))


TOOLS: Mapping[str, Tool] = _tools()
