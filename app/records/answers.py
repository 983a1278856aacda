"""Answers of open attempts, saved one by one as they are given."""

import uuid
from collections.abc import Mapping, Sequence
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
CHECK = """
    INSERT INTO checked (attempt_id, question, value, language, seconds, at)
    SELECT id, :question, :value, :language, :seconds, :now FROM attempt
    WHERE id = :attempt_id AND person_id = :person_id AND handed_in_at IS NULL {held}
    ON CONFLICT (attempt_id, question) DO NOTHING RETURNING question
"""
CHECK_HELD = Plain(CHECK.format(held="FOR SHARE"))
CHECK_ALONE = Plain(CHECK.format(held=""))
CHECKED = Plain("SELECT question, value, language, seconds FROM checked WHERE attempt_id = :attempt_id")
SAVED = Plain(
    """
    SELECT question, value, language, seconds, 0 AS sure FROM answer WHERE attempt_id = :attempt_id
    UNION ALL SELECT question, value, language, seconds, 1 FROM checked WHERE attempt_id = :attempt_id
    """
)
CLEAR = Plain("DELETE FROM answer WHERE attempt_id = :attempt_id")

VALUE = msgspec.json.Decoder()
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


def check_answer(
    session: Session,
    attempt_id: uuid.UUID,
    person_id: uuid.UUID,
    question: int,
    value: Any,
    language: str,
    seconds: int,
    now: datetime,
) -> Answer | None:
    """Fix an answer, so that its worth may be shown; the answer that counts: this one, or the one fixed before it.

    None where the attempt was handed in meanwhile.
    """
    row = {"attempt_id": attempt_id, "person_id": person_id, "question": question, "language": language, "now": now}
    check = CHECK_HELD if on_server(session) else CHECK_ALONE
    hot.first(session, check, row | {"value": msgspec.json.encode(value).decode(), "seconds": seconds})
    return checked(session, attempt_id).get(question)


def checked(place: Session | Engine, attempt_id: uuid.UUID) -> dict[int, Answer]:
    """The answers whose worth was shown, by the number of the question."""
    return {row.question: _answer(row) for row in hot.rows(place, CHECKED, {"attempt_id": attempt_id})}


def saved(place: Session | Engine, attempt_id: uuid.UUID) -> dict[int, Answer]:
    """The answers of an open attempt by the number of the question; one that was checked stays as it was then."""
    return read(rows(place, attempt_id))


def rows(place: Session | Engine, attempt_id: uuid.UUID) -> list[Any]:
    """The same as they are kept: equal rows say equal answers."""
    return hot.rows(place, SAVED, {"attempt_id": attempt_id})


def read(rows: Sequence[Any]) -> dict[int, Answer]:
    """What `rows` found, by the number of the question."""
    counting: dict[int, Any] = {}
    for row in rows:
        if row.sure or row.question not in counting:
            counting[row.question] = row
    return {question: _answer(counting[question]) for question in sorted(counting)}


def _answer(row: Any) -> Answer:
    return Answer(value=VALUE.decode(row.value), language=row.language, seconds=row.seconds)


def clear(session: Session, attempt_id: uuid.UUID) -> None:
    """Drop what was packed into the attempt."""
    hot.rows(session, CLEAR, {"attempt_id": attempt_id})


def pack(answers: Mapping[int, Answer]) -> str:
    return msgspec.json.encode(answers).decode()


def unpack(packed: str) -> dict[int, Answer]:
    return PACKED.decode(packed)
