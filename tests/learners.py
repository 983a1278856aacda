"""Learners made straight in the database, with a session each: for tests and measurements that begin where they are."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace
from typing import Any

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.certificates import Issuer
from app.core.content import Item, Library
from app.core.grading import item_of
from app.core.questions import KINDS, body_of
from app.ops.demo_answers import answer
from app.records import attempts, people, reading, sign_ins, standing
from app.records.attempts import Attempt
from app.records.engine import open_session
from app.records.models import Person
from app.records.passwords import hash_password
from app.web import sessions
from tests.answering import right_fields

ISSUER = Issuer(name="", signatory="", role="", statement="", timezone="UTC", trial=True)
PASSWORD = "palm leaves keep words"


@dataclass(frozen=True)
class Learner:
    """Somebody who is signed in: the session's token, and the token of her forms."""

    id: uuid.UUID
    login: str
    token: str
    csrf: str

    @property
    def cookie(self) -> str:
        return f"lontar={self.token}"


def form_token(secret: bytes, person: uuid.UUID, token: str) -> str:
    """What the forms of this session carry, by the site's own rule."""
    site = Flask("forms")
    site.extensions["secret"] = secret
    signed: Any = SimpleNamespace(id=person, token_hash=sessions.hash_of(token))
    with site.app_context():
        return sessions.csrf_token(signed)


def make(
    session: Session, secret: bytes, logins: Iterable[str], name: str = "Litia Vakatawale", **more: Any
) -> list[Learner]:
    """People with these sign-in names and the same password, each signed in on a device of her own."""
    hashed, now = hash_password(PASSWORD), datetime.now(UTC)
    made = []
    for login in logins:
        person = people.register(session, login=login, password_hash=hashed, name=name, now=now, **more)
        token = sign_ins.start(session, person.id, "own", now)
        made.append(Learner(person.id, login, token, form_token(secret, person.id, token)))
    return made


def enter(engine: Engine, secret: bytes, login: str, name: str = "Litia Vakatawale", **more: Any) -> Learner:
    with open_session(engine, write=True) as session:
        (learner,) = make(session, secret, [login], name, **more)
        session.commit()
    return learner


def begin(
    session: Session, library: Library, person: uuid.UUID, quiz: str, number: int = 1, now: datetime | None = None
) -> Attempt:
    """Open an attempt. What it draws hangs on the sign-in name, so that each run of the tests asks the same."""
    seed = f"{session.get_one(Person, person).login} {quiz} {number}"
    return attempts.open_attempt(session, library, person, quiz, number, seed, now or datetime.now(UTC))


def questions(session: Session, library: Library, attempt: Attempt) -> list[Item]:
    """The item of each question, in order."""
    paper = attempts.paper_of(attempt)
    items = attempts.items_of(session, library, paper)
    return [item_of(question, items) for question in paper.questions]


def right_values(session: Session, library: Library, attempt: Attempt) -> dict[int, Any]:
    """The right answer of each question, as it is stored."""
    paper = attempts.paper_of(attempt)
    items = attempts.items_of(session, library, paper)
    found = {}
    for number, question in enumerate(paper.questions, 1):
        item = item_of(question, items)
        fields = right_fields(item, question.drawn)
        found[number] = KINDS[item.kind].read(body_of(item, "en"), question.drawn, fields)
    return found


def values(session: Session, library: Library, attempt: Attempt, likely: float, chance: Random) -> dict[int, Any]:
    """Answers as people give them, right with this likelihood."""
    if likely == 1:
        return right_values(session, library, attempt)
    paper = attempts.paper_of(attempt)
    asked = zip(paper.questions, questions(session, library, attempt), strict=True)
    return {number: answer(item, question, likely, "en", chance) for number, (question, item) in enumerate(asked, 1)}


def save(session: Session, attempt: Attempt, values: Mapping[int, Any], now: datetime | None = None) -> None:
    now = now or datetime.now(UTC)
    for number, value in values.items():
        attempts.save_answer(session, attempt.id, attempt.person_id, number, value, "en", 20, number, now)


def sit(
    session: Session,
    library: Library,
    person: uuid.UUID,
    quiz: str,
    *,
    right: bool = True,
    number: int = 1,
    now: datetime | None = None,
) -> Attempt:
    """A whole try: opened, answered, handed in."""
    now = now or datetime.now(UTC)
    attempt = begin(session, library, person, quiz, number, now)
    if right:
        save(session, attempt, right_values(session, library, attempt), now)
    attempts.hand_in(session, library, person, attempt.id, now, "en", ISSUER)
    return attempt


def read(
    session: Session,
    library: Library,
    person: uuid.UUID,
    course: str,
    leave: int = 0,
    modules: Sequence[str] | None = None,
    now: datetime | None = None,
) -> None:
    """Read every section of these modules (of all where none are named) but the last `leave`."""
    chosen = library.courses[course].modules if modules is None else modules
    places = [(module, one.id) for module in chosen for one in library.modules[module].sections]
    for module, section in places[: len(places) - leave]:
        reading.mark_read(session, library, person, course, module, section, now or datetime.now(UTC), "en", ISSUER)


def all_but_the_final(session: Session, library: Library, people: Sequence[uuid.UUID], course: str) -> None:
    """The first of these people does all that comes before the final; the others stand where she stands then, which is
    all that is looked at when they take it."""
    first, *others = people
    read(session, library, first, course)
    for module in library.courses[course].modules:
        if quiz := library.modules[module].quiz:
            sit(session, library, first, quiz)
    done = standing.facts(session, first, course)
    for person in others:
        reading.enter(session, person, course, datetime.now(UTC))
        standing.store(session, person, course, done)


def certify(session: Session, library: Library, person: uuid.UUID, course: str, now: datetime | None = None) -> None:
    """Everything that the certificate asks for."""
    outline = library.courses[course]
    read(session, library, person, course, now=now)
    for module in outline.modules:
        if quiz := library.modules[module].quiz:
            sit(session, library, person, quiz, now=now)
    if outline.final:
        sit(session, library, person, outline.final, now=now)
