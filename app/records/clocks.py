"""The time of tries: which clocks run, what is left, and when the site was there at all."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core import limits
from app.core.content import Quiz
from app.core.limits import GRACE, SILENCE, Span
from app.records import hot, standing
from app.records.sitting import Timer, Uptime
from app.records.sql import Plain, insert_into

BEFORE = timedelta(minutes=10)  # signs of life from shortly before a start tell whether the site went away just then

START = Plain(insert_into(Timer))
STOP = Plain("DELETE FROM timer WHERE attempt_id = :attempt_id")
RUNNING = Plain(
    """
    SELECT attempt.id, attempt.person_id, attempt.course, attempt.quiz, attempt.version, attempt.opened_at
    FROM timer JOIN attempt ON attempt.id = timer.attempt_id ORDER BY timer.at, attempt.id
    """
)
SPANS = Plain("SELECT started_at, seen_at FROM uptime WHERE seen_at >= :since")
BEAT = Plain(insert_into(Uptime, "ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at"))
FORGET = Plain("DELETE FROM uptime WHERE seen_at < :until")
NEWEST = Plain("SELECT seen_at FROM uptime ORDER BY seen_at DESC LIMIT 1")


def start(session: Session, attempt_id: uuid.UUID, now: datetime) -> None:
    hot.rows(session, START, {"attempt_id": attempt_id, "at": now})


def stop(session: Session, attempt_id: uuid.UUID) -> None:
    hot.rows(session, STOP, {"attempt_id": attempt_id})


def running(place: Session | Engine) -> list[Any]:
    """The open attempts with a clock, the oldest first."""
    return hot.rows(place, RUNNING, {})


def left(session: Session, attempt: Any, quiz: Quiz, now: datetime) -> timedelta | None:
    """What is left of the time of an open attempt, by the quiz as it was then and what its learner is allowed today;
    None: no limit."""
    if quiz.minutes is None:
        return None
    allowed = standing.facts(session, attempt.person_id, attempt.course).allowed
    limit = limits.seconds(quiz, allowed)
    assert limit is not None
    return limits.left(limit, attempt.opened_at, now, spans(session, attempt.opened_at - BEFORE))


def late(session: Session, attempt: Any, quiz: Quiz, now: datetime) -> bool:
    """Whether the time is over for good: nothing that was on its way can still arrive."""
    if quiz.minutes is None or now - attempt.opened_at < timedelta(minutes=quiz.minutes):
        return False
    remains = left(session, attempt, quiz, now)
    return remains is not None and remains <= -GRACE


def spans(session: Session, since: datetime) -> list[Span]:
    """The times since then in which processes of the site gave signs of life."""
    return [(row.started_at, row.seen_at) for row in hot.rows(session, SPANS, {"since": since})]


def beat(session: Session, process: uuid.UUID, started_at: datetime, now: datetime) -> None:
    """A sign of life of one process."""
    hot.rows(session, BEAT, {"id": process, "started_at": started_at, "seen_at": now})


def tidy(session: Session, until: datetime) -> None:
    """Forget when the site was there before; no clock runs that long."""
    hot.rows(session, FORGET, {"until": until})


def silent(session: Session, now: datetime) -> bool:
    """Whether no process has given a sign of life for so long that clocks stand still."""
    newest = hot.first(session, NEWEST, {})
    return newest is None or now - newest.seen_at > SILENCE
