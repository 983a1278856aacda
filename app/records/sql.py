"""Statements in SQL that both databases read alike; names tell the types, so that ids and moments agree on both.

`statement`, `query` and `insertion` are for `session.execute`, `Plain` is for `app.records.hot`.
"""

import re
import sqlite3
import uuid
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import starmap
from typing import Any

from sqlalchemy import BindParameter, Boolean, Text, TextClause, Uuid, bindparam, column, text
from sqlalchemy.sql.selectable import TextualSelect
from sqlalchemy.types import TypeEngine

from app.core.moments import in_utc
from app.records.models import Base, Instant

PARAMETER = re.compile(r"(\bIN )?(?<![:\w]):(\w+)")
WORD = re.compile(r"\w+|[^\w\s\"]")
IDS = ("id", "by", "cohort", "same_as", "people", "attempts")
MOMENTS = ("at", "now", "since", "until")
FLAGS = ("passed", "demo", "whole")


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
    return statement(insert_into(model, behind))


def insert_into(model: type[Base], behind: str = "") -> str:
    names = [column.name for column in model.__table__.columns]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(f":{name}" for name in names)
    return f'INSERT INTO "{model.__tablename__}" ({columns}) VALUES ({values}) {behind}'


def spread(sql: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The same statement with a parameter for each value of a list, for `Plain`, which takes no lists."""
    found = dict(values)
    for name in [name for name, value in values.items() if isinstance(value, list)]:
        many = {f"{name}_{place}": value for place, value in enumerate(found.pop(name))}
        sql = sql.replace(f"IN :{name}", f"IN ({', '.join(f':{one}' for one in many)})")
        found |= many
    return sql, found


# Straight to the driver


class Plain:
    """A statement as the drivers take it. Values are typed by what they are, columns by their names; no lists.

    Each row that it answers is a `row`, by default a tuple with the columns as names; with `tuple`, quicker for long
    lists, texts and numbers as the driver has them.
    """

    def __init__(self, sql: str, row: Callable[..., Any] | None = None) -> None:
        self.writes = not sql.lstrip().startswith("SELECT")
        names = columns_of(sql) if not self.writes or "RETURNING " in sql else []
        self.sqlite = sql
        self.postgresql = PARAMETER.sub(r"\1%(\2)s", sql.replace("%", "%%"))
        self.row = row or namedtuple("Row", names)
        self.readers = [(place, read) for place, name in enumerate(names) if (read := _reader(name))]

    def run(self, raw: Any, values: Mapping[str, Any]) -> list[Any]:
        """Execute it on a connection of either driver and read every row."""
        if isinstance(raw, sqlite3.Connection):
            found: list[Any] = raw.execute(self.sqlite, _for_sqlite(values)).fetchall()
            if self.row is tuple:
                return found
            return [self.read(row) for row in found] if self.readers else list(starmap(self.row, found))
        cursor = raw.execute(self.postgresql, _for_postgresql(values))
        if self.row is tuple:
            return list(cursor.fetchall())
        return [self.row(*row) for row in cursor.fetchall()] if cursor.description else []

    def stream(self, raw: Any, values: Mapping[str, Any], at_once: int) -> Iterator[list[Any]]:
        """Execute it and read the rows so many at a time, however many there are."""
        if isinstance(raw, sqlite3.Connection):
            cursor = raw.execute(self.sqlite, _for_sqlite(values))
            while found := cursor.fetchmany(at_once):
                yield found if self.row is tuple else [self.read(row) for row in found]
            return
        with raw.cursor(name="lontar_stream") as cursor:  # kept on the server
            cursor.execute(self.postgresql, _for_postgresql(values))
            while found := cursor.fetchmany(at_once):
                yield found if self.row is tuple else [self.row(*row) for row in found]

    def run_many(self, raw: Any, values: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Execute it for each of the values, texts and numbers alone; answers nothing."""
        if isinstance(raw, sqlite3.Connection):
            raw.executemany(self.sqlite, values)
        else:
            raw.cursor().executemany(self.postgresql, values)
        return []

    def read(self, stored: tuple[Any, ...]) -> Any:
        """A row of SQLite, which keeps ids, moments and flags as texts and numbers."""
        values = list(stored)
        for place, read in self.readers:
            if values[place] is not None:
                values[place] = read(values[place])
        return self.row(*values)


class Many:
    """INSERT of many rows of texts and numbers, with what stands `behind` it: one statement on PostgreSQL, where each
    would be a message of its own. `columns`: name -> type there."""

    writes = True

    def __init__(self, table: str, columns: Mapping[str, str], behind: str) -> None:
        into = f"INSERT INTO {table} ({', '.join(columns)})"
        arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        self.sqlite = f"{into} VALUES ({', '.join('?' for _ in columns)}) {behind}"
        self.postgresql = f"{into} SELECT * FROM unnest({arrays}) {behind}"

    @classmethod
    def counts(cls, table: str, key: Sequence[str]) -> "Many":
        """Rows of a key, all texts, and of `n`, which is added to what the key has."""
        behind = f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET n = {table}.n + excluded.n"
        return cls(table, {**dict.fromkeys(key, "text"), "n": "integer"}, behind)

    def run_many(self, raw: Any, values: Sequence[Sequence[Any]]) -> list[Any]:
        """Add a row for each of the values, given in the order of the columns; answers nothing."""
        if isinstance(raw, sqlite3.Connection):
            raw.executemany(self.sqlite, values)
        else:
            raw.execute(self.postgresql, [_array(column) for column in zip(*values, strict=True)])
        return []


def _array(column: Sequence[Any]) -> Any:
    """Texts or numbers as PostgreSQL writes an array, made at once; the driver takes as long for each value."""
    if all(type(value) is int for value in column):
        return "{" + ",".join(map(str, column)) + "}"
    if all(type(value) is str for value in column):
        text = '","'.join(column)
        if "\\" not in text and text.count('"') == 2 * len(column) - 2:
            return f'{{"{text}"}}'
    return list(column)


class Rows:
    """All columns of many new rows of a table, as the drivers take them fastest: COPY on PostgreSQL.

    Ids are texts of 32 digits and moments those that `moments` makes; both databases read them from these.
    """

    writes = True

    def __init__(self, model: type[Base]) -> None:
        self.names = tuple(column.name for column in model.__table__.columns)
        self.places = {name: place for place, name in enumerate(self.names)}
        listed = ", ".join(f'"{name}"' for name in self.names)
        self.sqlite = f'INSERT INTO "{model.__tablename__}" ({listed}) VALUES ({", ".join("?" for _ in self.names)})'
        self.postgresql = f'COPY "{model.__tablename__}" ({listed}) FROM STDIN'

    def run_many(self, raw: Any, values: Sequence[Sequence[Any]]) -> list[Any]:
        """Add a row for each of the values, given in the order of the columns; answers nothing."""
        if isinstance(raw, sqlite3.Connection):
            raw.executemany(self.sqlite, values)
            return []
        with raw.cursor().copy(self.postgresql) as copy:
            for row in values:
                copy.write_row(row)
        return []


def moments(server: bool) -> Callable[[datetime], str]:
    """What writes aware moments into `Rows`, on a `server` with their zone."""
    return (lambda moment: in_utc(moment) + "+00") if server else in_utc


def moment(stored: Any) -> Any:
    """A moment as it is read, of what either driver has: SQLite's is a text. Nothing stays nothing."""
    return _moment(stored) if type(stored) is str else stored


def _reader(name: str) -> Callable[[Any], Any] | None:
    kind = type_of(name)
    return READERS[type(kind)] if kind else None


def _moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored + "+00:00")


def _stored(moment: datetime) -> str:
    if moment.tzinfo is UTC:
        return moment.isoformat(" ", "microseconds")[: -len("+00:00")]
    return _aware(moment).astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment


def _for_postgresql(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: _aware(value) if type(value) is datetime else value for name, value in values.items()}


def _for_sqlite(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: write(value) if (write := WRITERS.get(type(value))) else value for name, value in values.items()}


READERS: dict[type[Any], Callable[[Any], Any]] = {Uuid: uuid.UUID, Instant: _moment, Boolean: bool}
WRITERS: dict[type[Any], Callable[[Any], Any]] = {uuid.UUID: lambda id: id.hex, datetime: _stored}
