"""Drafts of authors: files that wait to be published or discarded. Who may see one is decided by whoever asks."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.records.keys import new_id
from app.records.publishing import Draft, DraftFile
from app.records.sql import insertion, query, statement

ADD = insertion(Draft)
PUT = insertion(DraftFile, "ON CONFLICT (draft_id, path) DO UPDATE SET data = excluded.data")
COLUMNS = "draft.id, draft.person_id, draft.name, draft.whole, draft.remarks, draft.made_at, draft.changed_at"
SIZES = "count(draft_file.path) AS files, coalesce(sum(length(draft_file.data)), 0) AS size"
LISTED = f"SELECT {COLUMNS}, {SIZES} FROM draft LEFT JOIN draft_file ON draft_file.draft_id = draft.id"
GROUPED = f"GROUP BY {COLUMNS} ORDER BY draft.changed_at DESC, draft.id"
ONE = query(f"{LISTED} WHERE draft.id = :id {GROUPED}")
HERS = query(f"{LISTED} WHERE draft.person_id = :person_id {GROUPED}")
OTHERS = query(f"{LISTED} WHERE draft.person_id <> :person_id {GROUPED}")
FILES = query("SELECT path, data FROM draft_file WHERE draft_id = :id ORDER BY path")
SHOWN = "SELECT data FROM draft_file JOIN draft ON draft.id = draft_file.draft_id WHERE length(data) <= :most"
PICTURES = " AND (path LIKE '%.png' OR path LIKE '%.jp%g' OR path LIKE '%.gif' OR path LIKE '%.webp')"
HER_PICTURES = query(f"{SHOWN}{PICTURES} AND draft.person_id = :person_id")
ALL_PICTURES = query(f"{SHOWN}{PICTURES}")
CHANGE = statement(
    "UPDATE draft SET whole = :whole, remarks = :remarks, changed_at = :now WHERE id = :id AND changed_at = :seen_at"
)
REMOVE = (
    statement("DELETE FROM draft_file WHERE draft_id = :id"),
    statement("DELETE FROM draft WHERE id = :id"),
)


class Remark(NamedTuple):
    """What was said of a file that came in: its name, the line (0: the whole file), and the words."""

    file: str
    line: int
    text: str
    left_out: bool = False


def add(
    session: Session, person_id: uuid.UUID, name: str, whole: bool, remarks: Iterable[Remark], now: datetime
) -> uuid.UUID:
    """A new draft without files."""
    id = new_id()
    row = {"id": id, "person_id": person_id, "name": name, "whole": whole, "made_at": now, "changed_at": now}
    session.execute(ADD, row | {"remarks": _packed(remarks)})
    return id


def put(session: Session, draft: uuid.UUID, files: Mapping[str, bytes]) -> None:
    """Lay files into a draft; those of the same path are replaced."""
    for path, data in sorted(files.items()):
        session.execute(PUT, {"draft_id": draft, "path": path, "data": data})


def change(session: Session, found: Row[Any], whole: bool, remarks: Iterable[Remark], now: datetime) -> bool:
    """Note that a draft changed; False where somebody else changed it since it was `found`."""
    row = {"id": found.id, "seen_at": found.changed_at, "whole": whole, "remarks": _packed(remarks), "now": now}
    return bool(session.execute(CHANGE, row).rowcount)  # type: ignore[attr-defined]  # an UPDATE answers a cursor


def find(session: Session, draft: uuid.UUID) -> Row[Any] | None:
    """A draft with the number of its files and their bytes."""
    return session.execute(ONE, {"id": draft}).first()


def of_person(session: Session, person_id: uuid.UUID) -> list[Row[Any]]:
    """A person's drafts, the newest first."""
    return list(session.execute(HERS, {"person_id": person_id}))


def of_others(session: Session, person_id: uuid.UUID) -> list[Row[Any]]:
    """Everybody else's drafts, the newest first; for administrators."""
    return list(session.execute(OTHERS, {"person_id": person_id}))


def files(session: Session, draft: uuid.UUID) -> dict[str, bytes]:
    """The files of a draft: path -> bytes."""
    return {row.path: bytes(row.data) for row in session.execute(FILES, {"id": draft})}


def pictures(session: Session, person_id: uuid.UUID | None, most: int) -> Iterator[bytes]:
    """The pictures of up to `most` bytes in a person's drafts, or in everybody's."""
    sql = HER_PICTURES if person_id else ALL_PICTURES
    for row in session.execute(sql, {"most": most} | ({"person_id": person_id} if person_id else {})):
        yield bytes(row.data)


def remarks(found: Row[Any]) -> list[Remark]:
    return msgspec.json.decode(found.remarks, type=list[Remark])


def remove(session: Session, draft: uuid.UUID) -> None:
    for sql in REMOVE:
        session.execute(sql, {"id": draft})


def _packed(remarks: Iterable[Remark]) -> str:
    return msgspec.json.encode(list(remarks)).decode()
