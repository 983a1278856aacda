"""YAML as authors write it: every scalar is text, every value knows its line; doubled keys, tags, aliases are refused.

Built from the parser's events with a stack of our own, so that deep nesting can't exhaust the interpreter's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

Fault = Callable[[int, str, str], None]  # (line, code, message)
DEEPEST = 12
_ADVICE = "Look for a missing quote or colon, or a wrong indent, on this line or the one before."


class _Refused(Exception):
    """Stops the reading; its arguments are line, code and message."""


@dataclass(slots=True)
class Node:
    """A value and the line it starts on: text, nodes in a list, or nodes by key (`lines` has the line of each key)."""

    line: int
    value: "str | list[Node] | dict[str, Node]"
    lines: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read; `key` is the key whose value comes next."""

    node: Node
    key: str | None = None


def read_yaml(text: str, fault: Fault, first_line: int = 1) -> Node | None:
    """The one document in `text`, whose first line is `first_line` of its file; None when anything was refused."""
    reader = _Reader(fault, first_line)
    try:
        return reader.read(text)
    except _Refused as refused:
        fault(*refused.args)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = error.problem or error.context or "the parser stopped"
        fault(first_line + (mark.line if mark else 0), "yaml", f"This is not readable YAML: {said}. {_ADVICE}")
    except yaml.YAMLError as error:
        fault(first_line, "yaml", f"This is not readable YAML: {error}. {_ADVICE}")
    return None


class _Reader:
    def __init__(self, fault: Fault, first_line: int) -> None:
        self.fault = fault
        self.first_line = first_line
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.doubled = False

    def read(self, text: str) -> Node | None:
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            if isinstance(event, yaml.NodeEvent):
                self.take(event, self.first_line + (event.start_mark.line if event.start_mark else 0))
            elif isinstance(event, yaml.CollectionEndEvent):
                self.stack.pop()
        if self.doubled:
            return None
        return self.root or Node(self.first_line, {})

    def take(self, event: Any, line: int) -> None:
        _refuse_magic(event, line)
        if isinstance(event, yaml.ScalarEvent):
            node = Node(line, event.value)
        else:
            node = Node(line, {} if isinstance(event, yaml.MappingStartEvent) else [])
        if self.stack:
            self.place(self.stack[-1], node)
        elif self.root is None:
            self.root = node
        else:
            raise _Refused(line, "yaml", "A second document starts here. Keep one document in a file.")
        if not isinstance(node.value, str):
            self.stack.append(_Open(node))
        if len(self.stack) > DEEPEST:
            raise _Refused(line, "yaml-deep", f"Values are nested more than {DEEPEST} deep. Write them flatter.")

    def place(self, parent: _Open, node: Node) -> None:
        """Puts a node into the list or mapping that is open."""
        holder = parent.node.value
        if isinstance(holder, list):
            holder.append(node)
        elif isinstance(holder, dict):
            if parent.key is not None:
                holder[parent.key] = node
                parent.key = None
            elif isinstance(node.value, str):
                self.open_key(parent, node.value, node.line)
            else:
                raise _Refused(node.line, "yaml", f"A key must be a word, not a list. {_ADVICE}")

    def open_key(self, parent: _Open, key: str, line: int) -> None:
        before = parent.node.lines.get(key)
        if before is not None:
            self.doubled = True
            self.fault(line, "yaml-duplicate", f"“{key}” stands on line {before} and again on line {line}. Keep one.")
        parent.node.lines.setdefault(key, line)
        parent.key = key


def _refuse_magic(event: Any, line: int) -> None:
    if isinstance(event, yaml.AliasEvent):
        raise _Refused(line, "yaml-alias", f"“*{event.anchor}” is an alias. Write the value out.")
    if event.anchor:
        raise _Refused(line, "yaml-alias", f"“&{event.anchor}” is an anchor. Take it out and write values out.")
    if event.tag:
        raise _Refused(line, "yaml-tag", f"“{event.tag}” is a tag. Take it out: every value is text here.")
