"""Sums, steps and last acts agree with an independent recount, whatever people do and change."""

import uuid
from collections import Counter
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Uuid, text
from sqlalchemy.orm import Session

from app.core.filters import Filters
from app.records import (
    interventions,
    last_acts,
    listings,
    margins,
    overview,
    people,
    reading,
    standing,
    step_facts,
    steps,
)
from app.records.overview import Count
from app.records.step_facts import DAYS, GAIN, PASSED, SECTION
from tests.records.samples import COURSE, FINAL, ISSUER, LIBRARY, NOW, QUIZ, complete, join, later, take

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
LEARNERS = text("SELECT person_id AS id FROM enrolment ORDER BY person_id").columns(id=Uuid())
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


STEPS = (*step_facts.OF_QUIZZES, step_facts.SECTION, step_facts.DAYS)
OF_PERSON = "person.country, person.sex, person.ministry_type, person.age_band, person.language, person.organisation_id"
READ = f"SELECT module, section, {OF_PERSON} FROM reading JOIN person ON person.id = reading.person_id"
TRIED = f"""
    SELECT attempt.person_id, quiz, passed, {OF_PERSON} FROM attempt JOIN person ON person.id = attempt.person_id
    JOIN grade ON grade.attempt_id = attempt.id ORDER BY attempt.number
"""
TOOK = """
    SELECT completion.at, enrolment.at AS enrolled, country, sex, ministry_type, age_band, language, organisation_id
    FROM completion JOIN enrolment ON enrolment.person_id = completion.person_id WHERE kind = 'completion'
"""


def fits(row: Any, filters: Filters) -> bool:
    office = str(row.organisation_id or "").replace("-", "")
    stated = {name: getattr(row, name) or "" for name in NAMES} | {"organisation": office}
    return all(not getattr(filters, name) or value in getattr(filters, name) for name, value in stated.items())


def steps_recounted(session: Session, filters: Filters) -> dict[str, Counter[str]]:
    """The steps of those whom the filters choose, one fact after another."""
    found = {measure: Counter[str]() for measure in STEPS}
    for row in session.execute(text(READ)):
        found["section"][f"{row.module}/{row.section}"] += fits(row, filters)
    tries: dict[Any, list[bool]] = {}
    for row in session.execute(text(TRIED)):
        mine = tries.setdefault((row.person_id, row.quiz), [])
        if fits(row, filters):
            found["tried"][row.quiz] += not mine
            found["first"][row.quiz] += not mine and bool(row.passed)
            found["passed"][row.quiz] += bool(row.passed) and not any(mine)
        mine.append(bool(row.passed))
    for row in session.execute(text(TOOK)):
        at, enrolled = (
            moment if isinstance(moment, datetime) else datetime.fromisoformat(moment) for moment in row[:2]
        )
        found["days"][str((at - enrolled).days)] += fits(row, filters)
    return {measure: +counts for measure, counts in found.items()}


def test_steps_agree_with_a_recount_under_every_filter(session: Session) -> None:
    populate(session, 48)
    ways = {"late": (False, True), "later": (False, True), "never": (False, False), "early": (True, False)}
    for login, tries in ways.items():
        person = join(session, login, country="", organisation="Another", ministry_type="labour")
        for number, right in enumerate(tries, 1):
            take(session, person, QUIZ, number, right=right)
    one, another = organisation(session, "Another"), organisation(session, "Ministry of Employment")
    narrow = (
        Filters(course=COURSE, organisation=(one,)),
        Filters(course=COURSE, organisation=("", one, another), country=("FJ", "")),
        Filters(course=COURSE, country=("FJ",), ministry_type=("labour",)),
        Filters(course=COURSE, country=("", "TO"), sex=("",), age_band=("", "25-34"), language=("en",)),
        Filters(course=COURSE, group="sids", ministry_type=("health", "labour")),
        Filters(course=COURSE, sex=("woman",), ministry_type=("",)),
    )
    for filters in (*FILTERS, *narrow):
        asked = replace(filters, country=filters.countries(LIBRARY)) if filters.group else filters
        assert overview.steps(session, filters, LIBRARY, STEPS) == steps_recounted(session, asked), filters
    everybody = steps_recounted(session, FILTERS[0])
    assert all(everybody[measure] for measure in STEPS)  # so that the comparisons above say something
    assert standing.compare(session) == []


def test_steps_of_erased_people_are_found_under_every_filter(session: Session) -> None:
    stated = {"country": "FJ", "ministry_type": "labour", "organisation": "Another", "age_band": "25-34"}
    ana = join(session, **stated)
    complete(session, ana)
    office = organisation(session, "Another")
    choices = [
        Filters(course=COURSE, country=("FJ",)),
        Filters(course=COURSE, ministry_type=("labour",)),
        Filters(course=COURSE, country=("FJ",), age_band=("25-34",)),
        Filters(course=COURSE, organisation=(office,)),
    ]
    wanted = (step_facts.SECTION, step_facts.DAYS, step_facts.GAIN)
    before = [overview.steps(session, one, LIBRARY, wanted) for one in choices]
    assert all(sum(one[step_facts.SECTION].values()) == 4 for one in before)
    people.erase(session, ana, later(days=2), keep_certificates=False)
    assert [overview.steps(session, one, LIBRARY, wanted) for one in choices] == before
    others = Filters(course=COURSE, country=("TO",), age_band=("25-34",))
    assert overview.steps(session, others, LIBRARY, wanted) == {measure: {} for measure in wanted}
    assert overview.steps(session, choices[0], LIBRARY, step_facts.OF_QUIZZES) == {
        measure: {} for measure in step_facts.OF_QUIZZES
    }


def test_steps_follow_the_profile_and_outlive_the_person(session: Session) -> None:
    steps.put_roles(session, {COURSE: step_facts.Role(QUIZ, FINAL)})
    ana, ben = join(session), join(session, "ben", sex="man")
    for person in (ana, ben):
        complete(session, person)
    people.change_profile(session, ana, {"country": "TO"}, later(days=1))
    fiji, tonga = (Filters(course=COURSE, country=(code,)) for code in ("FJ", "TO"))

    def read(filters: Filters, measure: str) -> int:
        return sum(overview.steps(session, filters, LIBRARY, (measure,))[measure].values())

    def passed(filters: Filters) -> dict[str, int]:
        return overview.steps(session, filters, LIBRARY, (PASSED,))[PASSED]

    assert (read(fiji, SECTION), read(tonga, SECTION)) == (4, 4)
    assert (read(fiji, DAYS), read(fiji, GAIN), read(tonga, DAYS)) == (2, 2, 0)  # as they were then
    assert (passed(fiji), passed(tonga)) == ({QUIZ: 1, FINAL: 1}, {QUIZ: 1, FINAL: 1})
    assert overview.active(session, tonga, LIBRARY, later(days=-30)) == 1
    assert overview.active(session, tonga, LIBRARY, later(days=1)) == 0
    assert standing.compare(session) == []
    people.erase(session, ana, later(days=2), keep_certificates=False)
    assert (read(tonga, SECTION), read(fiji, DAYS)) == (4, 2)
    assert (passed(fiji), passed(tonga)) == ({QUIZ: 1, FINAL: 1}, {})
    assert overview.active(session, tonga, LIBRARY, later(days=-30)) == 0
    assert standing.compare(session) == []
    standing.rebuild(session, UTC)
    assert (read(tonga, SECTION), read(fiji, GAIN)) == (4, 2)
    assert steps.put_roles(session, {COURSE: step_facts.Role("", FINAL)}) is True
    assert (read(fiji, GAIN), steps.put_roles(session, {COURSE: step_facts.Role("", FINAL)})) == (
        1,
        False,
    )  # kept


def test_accounts_are_counted_one_by_one_whoever_is_linked(session: Session) -> None:
    populate(session, 48)
    one = organisation(session, "Another")
    choices = (
        *FILTERS,
        Filters(course=COURSE, organisation=(one,)),
        Filters(course=COURSE, group="sids", sex=("man",)),
    )
    before = [overview.accounts(session, one, LIBRARY) for one in choices]
    assert before == [overview.groups(session, replace(one, period=""), LIBRARY, (), MEASURES).total.get(
        "enrolled", Count()).ever for one in choices]  # fmt: skip
    main, *others = (row.id for row in session.execute(LEARNERS))
    for other in others[:20]:
        interventions.link(session, other, main, "one passport", main, later(days=1))
    assert overview.groups(session, Filters(course=COURSE), LIBRARY, (), MEASURES).total["enrolled"].ever < before[0]
    assert [overview.accounts(session, one, LIBRARY) for one in choices] == before
    for choice in choices:
        readers = overview.steps(session, choice, LIBRARY, (SECTION,))[SECTION]
        assert max(readers.values(), default=0) <= overview.accounts(session, choice, LIBRARY), choice


def test_accounts_of_merged_organisations_stand_together(session: Session) -> None:
    main, *others = (
        join(session, login, organisation=name)
        for login, name in (("a", "Labour"), ("b", "Min. of Labour"), ("c", "Min. of Labour"), ("d", ""))
    )
    for person in (main, *others):
        reading.enrol(session, LIBRARY, person, COURSE, NOW)
    lead = listings.put(session, "FJ", "ministry", {"en": "Labour"}, NOW)
    for other in others:
        interventions.link(session, other, main, "one passport", main, later(days=1))
    listings.merge(session, uuid.UUID(organisation(session, "Min. of Labour")), lead, NOW)
    asked = Filters(course=COURSE, organisation=(lead.hex,))
    assert overview.accounts(session, asked, LIBRARY) == 3
    assert overview.accounts(session, Filters(course=COURSE, organisation=("",)), LIBRARY) == 1
    assert overview.accounts(session, Filters(course=COURSE, organisation=("", lead.hex)), LIBRARY) == 4


def test_a_failed_try_counts_as_tried_and_a_later_pass_as_passed(session: Session) -> None:
    ana = join(session)
    take(session, ana, QUIZ, 1, right=False)
    take(session, ana, QUIZ, 2)
    take(session, ana, QUIZ, 3)
    counts = overview.steps(session, Filters(course=COURSE), LIBRARY, step_facts.OF_QUIZZES)
    assert counts == {"tried": {QUIZ: 1}, "first": {}, "passed": {QUIZ: 1}}
    steps.recount_quiz(session, QUIZ)
    assert overview.steps(session, Filters(course=COURSE), LIBRARY, step_facts.OF_QUIZZES) == counts


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE group_tally SET n = n + 1 WHERE measure = 'enrolled' AND month = ''", "the sum group_tally"),
        ("UPDATE profile_tally SET n = n - 1 WHERE measure = 'completion'", "the sum profile_tally"),
        ("DELETE FROM country_tally WHERE month <> ''", "the sum country_tally"),
        ("DELETE FROM organisation_tally", "the sum organisation_tally"),
        ("UPDATE step_tally SET n = 9 WHERE measure = 'passed'", "step_tally has 9 for islands passed"),
        ("DELETE FROM step_profile WHERE measure = 'section'", "step_profile has 0 for islands section"),
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


@pytest.mark.parametrize(("kept", "table"), [(last_acts, "last_act"), (steps, "step_profile")])
def test_acts_and_steps_that_nobody_counted_are_noticed(session: Session, kept: Any, table: str) -> None:
    assert kept.missing(session) is False
    complete(session, join(session))
    assert kept.missing(session) is False
    session.execute(text(f"DELETE FROM {table}"))
    assert kept.missing(session) is True
    kept.rebuild(session)
    assert (kept.missing(session), standing.compare(session)) == (False, [])
