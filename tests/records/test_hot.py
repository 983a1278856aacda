"""Statements that go straight to the driver: the same values on both databases, in the session's own transaction."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from app.records import hot, locks, people
from app.records.engine import open_session
from app.records.sql import Many, Plain
from tests.records.samples import NOW, join

WHO = Plain("SELECT id, login, demo, joined_at, disabled_at FROM person WHERE login LIKE '%' AND id = :id")
CLOSE = Plain("UPDATE person SET disabled_at = :now WHERE id = :id")
COUNT = Plain("SELECT count(*) AS n FROM person")


def test_rows_hold_ids_moments_and_flags_as_they_were_given(session: Session) -> None:
    id = join(session)
    row = hot.first(session, WHO, {"id": id})
    assert (row.id, row.login, row.demo, row.joined_at, row.disabled_at) == (id, "ana", False, NOW, None)
    assert hot.first(session, WHO, {"id": uuid.uuid4()}) is None
    assert hot.rows(session, WHO, {"id": uuid.uuid4()}) == []


def test_plain_statements_and_those_of_sqlalchemy_see_each_other(session: Session) -> None:
    id = join(session)
    local = datetime(2026, 11, 22, 16, 30, 0, 250_000, tzinfo=timezone(timedelta(hours=7)))
    assert hot.rows(session, CLOSE, {"id": id, "now": local}) == []
    session.expire_all()
    person = people.get(session, id)
    assert person.disabled_at == local.astimezone(UTC)
    person.demo = True
    assert hot.first(session, WHO, {"id": id}).demo is True


def test_a_moment_without_a_time_zone_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        hot.rows(session, CLOSE, {"id": join(session), "now": NOW.replace(tzinfo=None)})


def test_an_engine_reads_what_is_committed_and_changes_nothing(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        id = join(session)
        assert hot.first(session, COUNT, {}).n == 1
        assert hot.first(engine, COUNT, {}).n == 0
        session.commit()
    assert hot.first(engine, WHO, {"id": id}).login == "ana"
    with pytest.raises(ValueError, match="an engine only reads"):
        hot.rows(engine, CLOSE, {"id": id, "now": NOW})


def test_a_session_knows_that_it_wrote_and_what_it_leaves_is_undone(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        id = join(session)
        session.commit()
    with open_session(engine, write=True) as session:
        hot.first(session, WHO, {"id": id})
        assert hot.WROTE not in session.info
        hot.rows(session, CLOSE, {"id": id, "now": NOW})
        assert session.info[hot.WROTE] is True
    assert hot.first(engine, WHO, {"id": id}).disabled_at is None


def test_a_session_goes_on_after_a_commit_and_after_a_rollback(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        for ending in (session.commit, session.rollback, session.commit):
            join(session, uuid.uuid4().hex)
            session.execute(text("UPDATE person SET language = 'fr'"))
            ending()
        assert hot.first(session, COUNT, {}).n == 2
    assert hot.first(engine, COUNT, {}).n == 2


def test_what_is_known_of_a_person(session: Session) -> None:
    id = join(session)
    known = locks.known(session, id)
    assert (known.id, known.country, known.sex, known.demo) == (id, "FJ", "woman", False)
    with pytest.raises(NoResultFound):
        locks.known(session, uuid.uuid4())


AWKWARD = (
    "plain",
    "",
    "NULL",
    'a "quoted" one',
    "back\\slash",
    "comma, {brace}",
    "ต้นลาน",
    "line\nend",
    " space ",
    '","',
)


@pytest.mark.parametrize("several", [AWKWARD, AWKWARD[:3], AWKWARD[3:4], AWKWARD[4:5], AWKWARD[5:9], AWKWARD[9:]])
def test_many_rows_keep_every_letter(engine: Engine, several: tuple[str, ...]) -> None:
    """Also where the driver is given all of a column as one text."""
    adding = Many.counts("country_tally", ("course", "measure", "month", "country", "sex", "named"))
    rows = [(one, one, "2026-11", one, "", "yes", place - 5) for place, one in enumerate(several)]
    with open_session(engine, write=True) as session:
        for _ in range(2):
            hot.many(session, adding, rows)
        found = session.execute(text("SELECT course, measure, month, country, sex, named, n FROM country_tally")).all()
        assert sorted(map(tuple, found)) == sorted((*row[:-1], 2 * row[-1]) for row in rows)
