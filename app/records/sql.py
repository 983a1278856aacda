"""Statements in SQL that both databases read alike; names tell the types, so that ids and moments agree on both."""

import re
from typing import Any

from sqlalchemy import BindParameter, Boolean, Text, TextClause, Uuid, bindparam, column, text
from sqlalchemy.sql.selectable import TextualSelect
from sqlalchemy.types import TypeEngine

from app.records.models import Base, Instant

PARAMETER = re.compile(r"(\bIN )?(?<![:\w]):(\w+)")
WORD = re.compile(r"\w+|[^\w\s\"]")
IDS = ("id", "by", "cohort", "same_as", "people")
MOMENTS = ("at", "now", "since", "until")
FLAGS = ("passed", "demo")


def type_of(name: str) -> TypeEngine[Any] | None:
    """The type of a parameter or column by its name; None for text and numbers."""
    if name in IDS or name.endswith("_id"):
        return Uuid()
    if name in MOMENTS or name.endswith("_at"):
        return Instant()
    return Boolean() if name in FLAGS else None


def statement(sql: str) -> TextClause:
    """A statement with its parameters typed by name; `IN :names` takes a list."""
    names = {name: bool(many) for many, name in PARAMETER.findall(sql)}
    return text(sql).bindparams(*(_parameter(name, many) for name, many in names.items()))


def _parameter(name: str, many: bool) -> BindParameter[Any]:
    """A list needs a type even when it is empty; without a name that tells it, it holds texts."""
    return bindparam(name, type_=type_of(name) or (Text() if many else None), expanding=many)


def query(sql: str) -> TextualSelect:
    """A statement that answers rows; its columns are typed by their names, too."""
    return statement(sql).columns(*(column(name, type_of(name)) for name in columns_of(sql)))


def columns_of(sql: str) -> list[str]:
    """The names of the columns that a statement answers: of its RETURNING, or else of its SELECT."""
    _, returning, listed = sql.rpartition("RETURNING ")
    if not returning:
        listed = sql[sql.index("SELECT ") + len("SELECT ") :]
    pieces, depth = [""], 0
    for word in WORD.findall(listed):
        depth += (word == "(") - (word == ")")
        if depth == 0 and word == "FROM":
            break
        if depth == 0 and word == ",":
            pieces.append("")
        elif word.strip():
            pieces[-1] = word
    return pieces


def insertion(model: type[Base], behind: str = "") -> TextClause:
    """INSERT of all columns of a table, with what stands `behind` it, such as ON CONFLICT DO NOTHING."""
    names = [column.name for column in model.__table__.columns]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(f":{name}" for name in names)
    return statement(f'INSERT INTO "{model.__tablename__}" ({columns}) VALUES ({values}) {behind}')
