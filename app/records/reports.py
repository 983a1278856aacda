"""What administrators are told: answers to surveys, tries, and one row for each enrolment."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.core.certificates import COMPLETION, status
from app.core.content import Course, Item, Library, Quiz, in_language
from app.core.exports import COMPLETIONS, About, write
from app.core.progress import Facts, Result, assess
from app.core.questions import body_of
from app.core.questions.survey import SEVERAL
from app.core.suppression import hidden, hidden_share
from app.records import standing, survey_sums
from app.records.sql import query, statement

AT_ONCE = 500  # rows fetched together

ENROLLED = statement("SELECT count(*) FROM enrolment WHERE course = :course")
# The profile is that of the completion, where there is one: a completion is counted by the profile as it was.
ROSTER = """
    SELECT enrolment.person_id AS id, person.same_as, person.name, person.name_latin, person.seen_at,
        enrolment.at AS enrolled_at, standing.packed, completion.course_version, completion.at AS completed_at,
        certificate.number, certificate.record,
        revocation.at AS revoked_at, organisation.id AS organisation_id, organisation.name AS organisation,
        CASE WHEN completion.id IS NULL THEN person.country ELSE completion.country END AS country,
        CASE WHEN completion.id IS NULL THEN person.sex ELSE completion.sex END AS sex,
        CASE WHEN completion.id IS NULL THEN person.ministry_type ELSE completion.ministry_type END AS ministry_type,
        CASE WHEN completion.id IS NULL THEN person.age_band ELSE completion.age_band END AS age_band,
        CASE WHEN completion.id IS NULL THEN person.language ELSE completion.language END AS language
    FROM enrolment JOIN person ON person.id = enrolment.person_id
    LEFT JOIN standing ON standing.person_id = person.id AND standing.course = enrolment.course
    LEFT JOIN completion ON completion.person_id = person.id AND completion.course = enrolment.course
        AND completion.kind = :kind
    LEFT JOIN certificate ON certificate.completion_id = completion.id AND certificate.edition = (
        SELECT max(newest.edition) FROM certificate AS newest WHERE newest.completion_id = completion.id)
    LEFT JOIN revocation ON revocation.certificate_id = certificate.id
    LEFT JOIN organisation_merge ON organisation_merge.organisation_id =
        CASE WHEN completion.id IS NULL THEN person.organisation_id ELSE completion.organisation_id END
    LEFT JOIN organisation ON organisation.id = coalesce(organisation_merge.into_id,
        CASE WHEN completion.id IS NULL THEN person.organisation_id ELSE completion.organisation_id END)
    WHERE enrolment.course = :course
"""
ROWS = query(f"{ROSTER} ORDER BY enrolment.at, enrolment.person_id")
ATTEMPTS = query(
    """
    SELECT attempt.id, attempt.course, attempt.quiz, attempt.number, attempt.opened_at, attempt.handed_in_at,
        grade.score, grade.passed
    FROM attempt LEFT JOIN grade ON grade.attempt_id = attempt.id AND grade.number = (
        SELECT max(newest.number) FROM grade AS newest WHERE newest.attempt_id = attempt.id)
    WHERE attempt.person_id = :person_id ORDER BY attempt.opened_at, attempt.quiz
    """
)


@dataclass(frozen=True, slots=True)
class Answered:
    """How many chose each option of a survey's question, in the order of the file, and how many left it `empty`.

    None: hidden, because it could tell who answered what. `n` answered the question as it stands today.
    """

    item: Item
    n: int | None
    chosen: tuple[int | None, ...]
    empty: int | None


def survey_counts(
    session: Session, library: Library, course: Course, occasion: str, least: int, kept: survey_sums.Kept | None = None
) -> list[Answered]:
    """The answers to today's survey of an occasion, question by question; every count under `least` is hidden.

    Answers are counted `least` at a time, in the order in which they came, so that nobody learns an answer by looking
    before and after one person. A question with other options than today's is another question, and not counted here.
    `kept`: what an earlier call added up. Raises LookupError where the course has no such survey.
    """
    survey = library.quizzes[course.surveys[occasion]]
    sums = survey_sums.of(session, library, course, occasion, least, {} if kept is None else kept)
    return [
        _answered(item, sums.items.get((item.id, item.key_hash), survey_sums.Sum()), least) for item in survey.items
    ]


def _answered(item: Item, one: survey_sums.Sum, least: int) -> Answered:
    body = body_of(item, next(iter(item.texts)))
    counts = [*(one.places[place] for place in range(len(body.choices))), one.empty]
    if body.form == SEVERAL:
        *shown, empty = (hidden_share(n, one.n, least) for n in counts)
    else:
        *shown, empty = hidden(counts, least)
    return Answered(item, one.n if one.n >= least else None, tuple(shown), empty)


def enrolled(session: Session, course: str) -> int:
    """How many rows the export of completions has."""
    return int(session.execute(ENROLLED, {"course": course}).scalar_one())


def attempts_of(session: Session, person_id: uuid.UUID) -> list[Row[Any]]:
    """Every attempt of a person in every course; score and passed are None while it is open."""
    return list(session.execute(ATTEMPTS, {"person_id": person_id}))


def export_completions(
    session: Session,
    library: Library,
    course: Course,
    kind: str,
    target: Path,
    *,
    now: datetime,
    zone: ZoneInfo,
    step: Callable[[int], None] = lambda _: None,
) -> About:
    """Write one row for each enrolment into `target`, in a format of `app.core.exports`, as of one moment."""
    with target.open("wb") as file:
        return write(
            file,
            kind,
            COMPLETIONS,
            completions(session, library, course, now),
            name="completions",
            filter={"course": course.id},
            release=library.release,
            now=now,
            zone=zone,
            step=step,
        )


def completions(session: Session, library: Library, course: Course, now: datetime) -> Iterator[tuple[Any, ...]]:
    """The rows of the export, with the columns `app.core.exports.COMPLETIONS`, by the moment of enrolment."""
    values = {"course": course.id, "kind": COMPLETION}
    for row in session.execute(ROWS, values, execution_options={"yield_per": AT_ONCE}):
        yield completion(library, course, row, now)


def completion(library: Library, course: Course, row: Row[Any], now: datetime) -> tuple[Any, ...]:
    """A row of the roster with the columns `app.core.exports.COMPLETIONS`."""
    facts = standing.unpack(row.packed)
    progress = assess(library, course, facts, now)
    score = final_score(library.quizzes.get(course.final or ""), facts)
    return (
        str(row.id),
        row.name,
        row.name_latin,
        row.country,
        country_name(library, row.country),
        row.sex,
        row.ministry_type,
        str(row.organisation_id) if row.organisation_id else None,
        row.organisation,
        row.age_band,
        course.id,
        row.course_version or course.version,
        row.enrolled_at,
        row.seen_at,
        progress.sections_read,
        sum(module.quiz.passed for module in progress.modules if module.quiz),
        None if score is None else Decimal(score) / 100,
        row.completed_at,
        row.number,
        status_of(row, facts, now),
    )


def country_name(library: Library, code: str | None) -> str | None:
    """The English name of a country or area; the code itself where the list lacks it."""
    country = library.countries.get(code or "")
    return in_language(country.name, "en")[1] if country else code


def final_score(final: Quiz | None, facts: Facts) -> int | None:
    """The result that counts, in hundredths of a per cent: the best, the last or the average, as the quiz says."""
    results: tuple[Result, ...] = facts.results.get(final.id, ()) if final else ()
    if not final or not results:
        return None
    if final.counts == "last":
        return results[-1].score
    if final.counts == "average":
        return int(sum(result.share for result in results) / len(results) * 10_000)
    return max(result.score for result in results)


def status_of(row: Row[Any], facts: Facts, now: datetime) -> str:
    """enrolled or started; then what the certificate says of itself."""
    if row.record is None:
        return "started" if facts.readings or facts.results or facts.open else "enrolled"
    record = msgspec.json.decode(row.record)
    today = now.astimezone(ZoneInfo(record["timezone"])).date()
    return status(record, today=today, revoked=row.revoked_at is not None)
