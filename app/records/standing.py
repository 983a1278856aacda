"""What a hot page needs of one learner in one course: the facts, packed into one row, and recounted to check it."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, tzinfo
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app.core import surveys
from app.core.limits import Allowed
from app.core.progress import Facts, Result
from app.records import hot, item_tallies, last_acts, margins, steps, tallies
from app.records.models import Standing
from app.records.sql import Plain, insert_into, query, statement

BATCH = 500  # learners recounted together

FIND = Plain("SELECT packed FROM standing WHERE person_id = :person_id AND course = :course")
STORE = Plain(insert_into(Standing, "ON CONFLICT (person_id, course) DO UPDATE SET packed = excluded.packed"))
EMPTY = statement("DELETE FROM standing")
COURSES = query("SELECT DISTINCT course FROM enrolment ORDER BY course")
LEARNERS = query(
    "SELECT person_id FROM enrolment WHERE course = :course AND person_id > :after_id ORDER BY person_id LIMIT :limit"
)
STANDINGS = query("SELECT person_id, packed FROM standing WHERE course = :course AND person_id IN :people")
WITHOUT_FACTS = query(
    "SELECT person_id, course FROM standing WHERE NOT EXISTS (SELECT 1 FROM enrolment"
    " WHERE enrolment.person_id = standing.person_id AND enrolment.course = standing.course)"
)

PACK = msgspec.json.Encoder().encode
UNPACK = msgspec.json.Decoder(Facts).decode


def pack(facts: Facts) -> str:
    return PACK(facts).decode()


def unpack(packed: str | None) -> Facts:
    """The facts in a standing; empty ones for somebody who has not begun."""
    return UNPACK(packed) if packed else Facts()


def packed(session: Session, person_id: uuid.UUID, course: str) -> str | None:
    """The standing as it is kept; None for somebody who has not begun."""
    row = hot.first(session, FIND, {"person_id": person_id, "course": course})
    found: str | None = row.packed if row else None
    return found


def facts(session: Session, person_id: uuid.UUID, course: str) -> Facts:
    """All that is remembered of one learner in one course."""
    return unpack(packed(session, person_id, course))


def store(session: Session, person_id: uuid.UUID, course: str, facts: Facts) -> None:
    hot.rows(session, STORE, {"person_id": person_id, "course": course, "packed": pack(facts)})


# Recounting from the facts


ENROLMENTS = query("SELECT person_id, at FROM enrolment WHERE course = :course AND person_id IN :people")
READINGS = query(
    "SELECT person_id, module, section, version FROM reading WHERE course = :course AND person_id IN :people"
    " ORDER BY at, module, section"
)
ATTEMPTS = query(
    """
    SELECT attempt.person_id, attempt.id, attempt.quiz, attempt.number, attempt.handed_in_at,
        grade.passed, grade.score, grade.points, grade.possible
    FROM attempt LEFT JOIN grade ON grade.attempt_id = attempt.id AND grade.number = (
        SELECT max(newest.number) FROM grade AS newest WHERE newest.attempt_id = attempt.id)
    WHERE attempt.course = :course AND attempt.person_id IN :people ORDER BY attempt.quiz, attempt.number
    """
)
COMPLETIONS = query(
    """
    SELECT completion.person_id, completion.kind, certificate.number
    FROM completion JOIN certificate ON certificate.completion_id = completion.id AND certificate.edition = (
        SELECT max(newest.edition) FROM certificate AS newest WHERE newest.completion_id = completion.id)
    WHERE completion.course = :course AND completion.person_id IN :people
    """
)
ANSWERED = query("SELECT person_id, occasion FROM response WHERE course = :course AND person_id IN :people")
CHOICES = query(
    "SELECT person_id, occasion, dismissed_at, ask_at FROM survey_choice"
    " WHERE course = :course AND person_id IN :people"
)
ALLOWED = query(
    "SELECT person_id, quiz, tries, extra FROM allowance WHERE course = :course AND person_id IN :people"
    " ORDER BY at, id"
)


def recount(session: Session, person_id: uuid.UUID, course: str) -> Facts:
    """The standing of one learner straight from the facts."""
    return recount_all(session, course, [person_id])[person_id]


def recount_all(session: Session, course: str, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, Facts]:
    """The standings of these learners in one course straight from the facts."""
    values = {"course": course, "people": list(people)}
    found: dict[uuid.UUID, dict[str, Any]] = {person: defaultdict(dict) for person in people}
    for row in session.execute(ENROLMENTS, values):
        found[row.person_id]["enrolled_at"] = row.at
    for row in session.execute(READINGS, values):
        key = f"{row.module}/{row.section}"
        found[row.person_id]["readings"][key] = row.version
        found[row.person_id]["last"] = key
    for row in session.execute(ATTEMPTS, values):
        _add_attempt(found[row.person_id], row)
    for row in session.execute(COMPLETIONS, values):
        found[row.person_id]["completions"][row.kind] = row.number
    for row in session.execute(CHOICES, values):
        _add_choice(found[row.person_id], row)
    for row in session.execute(ANSWERED, values):
        found[row.person_id]["surveys"][row.occasion] = surveys.ANSWERED
    for row in session.execute(ALLOWED, values):
        found[row.person_id]["allowed"][row.quiz] = Allowed(tries=row.tries, extra=row.extra)
    return {person: Facts(**parts) for person, parts in found.items()}


def _add_choice(parts: dict[str, Any], row: Any) -> None:
    if row.dismissed_at is not None:
        parts["surveys"][row.occasion] = surveys.DISMISSED
    if row.occasion == surveys.FOLLOW_UP and row.ask_at is not None:
        parts["ask_at"] = row.ask_at


def _add_attempt(parts: dict[str, Any], row: Any) -> None:
    if row.handed_in_at is None:
        parts["open"][row.quiz] = str(row.id)
        return
    result = Result(
        number=row.number,
        at=row.handed_in_at,
        passed=row.passed,
        score=row.score,
        points=row.points,
        possible=row.possible,
    )
    parts["results"][row.quiz] = (*parts["results"].get(row.quiz, ()), result)


def batches(session: Session) -> Iterator[tuple[str, list[uuid.UUID]]]:
    """Every learner of every course, in batches."""
    for course in session.execute(COURSES).scalars().all():
        after = uuid.UUID(int=0)
        while people := _learners(session, course, after):
            yield course, people
            after = people[-1]


def _learners(session: Session, course: str, after: uuid.UUID) -> list[uuid.UUID]:
    values = {"course": course, "after_id": after, "limit": BATCH}
    return list(session.execute(LEARNERS, values).scalars())


def rebuild(session: Session, zone: tzinfo = UTC) -> None:
    """Make standings, tallies and counts of answers anew from the facts; `zone` decides the months."""
    session.execute(EMPTY)
    for course, people in batches(session):
        for person_id, counted in recount_all(session, course, people).items():
            store(session, person_id, course, counted)
    tallies.rebuild(session, zone)
    steps.rebuild(session)
    last_acts.rebuild(session)
    item_tallies.rebuild(session)


def compare(session: Session, zone: tzinfo = UTC, step: Callable[[int], None] = lambda _: None) -> list[str]:
    """Where standings, tallies or counts of answers differ from the facts, in words with ids; empty when all agree.

    Reads people and attempts a few thousand at a time and tells `step` how many.
    """
    differences = []
    for course, people in batches(session):
        rows = session.execute(STANDINGS, {"course": course, "people": people})
        kept = {row.person_id: row.packed for row in rows}
        for person_id, counted in recount_all(session, course, people).items():
            if _unplaced(unpack(kept.get(person_id))) != _unplaced(counted):
                differences.append(f"the standing of {person_id} in {course} is not what the facts say")
        step(len(people))
    for row in session.execute(WITHOUT_FACTS):
        differences.append(f"the standing of {row.person_id} in {row.course} has no facts")
    counts = [
        *_compare_tallies(session, zone),
        *steps.compare(session),
        *last_acts.compare(session),
        *item_tallies.compare(session, step),
    ]
    return [*differences, *counts]


def _unplaced(facts: Facts) -> Facts:
    """Facts without the bookmark, where it is a section that was read: of two acts at once either may be the last."""
    return replace(facts, last="" if facts.last in facts.readings else facts.last)


def _compare_tallies(session: Session, zone: tzinfo) -> list[str]:
    facts_say = tallies.recount(session, zone)
    differences = [
        f"the tally {' '.join(part or '-' for part in key)} is {n}, the facts say {facts_say[key]}"
        for key, n in tallies.apart(session, facts_say)
    ]
    return [*differences, *margins.compare(session, facts_say)]
