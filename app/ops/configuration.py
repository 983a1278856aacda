"""The settings that are in force, in words and without secrets, and what the site runs on."""

import ast
import os
import platform
from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.ops.serving import Stopped
from app.ops.stores import store_of
from app.records.engine import Unavailable, open_session
from config import ROOT, Config

ENVIRONMENT, DEFAULT, FOLLOWS = "environment", "default", "follows"
PACKAGES = ("flask", "sqlalchemy", "granian", "typst", "nh3", "cryptography")
VERSION = {"sqlite": "SELECT sqlite_version()", "postgresql": "SHOW server_version"}


class Row(NamedTuple):
    """A setting: its variable, its meaning, its value as text ("": empty), where that comes from. A secret has no
    value; `given` says whether there is one."""

    variable: str
    meaning: str
    value: str
    origin: str
    secret: bool
    given: bool


class Base(NamedTuple):
    """The database: its kind and version, and its size in bytes; None where it can't be measured."""

    kind: str
    size: int | None


@lru_cache(maxsize=1)
def meanings() -> dict[str, str]:
    """The docstring under each attribute of Config."""
    tree = ast.parse((ROOT / "config.py").read_text(encoding="utf-8"))
    body = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Config").body
    return {
        first.target.id: second.value.value
        for first, second in pairwise(body)
        if isinstance(first, ast.AnnAssign)
        and isinstance(first.target, ast.Name)
        and isinstance(second, ast.Expr)
        and isinstance(second.value, ast.Constant)
        and isinstance(second.value.value, str)
    }


def rows(config: Config, environment: Mapping[str, str] = os.environ) -> list[Row]:
    """Every setting in the order of config.py. No secret and no password stands in any of them."""
    return [_row(config, one, environment) for one in fields(config) if one.metadata.get("environment", True)]


def _row(config: Config, one: Any, environment: Mapping[str, str]) -> Row:
    variable, value = f"LONTAR_{one.name.upper()}", getattr(config, one.name)
    secret = bool(one.metadata.get("secret"))
    origin = ENVIRONMENT if variable in environment else DEFAULT if value == one.default else FOLLOWS
    shown = "" if secret else without_password(value) if one.name == "database_url" else in_text(value)
    return Row(variable, meanings()[one.name], shown, origin, secret, bool(value))


def in_text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value == Path() else str(value)


def without_password(url: str) -> str:
    """Kind, user, place and name of a database: drivers take passwords also behind the question mark, so that no
    further part is shown."""
    if not url:
        return ""
    try:
        address = make_url(url)
    except ArgumentError:
        return "***"
    return address.set(query={}).render_as_string(hide_password=True)


def versions() -> dict[str, str]:
    """The versions of what the site runs on."""
    return {"Lontar": version("lontar"), "Python": platform.python_version(), **{one: version(one) for one in PACKAGES}}


def database(engine: Engine) -> Base:
    """Raises Unavailable where it does not answer."""
    dialect = engine.dialect.name
    with open_session(engine, write=False) as session:
        found = str(session.execute(text(VERSION[dialect])).scalar()).split(" ")[0]
    try:
        size: int | None = store_of(engine).size(engine)
    except (Stopped, Unavailable, OSError):
        size = None
    return Base(f"{'SQLite' if dialect == 'sqlite' else 'PostgreSQL'} {found}", size)
