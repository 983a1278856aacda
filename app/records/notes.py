"""Private notes: one text under each activity, saved like answers; nobody else sees them."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.records.models import Note
from app.records.sql import insertion, query

BETWEEN = "\n\n"
SAVE = insertion(
    Note,
    "ON CONFLICT (person_id, activity) DO UPDATE"
    " SET text = excluded.text, issued = excluded.issued, saved_at = excluded.saved_at"
    " WHERE excluded.issued >= note.issued RETURNING issued",
)
# replace(…) tells on both databases whether the note holds the text already: then a second press adds nothing.
ADD = insertion(
    Note,
    "ON CONFLICT (person_id, activity) DO UPDATE"
    " SET text = CASE note.text WHEN '' THEN excluded.text ELSE note.text || :joined END,"
    " issued = excluded.issued, saved_at = excluded.saved_at"
    " WHERE excluded.issued >= note.issued AND replace(note.text, excluded.text, '') = note.text"
    " AND length(note.text) <= :room RETURNING issued",
)
ONE = query("SELECT text, issued FROM note WHERE person_id = :person_id AND activity = :activity")
SOME = query("SELECT activity, text FROM note WHERE person_id = :person_id AND activity IN :activities")
ALL = query("SELECT activity, text FROM note WHERE person_id = :person_id ORDER BY activity")


def save_note(session: Session, person_id: uuid.UUID, activity: str, text: str, issued: int, now: datetime) -> str:
    """Keep a note; `issued` is the server's time in microseconds when the form was made. Answers "saved", or "older"
    where a form made later was saved before."""
    row = {"person_id": person_id, "activity": activity, "text": text, "issued": issued, "saved_at": now}
    return "saved" if session.execute(SAVE, row).first() else "older"


def add_to_note(
    session: Session, person_id: uuid.UUID, activity: str, text: str, issued: int, now: datetime, most: int
) -> str:
    """Put `text`, which is not empty, below what the note holds, unless it stands there. Answers "saved", "older" where
    a form made later was saved before, or "full" where the note would have more than `most` characters."""
    row = {"person_id": person_id, "activity": activity, "text": text, "issued": issued, "saved_at": now}
    joined = BETWEEN + text
    if session.execute(ADD, row | {"joined": joined, "room": most - len(joined)}).first():
        return "saved"
    kept = session.execute(ONE, {"person_id": person_id, "activity": activity}).one()
    if text in kept.text:
        return "saved"
    return "older" if issued < kept.issued else "full"


def texts(session: Session, person_id: uuid.UUID, activities: Sequence[str]) -> dict[str, str]:
    """The person's notes under these activities."""
    rows = session.execute(SOME, {"person_id": person_id, "activities": list(activities)})
    return {row.activity: row.text for row in rows}


def notes(session: Session, person_id: uuid.UUID) -> dict[str, str]:
    """The person's notes: activity -> text."""
    return {row.activity: row.text for row in session.execute(ALL, {"person_id": person_id})}
