"""The steps that people took as the facts tell them: which sections they read, which quizzes they tried and passed, how
long a completion took and what was gained. For recounts, and for choices of people that no table has sums of.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.orm import Session

from app.core.content import Library
from app.core.filters import DIMENSIONS, Filters
from app.core.progress import in_order
from app.core.roster import READINGS, UNPACK
from app.records import hot
from app.records.filtering import condition, stated_condition
from app.records.sql import Plain, query

SECTION, TRIED, FIRST, PASSED, DAYS, GAIN = "section", "tried", "first", "passed", "days", "gain"
OF_QUIZZES = (TRIED, FIRST, PASSED)
OF_COMPLETIONS = (DAYS, GAIN)
STREAM = {"yield_per": 5_000}  # rows read at a time
NOTHING: Mapping[str, Any] = {}

Taken = tuple[str, str, str]  # course, measure, step
Step = tuple[str, ...]  # the same, and the profile of whoever took it, as in `tallies`
Tries = Mapping[str, Sequence[Sequence[Any]]]  # quiz -> number, score, passed of each try

STATED = """
    coalesce({0}.country, '') AS country, coalesce({0}.sex, '') AS sex,
    coalesce({0}.ministry_type, '') AS ministry_type, {1} AS organisation, coalesce({0}.age_band, '') AS age_band,
    {0}.language
"""
# Of everybody it is enough whether one is stated; else there would be almost as many groups as people.
ANY_ORGANISATION = "CASE WHEN {0}.organisation_id IS NULL THEN '' ELSE 'yes' END"
ITS_ID = "coalesce(replace(CAST({0}.organisation_id AS text), '-', ''), '')"
BY_PERSON = ", ".join(f"person.{name}" for name in DIMENSIONS if name != "organisation")

SECTIONS = f"""
    SELECT reading.course, module, section, {{stated}}, count(*) AS n
    FROM person JOIN reading ON reading.person_id = person.id WHERE TRUE {{only}}
    GROUP BY reading.course, module, section, {BY_PERSON}, organisation
"""
QUIZZES = f"""
    SELECT course, quiz, {", ".join(DIMENSIONS)}, sum(CASE WHEN place = 1 THEN 1 ELSE 0 END) AS tried,
        sum(CASE WHEN place = 1 AND right_one THEN 1 ELSE 0 END) AS first,
        sum(CASE WHEN right_one AND nth = 1 THEN 1 ELSE 0 END) AS through
    FROM (
        SELECT attempt.course, attempt.quiz, {{stated}}, grade.passed AS right_one,
            row_number() OVER (PARTITION BY attempt.person_id, attempt.quiz ORDER BY attempt.number) AS place,
            row_number() OVER (PARTITION BY attempt.person_id, attempt.quiz, grade.passed ORDER BY attempt.number)
                AS nth
        FROM person JOIN attempt ON attempt.person_id = person.id
        JOIN grade ON grade.attempt_id = attempt.id AND grade.number = (
            SELECT max(newest.number) FROM grade AS newest WHERE newest.attempt_id = attempt.id)
        WHERE attempt.handed_in_at IS NOT NULL {{only}}
    ) AS tries GROUP BY course, quiz, {", ".join(DIMENSIONS)}
"""
COMPLETIONS = """
    SELECT completion.course, completion.at, completion.evidence, {stated}, enrolment.at AS enrolled_at
    FROM completion JOIN enrolment ON enrolment.person_id = completion.person_id
        AND enrolment.course = completion.course
    WHERE completion.kind = 'completion' {only}
"""
STANDINGS = """
    SELECT standing.packed FROM person
    JOIN standing ON standing.person_id = person.id AND standing.course = :course WHERE TRUE {only}
"""
KEPT = query(f"SELECT course, measure, step, {', '.join(DIMENSIONS)}, n FROM kept_step WHERE country = :country")
COUNTRIES = query(
    " UNION ".join(
        f"SELECT DISTINCT coalesce(country, '') AS country FROM {table}"
        for table in ("person", "completion", "kept_step", "step_tally", "step_group")
    )
)
KEPT_OF = """
    SELECT measure, step, sum(n) AS n FROM kept_step WHERE course = :course AND measure IN :measures {only}
    GROUP BY measure, step
"""
ROLES = Plain("SELECT course, entry, final FROM course_quiz")
EVIDENCE = msgspec.json.Decoder(dict[str, Any])


class Role(NamedTuple):
    """The quizzes between which a course's gain is counted; "" where it has none."""

    entry: str
    final: str


def roles(session: Session) -> dict[str, Role]:
    return {row.course: Role(row.entry, row.final) for row in hot.rows(session, ROLES, {})}


def of_completion(
    course: str,
    enrolled_at: datetime | None,
    at: datetime,
    evidence: Mapping[str, Any],
    roles: Mapping[str, Role],
) -> Iterator[Taken]:
    """How long a completion took, and what was gained since the entry check (`evidence`: app.records.certificates).

    Nothing of a completion that somebody vouched for: it has no tries, and began nowhere."""
    tries: Tries | None = evidence.get("quizzes")
    if tries is None or enrolled_at is None:
        return
    yield course, DAYS, str((at - enrolled_at).days)
    role = roles.get(course, Role("", ""))
    if (entry := tries.get(role.entry)) and (final := tries.get(role.final)):
        yield course, GAIN, str(max(score for _number, score, _passed in final) - entry[0][1])


# Reading them


def countries(session: Session) -> list[str]:
    """What people state or stated as their country, "" too, and what is counted."""
    return sorted(session.execute(COUNTRIES).scalars())


def everybody(session: Session, country: str) -> Iterator[tuple[Step, int]]:
    """Each step by each profile of a country with how many took it, erased people among them; a key may come more than
    once. Of an organisation it says "yes" or its id."""
    for source in SOURCES:
        only = f"AND {source.profile}.country = :country" if country else f"AND {source.profile}.country IS NULL"
        yield from _told(session, source, ANY_ORGANISATION, only, {"country": country} if country else NOTHING)
    for *step, n in session.execute(KEPT, {"country": country}):
        yield tuple(step), n


def of_quiz(session: Session, quiz: str) -> Iterator[tuple[Step, int]]:
    """The tries at one quiz, likewise."""
    return _told(session, TRIES, ANY_ORGANISATION, "AND attempt.quiz = :quiz", {"quiz": quiz})


def of_person(session: Session, person_id: uuid.UUID) -> Iterator[tuple[Step, int]]:
    """The steps that one person took."""
    for source in SOURCES:
        yield from _told(session, source, ITS_ID, f"AND {source.person} = :person_id", {"person_id": person_id})


def of_choice(
    session: Session, filters: Filters, library: Library, measures: Collection[str]
) -> Iterator[tuple[str, str, int]]:
    """What people of a choice did, erased ones among them: measure, step, how many; a step may come more than once.

    Each of them is looked at, so the choice should be narrow, as that of an organisation is."""
    found: Counter[tuple[str, str]] = Counter()
    if not {SECTION, *OF_QUIZZES}.isdisjoint(measures):
        only, values = stated_condition(filters, library, "person")
        rows = session.execute(query(STANDINGS.format(only=only)), values | {"course": filters.course})
        found.update(_of_standings(rows.scalars()))
    if not {*OF_COMPLETIONS}.isdisjoint(measures):
        only, values = stated_condition(filters, library, "completion")
        only, values = f"{only} AND completion.course = :course", values | {"course": filters.course}
        for (_course, measure, step, *_who), n in _told(session, COMPLETED, ANY_ORGANISATION, only, values):
            found[measure, step] += n
    yield from ((measure, step, n) for (measure, step), n in found.items() if measure in measures)
    only, values = condition(filters, library)
    values |= {"course": filters.course, "measures": list(measures)}
    for measure, step, n in session.execute(query(KEPT_OF.format(only=only)), values):
        yield measure, step, int(n)


def _of_standings(standings: Iterable[str]) -> Counter[tuple[str, str]]:
    """The sections and quizzes of these standings; most people have read the same sections as others."""
    alike: Counter[bytes] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    for packed in standings:
        done = UNPACK(packed)
        alike[bytes(done.readings)] += 1
        for quiz, results in done.results.items():
            tries = in_order(results)
            found[TRIED, quiz] += 1
            found[FIRST, quiz] += tries[0].passed
            found[PASSED, quiz] += any(one.passed for one in tries)
    for readings, n in alike.items():
        for place in READINGS(readings):
            found[SECTION, place] += n
    return +found


def _told(
    session: Session, source: "Source", organisation: str, only: str = "", values: Mapping[str, Any] = NOTHING
) -> Iterator[tuple[Step, int]]:
    stated = STATED.format(source.profile, organisation.format(source.profile))
    sql = query(source.sql.format(stated=stated, only=only))
    return source.read(session.execute(sql, values, execution_options=STREAM), session)


def _sections(rows: Iterable[Any], _session: Session) -> Iterator[tuple[Step, int]]:
    for course, module, section, *who, n in rows:
        yield (course, SECTION, f"{module}/{section}", *who), n


def _tries(rows: Iterable[Any], _session: Session) -> Iterator[tuple[Step, int]]:
    for course, quiz, *who, tried, first, passed in rows:
        for measure, n in zip(OF_QUIZZES, (tried, first, passed), strict=True):
            if n:
                yield (course, measure, quiz, *who), int(n)


def _completions(rows: Iterable[Any], session: Session) -> Iterator[tuple[Step, int]]:
    known = roles(session)
    for course, at, evidence, *who, enrolled_at in rows:
        for taken in of_completion(course, enrolled_at, at, EVIDENCE.decode(evidence), known):
            yield (*taken, *who), 1


class Source(NamedTuple):
    """What tells of some measures: the table of the profile that is meant, the column of the person."""

    sql: str
    profile: str
    person: str
    read: Callable[[Iterable[Any], Session], Iterator[tuple[Step, int]]]


TRIES = Source(QUIZZES, "person", "person.id", _tries)
COMPLETED = Source(COMPLETIONS, "completion", "completion.person_id", _completions)
SOURCES = (Source(SECTIONS, "person", "person.id", _sections), TRIES, COMPLETED)
