"""Answers of open attempts, saved one by one as they are given."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.papers import Answer
from app.records import hot
from app.records.locks import on_server
from app.records.sql import Plain

# On PostgreSQL the attempt is held while an answer is saved, so that none slips in behind the hand-in.
SAVE = """
    INSERT INTO answer (attempt_id, question, value, language, seconds, issued, saved_at)
    SELECT id, :question, :value, :language, :seconds, :issued, :now FROM attempt
    WHERE id = :attempt_id AND person_id = :person_id AND handed_in_at IS NULL {held}
    ON CONFLICT (attempt_id, question) DO UPDATE SET value = excluded.value, language = excluded.language,
        seconds = excluded.seconds, issued = excluded.issued, saved_at = excluded.saved_at
    WHERE excluded.issued >= answer.issued
    RETURNING question
"""
SAVE_HELD = Plain(SAVE.format(held="FOR SHARE"))
SAVE_ALONE = Plain(SAVE.format(held=""))
STATE = Plain("SELECT handed_in_at FROM attempt WHERE id = :attempt_id AND person_id = :person_id")
SAVED = Plain("SELECT question, value, language, seconds FROM answer WHERE attempt_id = :attempt_id ORDER BY question")
CLEAR = Plain("DELETE FROM answer WHERE attempt_id = :attempt_id")

PACKED = msgspec.json.Decoder(dict[int, Answer])


class NotFound(LookupError):
    """There is no such attempt or quiz; another person's attempt is as good as missing."""


def save_answer(
    session: Session,
    attempt_id: uuid.UUID,
    person_id: uuid.UUID,
    question: int,
    value: Any,
    language: str,
    seconds: int,
    issued: int,
    now: datetime,
) -> str:
    """Keep an answer; says "saved", "older" (a form made later was saved before) or "handed_in" (too late).

    `issued` is the server's time in microseconds when the form was made: of two forms the later one wins, and the same
    form sent again wins over itself. Raises NotFound.
    """
    whose = {"attempt_id": attempt_id, "person_id": person_id}
    row = whose | {"question": question, "value": msgspec.json.encode(value).decode(), "language": language}
    save = SAVE_HELD if on_server(session) else SAVE_ALONE
    if hot.first(session, save, row | {"seconds": seconds, "issued": issued, "now": now}):
        return "saved"
    found = hot.first(session, STATE, whose)
    if found is None:
        raise NotFound(str(attempt_id))
    return "handed_in" if found.handed_in_at else "older"


def saved(place: Session | Engine, attempt_id: uuid.UUID) -> dict[int, Answer]:
    """The answers of an open attempt by the number of the question."""
    return {
        row.question: Answer(value=msgspec.json.decode(row.value), language=row.language, seconds=row.seconds)
        for row in hot.rows(place, SAVED, {"attempt_id": attempt_id})
    }


def clear(session: Session, attempt_id: uuid.UUID) -> None:
    """Drop what was packed into the attempt."""
    hot.rows(session, CLEAR, {"attempt_id": attempt_id})


def pack(answers: Mapping[int, Answer]) -> str:
    return msgspec.json.encode(answers).decode()


def unpack(packed: str) -> dict[int, Answer]:
    return PACKED.decode(packed)
