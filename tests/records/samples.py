"""A small course made by hand: two modules, a quiz with three tries, a final with a wait; and people who take it."""

import uuid
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from app.core.certificates import Issuer
from app.core.content import (
    Course,
    DrawRule,
    Item,
    ItemText,
    Library,
    Module,
    ModuleText,
    Part,
    Quiz,
    Section,
    SectionText,
    digest,
)
from app.core.papers import Paper
from app.core.questions import single
from app.core.questions._options import Option
from app.records import attempts, people, reading, tallies

NOW = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
ISSUER = Issuer(name="Institute of Pacific Studies", signatory="Mere Talani", role="Director", timezone="Pacific/Fiji")
COURSE = "islands"
QUIZ, FINAL = "rights-quiz", "final-test"
SECTIONS = (("welcome", "start"), ("welcome", "tour"), ("rights", "law"), ("rights", "duty"))
PROFILE = {
    "name_latin": "Ana Moana",
    "email": "ana@example.org",
    "country": "FJ",
    "sex": "woman",
    "ministry_type": "labour",
    "organisation": "Ministry of Employment",
    "age_band": "35-44",
    "language": "en",
}


def later(**passed: float) -> datetime:
    return NOW + timedelta(**passed)


def versioned(thing: Item | Section | Quiz) -> "Item | Section | Quiz":
    return msgspec.structs.replace(thing, version=digest(thing))


def item(id: str, quiz: str, right: int = 0) -> Item:
    options = tuple(Option(text=f"{id} {place}", right=place == right) for place in range(4))
    body = msgspec.json.decode(msgspec.json.encode(single.Body(options=options)))
    texts = {"en": ItemText(heading=f"What is {id}?", body=body)}
    made = versioned(Item(id=id, quiz=quiz, kind="single", texts=texts, module="rights", key_hash=f"key-{id}"))
    assert isinstance(made, Item)
    return made


def quiz(id: str, n: int, **rules: object) -> Quiz:
    items = tuple(item(f"{id}-{number}", id, number % 4) for number in range(n))
    made = versioned(Quiz(id=id, title={"en": id}, items=items, **rules))
    assert isinstance(made, Quiz)
    return made


def section(module: str, id: str) -> Section:
    text = SectionText(title=id, parts=(Part(kind="html", html=f"<p>{id}</p>"),), words=400, source=id)
    made = versioned(Section(id=id, module=module, texts={"en": text}, minutes=5))
    assert isinstance(made, Section)
    return made


def module(id: str, quiz: str | None) -> Module:
    sections = tuple(section(id, one) for part, one in SECTIONS if part == id)
    return Module(id=id, texts={"en": ModuleText(title=id, intro="")}, sections=sections, quiz=quiz)


def library() -> Library:
    course = Course(
        id=COURSE,
        title={"en": "Islands"},
        version="1.0",
        hours=3,
        languages=("en",),
        licence="CC BY 4.0",
        modules=("welcome", "rights"),
        final=FINAL,
        participation={"every_section_read": True},
        completion={"every_quiz_passed": True, "final_passed": True},
    )
    quizzes = (
        quiz(QUIZ, 4, attempts=3),
        quiz(FINAL, 6, draw=(DrawRule(n=3),), wait_after=1, wait_minutes=24 * 60),
    )
    return Library(
        courses={COURSE: course},
        modules={"welcome": module("welcome", None), "rights": module("rights", QUIZ)},
        quizzes={one.id: one for one in quizzes},
        figures={},
        terms={},
        countries={},
        actions={},
        release="release-1",
    )


LIBRARY = library()


def join(session: Session, login: str = "ana", name: str = "Ana Moana", **profile: object) -> uuid.UUID:
    wanted = PROFILE | profile
    return people.register(session, login=login, password_hash="hash", name=name, now=NOW, **wanted).id


def read_all(session: Session, person: uuid.UUID, now: datetime = NOW) -> tuple[str, ...]:
    """Mark every section as read; returns the numbers of the certificates that fell due."""
    return tuple(
        number
        for place, (module, section) in enumerate(SECTIONS)
        for number in reading.mark_read(
            session, LIBRARY, person, COURSE, module, section, now + timedelta(seconds=place), "en", ISSUER
        )
    )


def right_answers(paper: Paper) -> dict[int, str]:
    """The letters that are right, by the number of the question."""
    items = {item.id: item for quiz in LIBRARY.quizzes.values() for item in quiz.items}
    return {
        number: "ABCD"[
            next(i for i, option in enumerate(items[question.item].original.body["options"]) if option["right"])
        ]
        for number, question in enumerate(paper.questions, 1)
    }


def take(
    session: Session, person: uuid.UUID, quiz: str, number: int, now: datetime = NOW, right: bool = True
) -> attempts.Handed:
    """Open an attempt, answer everything right (or nothing), hand it in."""
    attempt = attempts.open_attempt(session, LIBRARY, person, quiz, number, f"seed {number}", now)
    for question, letter in right_answers(attempts.paper_of(attempt)).items() if right else ():
        attempts.save_answer(session, attempt.id, person, question, letter, "en", 5, 1, now)
    return attempts.hand_in(session, LIBRARY, person, attempt.id, now, "en", ISSUER)


def complete(session: Session, person: uuid.UUID, now: datetime = NOW) -> tuple[str, ...]:
    """Take the whole course; returns the numbers of both certificates."""
    numbers = read_all(session, person, now)
    for quiz in (QUIZ, FINAL):
        numbers += take(session, person, quiz, 1, now + timedelta(minutes=1)).certificates
    return numbers


def tallied(session: Session) -> dict[str, int]:
    """The tallies by measure alone."""
    sums: dict[str, int] = {}
    for key, n in tallies.counted(session).items():
        sums[key[1]] = sums.get(key[1], 0) + n
    return sums
