"""Who was erased, kept in a file beside the backups, so that an old backup never brings anybody back.

The file holds ids and certificate numbers only, one a line: `person <id> <moment>` or `certificate <number> <moment>`.
"""

import os
import uuid
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.ops.serving import Stopped
from app.records import people
from app.records.engine import open_session
from app.records.models import Erasure, Tombstone
from app.records.sql import insertion, query, statement

FILE = "erased.txt"
HEAD = "# Who was erased from this site and which certificates were withdrawn; `lontar restore` applies it. Keep it.\n"

ERASED = query("SELECT person_id, at FROM erasure ORDER BY at, person_id")
WITHDRAWN = query("SELECT number, at FROM tombstone ORDER BY at, number")
STAND = query("SELECT id FROM person")
HER_NUMBERS = statement(
    "SELECT certificate.number FROM certificate JOIN completion ON completion.id = certificate.completion_id"
    " WHERE completion.person_id = :person_id"
)
DEMOTE = statement("UPDATE person SET role = 'learner' WHERE id = :person_id")
BURY = insertion(Tombstone, "ON CONFLICT DO NOTHING")
REMEMBER = insertion(Erasure, "ON CONFLICT DO NOTHING")


class Erased(NamedTuple):
    """Persons and certificate numbers, each with the moment."""

    people: dict[uuid.UUID, datetime]
    numbers: dict[str, datetime]

    def __or__(self, other: "Erased") -> "Erased":
        return Erased(other.people | self.people, other.numbers | self.numbers)


def in_database(session: Session) -> Erased:
    return Erased(
        {row.person_id: row.at for row in session.execute(ERASED)},
        {row.number: row.at for row in session.execute(WITHDRAWN)},
    )


def in_folder(folder: Path) -> Erased:
    """What the file in this folder says; raises Stopped for a line that cannot be read, since it may be a person."""
    found = Erased({}, {})
    path = folder / FILE
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            try:
                kind, id, at = line.split()
                moment = datetime.fromisoformat(at)
                if kind == "person":
                    found.people[uuid.UUID(id)] = moment
                else:
                    found.numbers[{"certificate": id}[kind]] = moment
            except (ValueError, KeyError) as error:
                raise Stopped(f"{path}:{number} is not like `person <id> <moment>`; mend this line first") from error
    return found


def keep(engine: Engine, folder: Path) -> int:
    """Bring the file in this folder up to date with the database; returns how many lines are new."""
    with open_session(engine, write=False) as session:
        told = in_database(session)
    known = in_folder(folder)
    lines = [f"person {id} {at.isoformat()}\n" for id, at in told.people.items() if id not in known.people]
    lines += [f"certificate {no} {at.isoformat()}\n" for no, at in told.numbers.items() if no not in known.numbers]
    path = folder / FILE
    if lines or not path.exists():
        _append(path, ("" if path.exists() else HEAD) + "".join(lines))
    return len(lines)


def _append(path: Path, text: str) -> None:
    """One write, on the disk when this returns, so that two programs never tear each other's lines."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, text.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def apply(session: Session, erased: Erased, now: datetime) -> int:
    """Erase these persons where they stand again, and withdraw these certificates; returns how many persons."""
    standing = set(session.execute(STAND).scalars())
    again = [id for id in erased.people if id in standing]
    for id in again:
        session.execute(DEMOTE, {"person_id": id})  # she may have been the only administrator then
    session.flush()
    for id in again:
        numbers = session.execute(HER_NUMBERS, {"person_id": id}).scalars().all()
        people.erase(session, id, now, keep_certificates=not erased.numbers.keys() & set(numbers))
    for id, at in erased.people.items():
        session.execute(REMEMBER, {"person_id": id, "at": at})
    for number, at in erased.numbers.items():
        session.execute(BURY, {"number": number, "at": at})
    return len(again)
