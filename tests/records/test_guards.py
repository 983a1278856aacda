"""Facts never change: both databases refuse, whoever asks."""

import uuid

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.limits import Allowed
from app.core.regrading import Rules
from app.records import (
    allowances,
    answers,
    attempts,
    audit,
    certificates,
    editions,
    frozen,
    identities,
    interventions,
    issuer_keys,
    people,
    regraded,
    releases,
    surveys,
)
from app.records.engine import open_session
from app.records.models import FACTS
from tests.records.samples import COURSE, FINAL, ISSUER, LIBRARY, NOW, QUIZ, complete, join, later
from tests.records.surveyed import SURVEYED

SOME_COLUMN = {
    "version": "content",
    "enrolment": "course",
    "reading": "version",
    "attempt": "paper",
    "grade": "points",
    "completion": "kind",
    "certificate": "record",
    "revocation": "reason",
    "response": "answers",
    "act": "deed",
    "erasure": "person_id",
    "issuer_key": "public",
    "status_place": "number",
    "source": "text",
    "release": "content",
    "reissue": "reason",
    "identity_check": "office",
    "checked": "value",
    "allowance": "reason",
    "regrade": "rules",
    "intervention": "reason",
    "frozen": "document",
}
NEVER = ("version", "act", "erasure", "issuer_key", "status_place", "source", "release", "frozen", "regrade")

RELEASE = releases.Entry(
    number=1,
    at=NOW,
    by=None,
    deed="publish",
    content=1,
    before=0,
    library="abc",
    files={},
    changes=releases.Changes(),
)


@pytest.fixture
def full(engine: Engine) -> Engine:
    """A database with a row in every table of facts."""
    with open_session(engine, write=True) as session:
        person = join(session)
        surveys.answer(session, SURVEYED, person, COURSE, "before", {"sure": "A"}, "en", NOW)
        numbers = complete(session, person)
        attempt = attempts.open_attempt(session, LIBRARY, person, QUIZ, 2, "seed", NOW)
        answers.check_answer(session, attempt.id, person, 1, "A", "en", 1, NOW)
        attempts.hand_in(session, LIBRARY, person, attempt.id, NOW, "en", ISSUER)
        allowances.give(session, person, COURSE, QUIZ, Allowed(tries=1), "ill", None, NOW)
        certificates.revoke(session, numbers[0], "a mistake", None, NOW)
        audit.record(session, None, "revoke", numbers[0], "", NOW)
        identities.confirm(session, person, COURSE, "Ministry of Rivers", NOW.date(), None, NOW)
        editions.ask(session, person, "Ana Moanna", "", "", NOW)
        wish = editions.wish_of(session, person)
        assert wish is not None
        editions.agree(session, wish.id, uuid.uuid4(), "a letter was missing", NOW)
        issuer_keys.register(session, "z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd", NOW)
        releases.remember(session, {"modules/one.md": "A text."}, NOW)
        releases.add(session, RELEASE)
        regraded.add(session, QUIZ, Rules({}, frozenset(), False), "why", NOW)
        interventions.link(session, join(session, "twin"), person, "one passport", uuid.uuid4(), NOW)
        frozen.add(session, course=COURSE, kind="report", period="2026-10", edition=1, document="{}", sheet="",
                   by=None, reason="", now=NOW)  # fmt: skip
        people.erase(session, join(session, "gone"), NOW, keep_certificates=False)
        session.commit()
    return engine


def refused(engine: Engine, sql: str) -> str:
    with pytest.raises(IntegrityError) as caught, open_session(engine, write=True) as session:
        session.execute(text(sql))
    return str(caught.value.orig)


def test_a_fact_is_never_changed_or_deleted(full: Engine) -> None:
    for table, column in SOME_COLUMN.items():
        changed = "changes once, at hand-in" if table == "attempt" else "never changes"
        removed = "never" if table in NEVER else "only for a person who is being erased"
        assert f"refused: {table} is a fact and {changed}" in refused(full, f"UPDATE {table} SET {column} = {column}")
        assert f"refused: {table} is a fact and is deleted {removed}" in refused(full, f"DELETE FROM {table}")


def test_the_tables_tried_here_are_all_tables_of_facts() -> None:
    assert tuple(SOME_COLUMN) == FACTS


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_table_of_facts_is_never_emptied_at_once(full: Engine) -> None:
    for table in FACTS:
        assert f"refused: {table} is a fact" in refused(full, f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_replacing_a_fact_is_refused(full: Engine) -> None:
    for table in FACTS:
        sql = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"
        assert f"refused: {table} is a fact" in refused(full, sql)


def test_an_open_attempt_changes_by_its_hand_in_alone(full: Engine) -> None:
    with open_session(full, write=True) as session:
        person = people.find_login(session, "ana")
        assert person is not None
        attempts.open_attempt(session, LIBRARY, person.id, FINAL, 2, "seed", later(days=2))
        session.commit()
    for change in (
        "paper = '{}', handed_in_at = opened_at",
        "number = 7, handed_in_at = opened_at",
        "quiz = 'other', handed_in_at = opened_at",
        "opened_at = '2020-01-01 00:00:00', handed_in_at = opened_at",
        "seed = 'other', handed_in_at = opened_at",
        "answers = '{}'",
        "sex = 'man'",
    ):
        sql = f"UPDATE attempt SET {change} WHERE handed_in_at IS NULL"
        assert "refused: attempt is a fact and changes once, at hand-in" in refused(full, sql)


def test_rows_of_a_person_may_go_only_while_she_is_being_erased(session: Session) -> None:
    person = join(session)
    surveys.answer(session, SURVEYED, person, COURSE, "before", {"sure": "A"}, "en", NOW)
    complete(session, person)
    people.erase(session, person, NOW, keep_certificates=False)
    counts = {
        table: session.execute(text(f"SELECT count(*) FROM {table}")).scalar()
        for table in ("enrolment", "reading", "attempt", "grade", "completion", "certificate", "response", "person")
    }
    assert set(counts.values()) == {0}
    assert COURSE in LIBRARY.courses
