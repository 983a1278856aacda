"""The course's tools: one module each, found by its name; adding a tool adds one file here.

The name is the module's, which holds its `TOOL`; names that begin with an underscore are shared parts. A tool says
what it asks (`Group`s of fields, or a `Grid` of rows) and holds a plain function from what was entered to a `Result`:
exact numbers, sentences and tables, none of them in any language yet.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from app.core.content import Library
from app.core.tools._frame import (
    PER_CENT,
    Cell,
    Example,
    Field,
    Formula,
    Grid,
    Group,
    Number,
    Quoted,
    Result,
    Step,
    Table,
    Tool,
    Typed,
    Words,
)
from app.core.tools._reading import MARK, Entry, Outcome, calculate, entered, opened

__all__ = [
    "MARK",
    "PER_CENT",
    "TOOLS",
    "Cell",
    "Entry",
    "Example",
    "Field",
    "Formula",
    "Grid",
    "Group",
    "Number",
    "Outcome",
    "Quoted",
    "Result",
    "Step",
    "Table",
    "Tool",
    "Typed",
    "Words",
    "calculate",
    "entered",
    "example_of",
    "opened",
    "tool_of",
]


def _tools() -> Mapping[str, Tool]:
    """By national action, then by name."""
    names = sorted(info.name for info in iter_modules(__path__) if not info.name.startswith("_"))
    found = {name: import_module(f"{__name__}.{name}").TOOL for name in names}
    return MappingProxyType(dict(sorted(found.items(), key=lambda one: int(one[1].action[1:]))))


TOOLS: Mapping[str, Tool] = _tools()


def tool_of(name: str, library: Library) -> Tool | None:
    """A tool with what it takes from the course files; None where there is no such tool."""
    tool = TOOLS.get(name)
    return tool.made(library) if tool and tool.made else tool


def example_of(tool: Tool) -> Outcome | None:
    """The worked example, worked out by the same function; None where a tool has none."""
    return calculate(tool, {name: [text] for name, text in tool.example.entries.items()}) if tool.example else None
