"""Tokens of other systems: what counts, what ends one, what is noted; on both databases."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.records import audit, people, tokens
from app.records.tokens import Wanted
from tests.records.samples import NOW, join, later

ALL = Wanted("HR of Fiji", ("counts", "people"), "FJ", later(days=30))


def boss(session: Session) -> uuid.UUID:
    join(session, "second", role="administrator")
    return join(session, "boss", role="administrator")


def test_a_token_is_found_by_its_secret_alone(session: Session) -> None:
    by = boss(session)
    id, secret = tokens.make(session, by, ALL, NOW)
    found = tokens.find(session, secret, NOW)
    assert found is not None
    assert (found.id, found.person_id, found.scopes, found.country) == (id, by, ("counts", "people"), "FJ")
    assert (len(secret), secret[:7]) == (tokens.LENGTH, "lontar_")
    assert [tokens.find(session, wrong, NOW) for wrong in (secret[:-1], secret.upper(), "", str(id))] == [None] * 4
    row = tokens.every(session)[0]
    assert secret not in str(tuple(row))
    assert [(act.deed, act.subject, act.detail) for act in audit.latest(session)] == [
        ("token", str(id), "counts people FJ")
    ]
    with pytest.raises(ValueError, match="without a scope"):
        tokens.make(session, by, Wanted("x", ()), NOW)


def test_what_ends_a_token(session: Session) -> None:
    by = boss(session)
    _id, secret = tokens.make(session, by, ALL, NOW)
    assert tokens.find(session, secret, later(days=30, seconds=-1)) is not None
    assert tokens.find(session, secret, later(days=30)) is None
    people.disable(session, by, NOW)
    assert tokens.find(session, secret, NOW) is None
    people.enable(session, by)
    people.set_role(session, by, "author")
    assert tokens.find(session, secret, NOW) is None
    people.set_role(session, by, "administrator")
    assert tokens.find(session, secret, NOW) is not None
    id = tokens.every(session)[0].id
    assert [tokens.revoke(session, id, by, NOW) for _ in range(2)] == [True, False]
    assert tokens.find(session, secret, NOW) is None
    assert tokens.revoke(session, uuid.UUID(int=1), by, NOW) is False
    people.erase(session, by, NOW, keep_certificates=True)
    assert tokens.every(session) == []


def test_records_of_persons_are_noted_once_a_day(session: Session) -> None:
    by = boss(session)
    _id, secret = tokens.make(session, by, ALL, NOW)
    for hours, records in ((0, False), (1, True), (2, True), (25, True)):
        found = tokens.find(session, secret, later(hours=hours))
        assert found is not None
        assert tokens.to_be_noted(found, records, later(hours=hours))
        tokens.note_use(session, found, records, later(hours=hours))
        used = tokens.find(session, secret, later(hours=hours))
        assert used is not None
        assert not tokens.to_be_noted(used, records, later(hours=hours) + timedelta(minutes=5))
    reads = [(act.deed, act.detail, act.at, act.by) for act in audit.latest(session)][:-1]
    said = ("token read", "records of persons, FJ")
    assert reads == [(*said, later(hours=25), by), (*said, later(hours=1), by)]
