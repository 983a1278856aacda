"""Erasing a person: nothing personal stays, counts do, certificates as she chose."""

import sqlite3
import uuid
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from app.core.limits import Allowed
from app.records import (
    allowances,
    announcements,
    answers,
    attempts,
    certificates,
    clocks,
    cohorts,
    drafts,
    editions,
    focal_posts,
    hot,
    identities,
    interventions,
    invitations,
    notes,
    outbox,
    people,
    saved_exports,
    second_steps,
    sign_ins,
    standing,
    surveys,
    tallies,
    tokens,
    wishes,
)
from app.records.engine import empty_log, file_of, open_session, scrub
from app.records.models import Base
from tests.records.samples import COURSE, LIBRARY, NOW, QUIZ, complete, join, later
from tests.records.surveyed import SURVEYED

SIGNS = (
    "Xanthippe",
    "xanthippe",
    "ザンティッペ",
    "Queequeg",
    "x.secret@example.org",
    "Ministry of Whales",
    "my whale plan",
)


CLERK = uuid.UUID(int=7)
NAMES = ("ザンティッペ", "Queequeg")


def full_life(session: Session) -> uuid.UUID:
    """A person with a row in every table, each personal text with a sign that can be looked for."""
    person = join(
        session,
        "Xanthippe",
        "ザンティッペ",
        name_latin="Queequeg",
        email="x.secret@example.org",
        organisation="Ministry of Whales",
    )
    focal_posts.begin(session, person, "FJ", None, NOW)
    interventions.correct_name(session, person, NAMES, ("ザンティッペ", "Queequeg Q"), "Xanthippe asked", CLERK, NOW)
    surveys.answer(session, SURVEYED, person, COURSE, "before", {"sure": "Queequeg"}, "en", NOW)
    complete(session, person)
    surveys.dismiss(session, person, COURSE, "end", NOW)
    attempt = attempts.open_attempt(session, LIBRARY, person, QUIZ, 2, "seed", later(days=1))
    attempts.save_answer(session, attempt.id, person, 1, "Queequeg", "en", 1, 1, NOW)
    answers.check_answer(session, attempt.id, person, 1, "Queequeg", "en", 1, NOW)
    clocks.start(session, attempt.id, NOW)
    allowances.give(session, person, COURSE, "", Allowed(extra=50), "Xanthippe reads slowly", None, NOW)
    notes.save_note(session, person, "plan", "my whale plan", 1, NOW)
    sign_ins.start(session, person, "own", NOW)
    sign_ins.make_code(session, person, "recovery", NOW, timedelta(days=1))
    draft = drafts.add(session, person, "Queequeg", False, [drafts.Remark("Queequeg", 1, "x.secret")], NOW)
    drafts.put(session, draft, {"modules/one.md": b"Queequeg"})
    identities.confirm(session, person, COURSE, "Ministry of Whales", NOW.date(), None, NOW)
    for name in ("Xanthippe Q", "Xanthippe QX"):  # the first is issued, the second waits
        editions.ask(session, person, name, "Queequeg", "Xanthippe was a slip", NOW)
        wish = editions.wish_of(session, person)
        assert wish is not None
        for _ in range(2 if name == "Xanthippe Q" else 0):
            editions.agree(session, wish.id, uuid.uuid4(), "Queequeg showed a passport", NOW)
    outbox.add(session, person, "x.secret@example.org", "Hello Xanthippe", "Dear Queequeg", NOW)
    wishes.keep(session, person, wishes.Wishes(True, True), NOW)
    wishes.share(session, person, "plan", True, NOW)
    join_by_invitation(session, person)
    second_steps.turn_on(session, b"secret", person, second_steps.new_key(), 1, NOW)
    words = announcements.Words("The site rests", "On Friday.")
    announcements.add(session, {"en": words}, (NOW.date(), None), person, NOW)
    row = {"id": CLERK, "hash": "x", "name": "Queequeg's portal", "scopes": "counts", "country": None, "at": NOW}
    row |= {"person_id": person, "expires_at": None, "revoked_at": None, "used_at": None, "noted": ""}
    session.execute(tokens.ADD, row)
    return person


def join_by_invitation(session: Session, person: uuid.UUID) -> None:
    values = dict.fromkeys(cohorts.FIELDS) | {"name": "Islands", "course": COURSE, "office": "", "confirmed": False}
    cohort = cohorts.make(session, values, person, NOW)
    cohorts.make_key(session, cohort.id, person, NOW, None, None)
    saved_exports.save(session, "Monthly", "items", (), {}, "csv", person, NOW)
    invited = invitations.Invited("Xanthippe", "Queequeg", "x.secret@example.org", about={"sex": "woman"})
    id = invitations.invite(session, b"secret", cohort, invited, person, NOW)
    found = invitations.find(session, id) if id else None
    assert found is not None
    invitations.accept(session, LIBRARY, found, person, NOW)


def dump(session: Session) -> str:
    """Every row of every table as text."""
    return "\n".join(
        str(tuple(row)) for table in Base.metadata.sorted_tables for row in session.execute(table.select())
    )


def test_the_signs_are_there_before(session: Session) -> None:
    full_life(session)
    everything = dump(session)
    assert [sign for sign in SIGNS if sign not in everything] == []
    empty = {table.name for table in Base.metadata.sorted_tables if session.execute(table.select()).first() is None}
    not_hers = {"issuer_key", "sealed_key", "source", "release", "listed_organisation", "organisation_merge", "no_mail"}
    not_hers |= {"import_run", "import_row", "uptime", "country_group", "course_quiz", "kept_step", "denominator"}
    not_hers |= {"double_count", "regrade", "frozen"}
    assert empty == {"act", "erasure", "throttle", "tombstone", "kept_count"} | not_hers


def test_nothing_personal_stays_in_any_table(session: Session) -> None:
    person = full_life(session)
    numbers = [one.number for one in certificates.of_person(session, person, NOW)]
    counts = tallies.counted(session)
    people.erase(session, person, NOW, keep_certificates=False)
    everything = dump(session)
    assert [sign for sign in SIGNS if sign in everything] == []
    assert everything.count(str(person)) == everything.count(repr(person)) == 1  # in `erasure`
    assert tallies.counted(session) == counts
    assert standing.compare(session) == []
    assert [found.status for number in numbers if (found := certificates.find(session, number, NOW))] == [
        "withdrawn",
        "withdrawn",
    ]
    assert [found.record for number in numbers if (found := certificates.find(session, number, NOW))] == [None, None]


def test_a_kept_certificate_goes_on_to_be_valid(session: Session) -> None:
    person = full_life(session)
    before = certificates.of_person(session, person, NOW)
    people.erase(session, person, NOW, keep_certificates=True)
    assert [certificates.find(session, one.number, NOW) for one in before] == list(before)
    assert standing.compare(session) == []
    assert "x.secret@example.org" not in dump(session)


def test_an_erased_sign_in_name_may_be_taken_again(session: Session) -> None:
    people.erase(session, join(session), NOW, keep_certificates=True)
    assert people.find_login(session, "ana") is None
    assert people.get(session, join(session)).login == "ana"


def test_only_her_rows_go(session: Session) -> None:
    other = join(session, "other", organisation="Ministry of Whales")
    complete(session, other)
    facts = standing.facts(session, other, COURSE)
    people.erase(session, full_life(session), NOW, keep_certificates=False)
    assert standing.recount(session, other, COURSE) == facts
    assert len(certificates.of_person(session, other, NOW)) == 2
    assert people.organisation_name(session, people.get(session, other)) == "Ministry of Whales"


def test_a_linked_account_stays_without_its_link(session: Session) -> None:
    person, twin = join(session), join(session, "twin")
    people.get(session, twin).same_as = person
    session.flush()
    people.erase(session, person, NOW, keep_certificates=True)
    session.expire_all()
    assert people.get(session, twin).same_as is None


def test_nobody_is_erased_twice(session: Session) -> None:
    person = join(session)
    people.erase(session, person, NOW, keep_certificates=True)
    with pytest.raises(NoResultFound):
        people.erase(session, person, NOW, keep_certificates=True)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_files_hold_nothing_either(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        others = [join(session, f"other{number}", f"Person {number}") for number in range(30)]
        person = full_life(session)
        session.commit()
        people.erase(session, person, NOW, keep_certificates=False)
        session.commit()
    scrub(engine)
    path = file_of(engine)
    assert path is not None
    assert signs_in(path) == []
    assert len(others) == 30
    hot.close(engine)
    assert signs_in(path) == []
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_an_emptied_log_is_enough_while_the_server_runs(engine: Engine) -> None:
    """What was erased is overwritten in the file at once; only the log remembers it until it is emptied."""
    with open_session(engine, write=True) as session:
        person = full_life(session)
        session.commit()
        people.erase(session, person, NOW, keep_certificates=False)
        session.commit()
    path = file_of(engine)
    assert path is not None
    assert signs_in(path) != []
    assert empty_log(engine)
    assert signs_in(path) == []


def signs_in(path: Path) -> list[tuple[str, str]]:
    """Personal texts in the bytes of the database and the files beside it."""
    files = [file for file in path.parent.iterdir() if file.name.startswith(path.name)]
    content = {file.name: file.read_bytes() for file in files}
    return [(name, sign) for name, held in content.items() for sign in SIGNS if sign.encode() in held]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_the_server_may_be_scrubbed(engine: Engine) -> None:
    with open_session(engine, write=True) as session:
        people.erase(session, full_life(session), NOW, keep_certificates=False)
        session.commit()
    scrub(engine)
    with open_session(engine, write=False) as session:
        assert session.execute(text("SELECT count(*) FROM person")).scalar() == 0
