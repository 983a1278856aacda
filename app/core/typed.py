"""YAML nodes -> structs, with every misfit named at its line in the author's words; unknown keys are refused."""

from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from app.core.yamltext import Fault, Node

T = TypeVar("T")
_WRONG: Any = object()


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything that is read from YAML."""


def typed(kind: type[T], node: Node | None, fault: Fault) -> T | None:
    """The value of `node` as `kind`; None when any part of it does not fit, each with its fault."""
    value = _WRONG if node is None else _read(kind, node, "", fault)
    return None if value is _WRONG else value


def _read(kind: Any, node: Node, name: str, fault: Fault) -> Any:
    """The typed value or `_WRONG`, after saying what is wrong with it."""
    kind = _choice(kind, node)
    if kind is NoneType:
        return None
    if isinstance(kind, type) and issubclass(kind, Entry):
        return _entry(kind, node, name, fault)
    if get_origin(kind) is dict:
        return _mapping(kind, node, name, fault)
    if get_origin(kind) is tuple:
        return _listing(kind, node, name, fault)
    return _scalar(kind, node, name, fault)


def _choice(kind: Any, node: Node) -> Any:
    """Of several possible shapes, the one that the author wrote."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    if NoneType in get_args(kind) and node.value in ("", "null", "~", "none"):
        return NoneType
    kinds = [one for one in get_args(kind) if one is not NoneType]
    return next((one for one in kinds if _shape(one) is type(node.value)), kinds[0])


def _shape(kind: Any) -> type:
    if isinstance(kind, type) and issubclass(kind, Entry):
        return dict
    origin = get_origin(kind)
    return {tuple: list, dict: dict}.get(origin, str)


def _entry(kind: type[Entry], node: Node, name: str, fault: Fault) -> Any:
    if not isinstance(node.value, dict):
        return _unfit(node, name, "keys with values, like `key: value`", fault)
    fields = {one.encode_name: one for one in msgspec.structs.fields(kind)}
    values, fits = {}, True
    for key, value in node.value.items():
        if key not in fields:
            known = ", ".join(fields)
            fault(node.lines[key], "key-unknown", f"“{key}” is not known here. Known are: {known}.")
            fits = False
        else:
            values[fields[key].name] = one = _read(fields[key].type, value, key, fault)
            fits = fits and one is not _WRONG
    for key, one in fields.items():
        if one.required and key not in node.value:
            fault(node.line, "key-missing", f"“{key}” is missing{_of(name)}. Add a line `{key}: …`.")
            fits = False
    return kind(**values) if fits else _WRONG


def _mapping(kind: Any, node: Node, name: str, fault: Fault) -> Any:
    """Entries by id; an entry that does not fit is left out, so that the others are still checked."""
    if not isinstance(node.value, dict):
        return _unfit(node, name, "entries by their ids", fault)
    of_key, of_value = get_args(kind)
    found = {}
    for key, value in node.value.items():
        read_key = _scalar(of_key, Node(node.lines[key], key), "", fault)
        read_value = _read(of_value, value, key, fault)
        if _WRONG not in (read_key, read_value):
            found[key] = read_value
    return found


def _listing(kind: Any, node: Node, name: str, fault: Fault) -> Any:
    if not isinstance(node.value, list):
        return _unfit(node, name, "a list, like `[a, b]` or lines that start with `- `", fault)
    values = [_read(get_args(kind)[0], one, name, fault) for one in node.value]
    return _WRONG if _WRONG in values else tuple(values)


def _scalar(kind: Any, node: Node, name: str, fault: Fault) -> Any:
    if not isinstance(node.value, str):
        return _unfit(node, name, _describe(kind), fault)
    try:
        return msgspec.convert(node.value.strip(), kind)
    except msgspec.ValidationError:
        return _unfit(node, name, f"{_describe(kind)}, not “{node.value[:60]}”", fault)


def _unfit(node: Node, name: str, wanted: str, fault: Fault) -> Any:
    fault(node.line, "value", f"{f'“{name}”' if name else 'This'} must be {wanted}.")
    return _WRONG


def _describe(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(get_args(kind))
    described = [one.description for one in get_args(kind) if isinstance(one, Meta) and one.description]
    return described[-1] if described else "a text"


def _of(name: str) -> str:
    return f" in “{name}”" if name else ""
