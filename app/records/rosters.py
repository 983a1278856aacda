"""Rows of people for exports: enrolments with what was done, tries at quizzes, accounts.

The profile of an enrolment is that of the completion, where there is one: a completion is counted by the profile as it
was. Filters choose by the same profile that the rows show, and an organisation is the one that others were merged into.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.orm import Session

from app.core import periods
from app.core.certificates import COMPLETION, status
from app.core.content import Course, Library, Struct, in_language
from app.core.exports import Site, Wanted
from app.core.roster import UNPACK, Done, counting, final_score
from app.records import hot
from app.records.filtering import condition
from app.records.sql import Plain, moment, spread, statement

Rows = Iterator[tuple[Any, ...]]
AT_ONCE = 500  # rows fetched together

# Where the profile comes from: the completion, where there is one, or else the person.
FIELDS = ("country", "sex", "ministry_type", "age_band", "language")
AS_IT_WAS = "CASE WHEN completion.id IS NULL THEN person.{0} ELSE completion.{0} END"
ORGANISATIONS = """
    LEFT JOIN organisation_merge ON organisation_merge.organisation_id = {0}
    LEFT JOIN organisation ON organisation.id = coalesce(organisation_merge.into_id, {0})
"""
ORGANISATION = "coalesce(replace(CAST(organisation.id AS TEXT), '-', ''), '')"
OF_ENROLMENT = {name: f"coalesce({AS_IT_WAS.format(name)}, '')" for name in FIELDS} | {"organisation": ORGANISATION}
OF_PERSON = {name: f"coalesce(person.{name}, '')" for name in FIELDS} | {"organisation": ORGANISATION}

ENROLLED = f"""
    FROM enrolment JOIN person ON person.id = enrolment.person_id
    LEFT JOIN completion ON completion.person_id = enrolment.person_id AND completion.course = enrolment.course
        AND completion.kind = '{COMPLETION}'
    {ORGANISATIONS.format(AS_IT_WAS.format("organisation_id"))}
"""
# Ids as the driver has them: to make a UUID of each and a text of that took a tenth of the time.
WHO = "person.id AS who"
OFFICE = "organisation.id AS office, organisation.name AS organisation"
SHOWN = {name: f"{AS_IT_WAS.format(name)} AS {name}" for name in FIELDS}
PROFILE = ", ".join((SHOWN["country"], SHOWN["sex"], SHOWN["ministry_type"], OFFICE, SHOWN["age_band"]))
BEGUN = """
    (EXISTS (SELECT 1 FROM reading WHERE reading.person_id = enrolment.person_id AND reading.course = enrolment.course)
    OR EXISTS (SELECT 1 FROM attempt AS own
        WHERE own.person_id = enrolment.person_id AND own.course = enrolment.course))
"""
STATUSES = {
    "": "",
    "not-started": f" AND completion.id IS NULL AND NOT {BEGUN}",
    "started": f" AND completion.id IS NULL AND {BEGUN}",
    "completed": " AND completion.id IS NOT NULL",
}

SAID = f"""
    {WHO}, person.name, person.name_latin, {PROFILE}, enrolment.at AS enrolled_at, person.seen_at,
        standing.packed, completion.course_version, completion.at AS completed_at, certificate.number,
        certificate.record, revocation.at AS revoked_at
"""
CERTIFIED = f"""
    {ENROLLED}
    LEFT JOIN standing ON standing.person_id = enrolment.person_id AND standing.course = enrolment.course
    LEFT JOIN certificate ON certificate.completion_id = completion.id AND certificate.edition = (
        SELECT max(newest.edition) FROM certificate AS newest WHERE newest.completion_id = completion.id)
    LEFT JOIN revocation ON revocation.certificate_id = certificate.id
    WHERE enrolment.course = :course
"""
COMPLETIONS = f"SELECT {SAID} {CERTIFIED}"
TRIED = f"""
    {ENROLLED} JOIN attempt ON attempt.person_id = enrolment.person_id AND attempt.course = enrolment.course
"""
ATTEMPTS = f"""
    SELECT {WHO}, {PROFILE}, attempt.quiz, attempt.version, attempt.number, attempt.opened_at, attempt.handed_in_at,
        attempt.language, grade.points, grade.possible, grade.score, grade.passed, grade.number AS judged
    {TRIED}
    LEFT JOIN grade ON grade.attempt_id = attempt.id AND grade.number = (
        SELECT max(newest.number) FROM grade AS newest WHERE newest.attempt_id = attempt.id)
    WHERE enrolment.course = :course
"""
JOINED = f"FROM person {ORGANISATIONS.format('person.organisation_id')}"
LEARNERS = f"""
    SELECT {WHO}, person.name, person.name_latin, person.country, person.sex, person.ministry_type, {OFFICE},
        person.age_band, person.language, person.role, person.joined_at, person.seen_at, person.disabled_at, person.demo
    {JOINED} WHERE TRUE
"""
COUNTED = "SELECT count(*) {} WHERE enrolment.course = :course"
# Kind -> what counts its rows, which moment its period is about, the profile that filters read.
COUNTS = {
    "completions": (COUNTED.format(ENROLLED), "completion.at", OF_ENROLMENT),
    "enrolments": (COUNTED.format(ENROLLED), "enrolment.at", OF_ENROLMENT),
    "attempts": (COUNTED.format(TRIED), "attempt.handed_in_at", OF_ENROLMENT),
    "learners": (f"SELECT count(*) {JOINED} WHERE TRUE", "person.joined_at", OF_PERSON),
}
# The same numbers from fewer tables, where no filter asks for a profile or a status: (kind, with a period).
ALONE = "SELECT count(*) FROM enrolment WHERE enrolment.course = :course"
ENDED = f"""
    SELECT count(*) FROM completion
    JOIN enrolment ON enrolment.person_id = completion.person_id AND enrolment.course = completion.course
    WHERE completion.course = :course AND completion.kind = '{COMPLETION}'
"""
SHORT = {
    ("completions", False): ALONE,
    ("completions", True): ENDED,
    ("enrolments", False): ALONE,
    ("enrolments", True): ALONE,
    ("learners", False): "SELECT count(*) FROM person WHERE TRUE",
    ("learners", True): "SELECT count(*) FROM person WHERE TRUE",
}


def chosen(site: Site, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """`AND …` for all that was asked for, and its values."""
    _counted, moment, profile = COUNTS[wanted.kind.name]
    sql, values = condition(wanted.filters, site.library, profile)
    since, until = periods.bounds(wanted.filters.months, site.zone)
    if since:
        sql, values["since"] = f"{sql} AND {moment} >= :since", since
    if until:
        sql, values["until"] = f"{sql} AND {moment} < :until", until
    return sql + STATUSES[wanted.filters.status], values | {"course": wanted.filters.course}


def count(session: Session, site: Site, wanted: Wanted) -> int:
    """How many rows an export of people has."""
    sql, values = chosen(site, wanted)
    asked = wanted.filters.as_args().keys() - {"course", "period"}
    counted = None if asked else SHORT.get((wanted.kind.name, bool(wanted.filters.period)))
    return int(session.execute(statement((counted or COUNTS[wanted.kind.name][0]) + sql), values).scalar_one())


def _rows(
    session: Session,
    select: str,
    order: str,
    site: Site,
    wanted: Wanted,
    row: Callable[..., Any] = lambda *row: row,
) -> Iterator[Any]:
    """The rows asked for; with `tuple` as the driver has them."""
    sql, values = spread(*chosen(site, wanted))
    statement = Plain(f"{select} {sql} ORDER BY {order}", row)
    hot.hold_more(session, hot.LIST_KIB)  # a row is put together from six tables
    try:
        for some in hot.stream(session, statement, values, AT_ONCE):
            yield from some
    finally:
        hot.hold_more(session, hot.USUAL_KIB)


def completions(session: Session, site: Site, wanted: Wanted) -> Rows:
    """What each enrolled person has done, by the moment of enrolment."""
    row = of_enrolment(site, site.library.courses[wanted.filters.course])
    return map(row, _rows(session, COMPLETIONS, "enrolment.at, enrolment.person_id", site, wanted, tuple))


def of_enrolment(site: Site, course: Course) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """What makes a row with the columns of `completions` and `enrolments` of what SAID answers."""
    final, count = site.library.quizzes.get(course.final or ""), counting(site.library, course)
    named, nothing = Names(site.library), Done()

    def made(row: Sequence[Any]) -> tuple[Any, ...]:
        who, name, latin, country, sex, ministry, office, organisation, age, enrolled, seen, packed = row[:12]
        version, completed, number, record, revoked = row[12:]
        facts = UNPACK(packed) if packed else nothing
        read, won = count(facts)
        score = hundredths(final_score(final, facts)) if facts.results else None
        return (  # built at once: this is done for each of 100,000 people
            dashed(who),
            name,
            latin,
            country,
            named[country],
            sex,
            ministry,
            office and dashed(office),
            organisation,
            age,
            course.id,
            version or course.version,
            moment(enrolled),
            moment(seen),
            read,
            won,
            score,
            moment(completed),
            number,
            status_of(record, revoked is not None, facts, site.now),
        )

    return made


def attempts(session: Session, site: Site, wanted: Wanted) -> Rows:
    """Each try at a quiz, with the newest grade, by the person's enrolment, the quiz and the number."""
    course, named = site.library.courses[wanted.filters.course], Names(site.library)
    order = "enrolment.at, enrolment.person_id, attempt.quiz, attempt.number"
    for who, country, sex, ministry, office, organisation, age, quiz, *tried in _rows(
        session, ATTEMPTS, order, site, wanted
    ):
        *begun, points, possible, score, passed, judged = tried
        yield (
            *(dashed(who), country, named[country], sex, ministry, office and dashed(office), organisation, age),
            *(course.id, quiz, *begun, points, possible, hundredths(score)),
            *(None if passed is None or quiz == course.entry else yes(passed), judged),
        )


def learners(session: Session, site: Site, wanted: Wanted) -> Rows:
    """Each account with its profile of today, in the order of the list of learners."""
    named = Names(site.library)
    for who, name, latin, country, sex, ministry, office, organisation, *rest in _rows(
        session, LEARNERS, "person.search, person.id", site, wanted
    ):
        *account, demo = rest
        yield (
            *(dashed(who), name, latin, country, named[country], sex, ministry, office and dashed(office)),
            *(organisation, *account, yes(demo)),
        )


def dashed(id: Any) -> str:
    """An id as it is written: SQLite has 32 digits, PostgreSQL a UUID."""
    return f"{id[:8]}-{id[8:12]}-{id[12:16]}-{id[16:20]}-{id[20:]}" if type(id) is str else str(id)


@lru_cache(maxsize=1024)
def hundredths(score: int | None) -> Decimal | None:
    """A score in per cent."""
    return None if score is None else Decimal(score) / 100


def yes(value: bool) -> str:
    return "yes" if value else "no"


class Names(dict[str | None, str | None]):
    """Country code -> its English name; the code itself where the list lacks it."""

    def __init__(self, library: Library) -> None:
        super().__init__({code: in_language(one.name, "en")[1] for code, one in library.countries.items()})

    def __missing__(self, code: str | None) -> str | None:
        return code


class Named(Struct, frozen=True):
    """Who issued it; "" where nobody is named."""

    name: str


class Marked(Struct, frozen=True):
    """The part of a certificate's record that decides its status."""

    demonstration: bool
    trial: bool
    issuer: Named
    expiry: str | None
    timezone: str


MARKED = msgspec.json.Decoder(Marked).decode


def status_of(record: str | None, revoked: bool, facts: Done, now: datetime) -> str:
    """enrolled or started; then what the certificate says of itself."""
    if record is None:
        return "started" if facts.begun else "enrolled"
    return _certified(MARKED(record), revoked, now)


@lru_cache(maxsize=256)
def _certified(marked: Marked, revoked: bool, now: datetime) -> str:
    today = now.astimezone(ZoneInfo(marked.timezone)).date()
    return status(msgspec.to_builtins(marked), today=today, revoked=revoked)
