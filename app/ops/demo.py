"""Demonstration people who take the course: every act goes through the functions that serve real learners.

The same seed makes the same people and deeds on the same day; ids and certificate numbers are always new. Person
number 7 is the same whether ten or ten thousand are made, and a second call goes on where the first one ended. From
number `LIVED` on people do what one of those before did (`app.ops.demo_copies`), since a life of acts takes a tenth of
a second.
"""

import secrets
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.certificates import Issuer
from app.core.content import Course, Library
from app.core.grading import item_of
from app.core.surveys import AT_THE_END, BEFORE
from app.ops import demo_surveys
from app.ops.demo_answers import answer
from app.ops.demo_copies import copy_people
from app.ops.demo_people import Plan, plan
from app.ops.issuing import issuer_of
from app.ops.serving import Stopped, checked_course, group_countries
from app.ops.stores import Bar
from app.records import attempts, audit, people, reading, sign_ins, wishes
from app.records.engine import open_session
from app.records.passwords import hash_password
from app.records.sql import statement
from config import Config

LONGEST_TRANSACTION = 0.5  # seconds; the others on the site wait no longer than this
LIVED = 400  # people who take the course act by act; the others are like one of them
SITTING = 6  # acts in one go
ENTRIES = 0.4  # share of people who take the entry check
SEEN = 0.4  # share of people whom the focal point of their country may see
LEARNING = 0.1  # how much likelier a right answer becomes with each try

REAL = statement("SELECT 1 FROM person WHERE role = 'learner' AND NOT demo LIMIT 1")
LAST = statement("SELECT max(login) FROM person WHERE demo")


class Made(NamedTuple):
    """What was made, and how to sign in as the first of these people."""

    enrolled: int
    attempts: int
    certificates: int
    login: str
    password: str

    def more(self, enrolled: int, attempts: int, certificates: int) -> "Made":
        counted = (self.enrolled + enrolled, self.attempts + attempts, self.certificates + certificates)
        return Made(*counted, self.login, self.password)


class GivenUp(Exception):
    """She goes no further."""


@dataclass
class Learner:
    """One person on her way through a course; `at` is her moment, which never passes `now`."""

    session: Session
    library: Library
    course: Course
    issuer: Issuer
    plan: Plan
    id: uuid.UUID
    at: datetime
    now: datetime
    chance: Random
    acts: int = 0
    tries: int = 0
    certificates: list[str] = field(default_factory=list)

    def spend(self, seconds: float) -> None:
        """Let time pass; ends her way where she stops, or where today is reached."""
        later = self.at + timedelta(seconds=seconds)
        if later >= self.now:
            raise GivenUp
        self.at = later

    def act(self) -> None:
        """Come to the next act, after a break where a sitting is over."""
        if self.stops_here:
            raise GivenUp
        self.acts += 1
        break_is_due = self.acts % SITTING == 0
        self.spend(self.plan.pace * self.chance.uniform(0.3, 1.7) * 86400 if break_is_due else 60)

    def take_course(self) -> None:
        self.survey(BEFORE)
        if self.course.entry and self.plan.way != "reader" and Random(f"{self.plan.seed}/entry").random() < ENTRIES:
            self.act()
            self.try_quiz(self.course.entry, 1)
        for module in (self.library.modules[id] for id in self.course.modules):
            for section in module.sections:
                self.read(module.id, section.id, section.minutes)
            if module.quiz and self.library.quizzes[module.quiz].graded and self.plan.way != "reader":
                self.take_quiz(module.quiz)
        if self.course.final and self.plan.way != "reader":
            self.take_quiz(self.course.final)
        for occasion in AT_THE_END:
            self.survey(occasion)

    def survey(self, occasion: str) -> None:
        demo_surveys.answer(
            self.session, self.library, self.course, self.id, occasion, self.plan.seed, self.language, self.at
        )

    def read(self, module: str, section: str, minutes: int) -> None:
        self.act()
        self.spend(minutes * 60 * self.chance.uniform(0.4, 1.6))
        self.certificates += reading.mark_read(
            self.session, self.library, self.id, self.course.id, module, section, self.at, self.language, self.issuer
        )

    def take_quiz(self, quiz: str) -> None:
        """Try until it is passed, or patience ends."""
        for number in range(1, self.plan.patience + 1):
            self.act()
            if self.try_quiz(quiz, number):
                return
        raise GivenUp

    def try_quiz(self, quiz: str, number: int) -> bool:
        attempt = self.open(quiz, number)
        paper = attempts.paper_of(attempt)
        items = attempts.items_of(self.session, self.library, paper)
        likely = self.plan.skill + LEARNING * (number - 1)
        for place, question in enumerate(paper.questions, 1):
            given = answer(item_of(question, items), question, likely, self.language, self.chance)
            seconds = min(900, int(self.chance.lognormvariate(3.7, 0.6)))
            self.spend(seconds)
            if self.stops_here and place > len(paper.questions) // 2:
                raise GivenUp  # the attempt stays open
            if given is not None:
                issued = int(self.at.timestamp() * 1_000_000)
                attempts.save_answer(
                    self.session, attempt.id, self.id, place, given, self.language, seconds, issued, self.at
                )
        self.spend(30)
        handed = attempts.hand_in(self.session, self.library, self.id, attempt.id, self.at, self.language, self.issuer)
        self.certificates += handed.certificates
        return handed.grade.passed

    def open(self, quiz: str, number: int) -> attempts.Attempt:
        """Open the attempt, waiting first where the quiz asks for it."""
        for _ in range(2):
            try:
                seed = f"{self.plan.seed}/{quiz}/{number}"
                opened = attempts.open_attempt(self.session, self.library, self.id, quiz, number, seed, self.at)
            except attempts.Refused as refused:
                if refused.opens_at is None:
                    break
                self.spend((refused.opens_at - self.at).total_seconds() + self.chance.uniform(60, 200_000))
            else:
                self.tries += 1
                return opened
        raise GivenUp

    @property
    def stops_here(self) -> bool:
        return self.plan.way == "stops" and self.acts >= self.plan.acts

    @property
    def language(self) -> str:
        return self.course.languages[0]


def populate(
    engine: Engine, config: Config, learners: int, seed: str, now: datetime, bar: Bar, lived: int = LIVED
) -> Made:
    """Add that many demonstration people. Raises Stopped where there are real learners or the course has errors."""
    library = checked_course(config)
    first = _first_number(engine)
    group_countries(engine, library)
    password = "-".join(secrets.token_hex(2) for _ in range(5))
    hashed, local = hash_password(password), now.astimezone(config.zone)
    end = first + learners
    made = Made(0, 0, 0, login_of(first), password)
    if acting := range(first, max(first, min(end, lived + 1))):
        made = _act(engine, library, config, acting, seed, hashed, local, made, bar)
    if like := range(max(first, lived + 1), end):
        with bar("Copying", len(like)) as step:
            copied = copy_people(engine, like, lived, seed, config.languages, hashed, local, step, login_of)
        made = made.more(copied.enrolled, copied.attempts, copied.certificates)
    with open_session(engine, write=True) as session:
        audit.record(session, None, "demo", f"{learners} people", seed, now)
        session.commit()
    return made


def _act(
    engine: Engine,
    library: Library,
    config: Config,
    numbers: range,
    seed: str,
    password_hash: str,
    now: datetime,
    made: Made,
    bar: Bar,
) -> Made:
    """Let the people of these numbers take the course."""
    with bar("Learning", len(numbers)) as step:
        for number, session in _sessions(engine, numbers):
            her_plan = plan(f"{seed}/{number}", config.languages)
            learner = _join(session, library, config, her_plan, number, password_hash, now)
            _live(learner)
            made = made.more(bool(learner.acts), learner.tries, len(learner.certificates))
            step(1)
    return made


def login_of(number: int) -> str:
    return f"demo-{number:07d}"


def _first_number(engine: Engine) -> int:
    with open_session(engine, write=False) as session:
        if session.execute(REAL).first():
            raise Stopped("this database has real learners, so no demonstration people are added; use another instance")
        last = session.execute(LAST).scalar()
        return int(last.rpartition("-")[2]) + 1 if last else 1


def _sessions(engine: Engine, numbers: range) -> Iterator[tuple[int, Session]]:
    """Each number with a session; many people share a transaction, but none lasts long."""
    waiting = iter(numbers)
    number = next(waiting, None)
    while number is not None:
        with open_session(engine, write=True) as session:
            began = time.monotonic()
            while number is not None and time.monotonic() - began < LONGEST_TRANSACTION:
                yield number, session
                number = next(waiting, None)
            session.commit()


def _join(
    session: Session, library: Library, config: Config, plan: Plan, number: int, password_hash: str, now: datetime
) -> Learner:
    at = now - timedelta(days=plan.days_ago)
    person = people.register(
        session,
        login=login_of(number),
        password_hash=password_hash,
        name=plan.name,
        now=at,
        demo=True,
        **plan.profile,
    )
    if Random(f"{plan.seed}/seen").random() < SEEN:
        wishes.keep(session, person.id, wishes.Wishes(seen=True), at)
    chance = Random(f"{plan.seed}/deeds")
    course = library.courses[chance.choice(sorted(library.courses))]
    return Learner(session, library, course, issuer_of(config), plan, person.id, at, now, chance)


def _live(learner: Learner) -> None:
    """Everything she does until she stops, is done, or it is today."""
    with suppress(GivenUp):
        learner.spend(learner.chance.uniform(60, 3600))
        if learner.plan.way != "visitor":
            reading.enrol(learner.session, learner.library, learner.id, learner.course.id, learner.at)
            learner.take_course()
    learner.session.execute(sign_ins.SEEN, {"person_id": learner.id, "now": learner.at})
