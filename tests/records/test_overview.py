"""Sums, steps and last acts agree with an independent recount, whatever people do and change."""

from collections import Counter
from datetime import UTC
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.filters import Filters
from app.records import margins, overview, people, reading, standing, steps
from app.records.overview import Count
from tests.records.samples import COURSE, FINAL, ISSUER, LIBRARY, QUIZ, complete, join, later, take

CHOICES = {
    "country": ("FJ", "TO", ""),
    "sex": ("woman", "man", ""),
    "ministry_type": ("labour", "health"),
    "organisation": ("Ministry of Employment", "Another", ""),
    "age_band": ("25-34", ""),
    "language": ("en", "fr"),
}
FILTERS = (
    Filters(course=COURSE),
    Filters(course=COURSE, period="2026-11"),
    Filters(course=COURSE, period="2026-Q3", sex=("woman",)),
    Filters(course=COURSE, period="..2026-09", country=("", "FJ"), ministry_type=("labour",)),
    Filters(course=COURSE, age_band=("",), language=("fr",)),
    Filters(course=COURSE, period="2026", country=("TO",), sex=("woman", "man")),
    Filters(course=COURSE, organisation=("",)),
    Filters(course=COURSE, organisation=("",), period="2026-11", age_band=("25-34",)),
    Filters(course=COURSE, organisation=("",), period="..2026-10", country=("FJ",), ministry_type=("labour",)),
    Filters(course=COURSE, period="2026-10..", sex=("woman",), ministry_type=("health",), age_band=("25-34",)),
)
MEASURES = ("enrolled", "completion")


def populate(session: Session, number: int) -> None:
    """People who join in several months, go different ways, and change their profile."""
    chance = Random(number)
    for place in range(number):
        profile = {name: chance.choice(values) for name, values in CHOICES.items()}
        at = later(days=-chance.randint(0, 150))
        person = join(session, f"p{place}", **profile)
        way = place % 4
        if way:
            reading.enrol(session, LIBRARY, person, COURSE, at)
        if way == 2:
            reading.mark_read(session, LIBRARY, person, COURSE, "welcome", "start", at, "en", ISSUER)
            take(session, person, QUIZ, 1, right=bool(chance.randint(0, 1)))
        if way == 3:
            complete(session, person)
        if place % 3 == 0:
            changes = {name: chance.choice(CHOICES[name]) for name in ("country", "sex", "organisation")}
            people.change_profile(session, person, changes, at)
    session.flush()


FACTS = {
    "enrolled": "SELECT enrolment.at AS at, {columns} FROM enrolment JOIN person ON person.id = enrolment.person_id",
    "completion": "SELECT completion.at AS at, {columns} FROM completion WHERE kind = 'completion'",
}
NAMES = ("country", "sex", "ministry_type", "age_band", "language")


def recounted(session: Session, filters: Filters, by: tuple[str, ...]) -> dict[tuple[str, ...], dict[str, Count]]:
    """The same straight from the facts, one by one."""
    first, last = filters.months.first or "0", filters.months.last or "9999"
    new: Counter[tuple[str, ...]] = Counter()
    ever: Counter[tuple[str, ...]] = Counter()
    for measure, sql in FACTS.items():
        for row in session.execute(text(sql.format(columns=", ".join((*NAMES, "organisation_id"))))):
            if filters.organisation and row.organisation_id:  # the filters of these tests ask for none alone
                continue
            who = {name: getattr(row, name) or "" for name in NAMES}
            if any(getattr(filters, name) and who[name] not in getattr(filters, name) for name in NAMES):
                continue
            month = str(row.at)[:7]
            key = (measure, *(who[name] for name in by))
            new[key] += first <= month <= last
            ever[key] += month <= last
    found: dict[tuple[str, ...], dict[str, Count]] = {}
    for key in ever:
        if ever[key]:
            found.setdefault(key[1:], {})[key[0]] = Count(new[key], ever[key])
    return found


def counted(session: Session, filters: Filters, by: tuple[str, ...]) -> dict[tuple[str, ...], dict[str, Count]]:
    found = overview.groups(session, filters, LIBRARY, by, MEASURES)
    kept = {key: {name: one for name, one in counts.items() if one.ever} for key, counts in found.items()}
    return {key: counts for key, counts in kept.items() if counts}


def organisation(session: Session, name: str) -> str:
    found = session.execute(text("SELECT id FROM organisation WHERE name = :name ORDER BY country"), {"name": name})
    return str(found.scalars().first()).replace("-", "")


def test_sums_agree_with_a_recount_under_every_filter(session: Session) -> None:
    populate(session, 32)
    for filters in FILTERS:
        for by in ((), ("country",), ("sex", "ministry_type"), ("age_band", "language"), ("country", "age_band")):
            assert counted(session, filters, by) == recounted(session, filters, by), (filters, by)
        alone = overview.each(
            session, filters, LIBRARY, (("country", "sex"), ("sex", "language"), ("ministry_type",)), MEASURES
        )
        for name, found in alone.items():
            assert found == overview.groups(session, filters, LIBRARY, (name,), MEASURES), (filters, name)
    months = overview.by_month(session, FILTERS[0], LIBRARY, MEASURES)
    assert sum(months["enrolled"].values()) == recounted(session, FILTERS[0], ())[()]["enrolled"].ever
    one = organisation(session, "Another")
    by_tally = overview.groups(session, Filters(course=COURSE, organisation=(one,)), LIBRARY, (), MEASURES).total
    by_sums = overview.by_organisation(session, Filters(course=COURSE), LIBRARY, MEASURES).of(one)
    assert by_tally == by_sums
    assert by_tally["enrolled"].ever > 0
    assert standing.compare(session) == []


def test_steps_follow_the_profile_and_outlive_the_person(session: Session) -> None:
    steps.put_roles(session, {COURSE: steps.Role(QUIZ, FINAL)})
    ana, ben = join(session), join(session, "ben", sex="man")
    for person in (ana, ben):
        complete(session, person)
    people.change_profile(session, ana, {"country": "TO"}, later(days=1))
    fiji, tonga = (Filters(course=COURSE, country=(code,)) for code in ("FJ", "TO"))

    def read(filters: Filters, measure: str) -> int:
        return sum(overview.steps(session, filters, LIBRARY, measure).values())

    assert (read(fiji, steps.SECTION), read(tonga, steps.SECTION)) == (4, 4)
    assert (read(fiji, steps.DAYS), read(fiji, steps.GAIN), read(tonga, steps.DAYS)) == (2, 2, 0)  # as they were then
    assert overview.steps(session, fiji, LIBRARY, steps.PASSED) == {QUIZ: 2, FINAL: 2}
    assert overview.active(session, tonga, LIBRARY, later(days=-30)) == 1
    assert overview.active(session, tonga, LIBRARY, later(days=1)) == 0
    assert standing.compare(session) == []
    people.erase(session, ana, later(days=2), keep_certificates=False)
    assert (read(tonga, steps.SECTION), read(fiji, steps.DAYS)) == (4, 2)
    assert overview.steps(session, fiji, LIBRARY, steps.PASSED) == {QUIZ: 1, FINAL: 1}
    assert overview.active(session, tonga, LIBRARY, later(days=-30)) == 0
    assert standing.compare(session) == []
    standing.rebuild(session, UTC)
    assert (read(tonga, steps.SECTION), read(fiji, steps.GAIN)) == (4, 2)
    assert steps.put_roles(session, {COURSE: steps.Role("", FINAL)}) is True
    assert (read(fiji, steps.GAIN), steps.put_roles(session, {COURSE: steps.Role("", FINAL)})) == (1, False)  # kept


def test_a_failed_try_counts_as_tried_and_a_later_pass_as_passed(session: Session) -> None:
    ana = join(session)
    take(session, ana, QUIZ, 1, right=False)
    take(session, ana, QUIZ, 2)
    take(session, ana, QUIZ, 3)
    counts = [overview.steps(session, Filters(course=COURSE), LIBRARY, one) for one in steps.OF_QUIZZES]
    assert counts == [{QUIZ: 1}, {}, {QUIZ: 1}]
    steps.recount_quiz(session, QUIZ)
    assert [overview.steps(session, Filters(course=COURSE), LIBRARY, one) for one in steps.OF_QUIZZES] == counts


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE group_tally SET n = n + 1 WHERE measure = 'enrolled' AND month = ''", "the sum group_tally"),
        ("UPDATE profile_tally SET n = n - 1 WHERE measure = 'completion'", "the sum profile_tally"),
        ("DELETE FROM country_tally WHERE month <> ''", "the sum country_tally"),
        ("DELETE FROM organisation_tally", "the sum organisation_tally"),
        ("UPDATE step_tally SET n = 9 WHERE measure = 'passed'", "the count of steps islands passed"),
        ("UPDATE last_act SET sex = 'man'", "the last act of"),
    ],
)
def test_what_does_not_agree_is_told(session: Session, sql: str, words: str) -> None:
    complete(session, join(session))
    session.execute(text(sql))
    assert any(one.startswith(words) for one in standing.compare(session))


def test_counts_without_sums_are_noticed_and_summed(session: Session) -> None:
    assert margins.missing(session) is False
    complete(session, join(session))
    before: Any = overview.groups(session, FILTERS[0], LIBRARY, ("country",))
    for table in ("profile_tally", "country_tally", "group_tally"):
        session.execute(text(f"DELETE FROM {table}"))
        assert margins.missing(session) is True, table
        margins.rebuild(session)
        assert margins.missing(session) is False, table
        assert overview.groups(session, FILTERS[0], LIBRARY, ("country",)) == before
    assert standing.compare(session) == []


def test_acts_that_nobody_counted_are_noticed(session: Session) -> None:
    assert steps.missing(session) is False
    complete(session, join(session))
    assert steps.missing(session) is False
    session.execute(text("DELETE FROM last_act"))
    assert steps.missing(session) is True
    steps.rebuild(session)
    assert (steps.missing(session), standing.compare(session)) == (False, [])
