"""Private notes: one text under each activity, saved like answers; nobody else sees them."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.records.models import Note
from app.records.sql import insertion, query

SAVE = insertion(
    Note,
    "ON CONFLICT (person_id, activity) DO UPDATE"
    " SET text = excluded.text, issued = excluded.issued, saved_at = excluded.saved_at"
    " WHERE excluded.issued >= note.issued RETURNING issued",
)
SOME = query("SELECT activity, text FROM note WHERE person_id = :person_id AND activity IN :activities")
ALL = query("SELECT activity, text FROM note WHERE person_id = :person_id ORDER BY activity")


def save_note(session: Session, person_id: uuid.UUID, activity: str, text: str, issued: int, now: datetime) -> str:
    """Keep a note; `issued` is the server's time in microseconds when the form was made. Answers "saved", or "older"
    where a form made later was saved before."""
    row = {"person_id": person_id, "activity": activity, "text": text, "issued": issued, "saved_at": now}
    return "saved" if session.execute(SAVE, row).first() else "older"


def texts(session: Session, person_id: uuid.UUID, activities: Sequence[str]) -> dict[str, str]:
    """The person's notes under these activities."""
    rows = session.execute(SOME, {"person_id": person_id, "activities": list(activities)})
    return {row.activity: row.text for row in rows}


def notes(session: Session, person_id: uuid.UUID) -> dict[str, str]:
    """The person's notes: activity -> text."""
    return {row.activity: row.text for row in session.execute(ALL, {"person_id": person_id})}
