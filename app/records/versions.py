"""What learners saw, kept by its hash when first needed, so that the database alone can explain an old grade.

The content of an item or a section is what its hash was made of. A quiz keeps its rules and its items' versions.
"""

from collections.abc import Callable, Mapping, Set
from datetime import datetime
from functools import lru_cache, partial

import msgspec
from msgspec.structs import replace
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.content import Item, Library, Quiz, Section, Struct, canonical
from app.core.papers import Paper
from app.records import hot
from app.records.models import Version
from app.records.sql import Plain, insertion, query

KNOWN = query("SELECT hash FROM version WHERE hash IN :hashes")
FIND = query("SELECT hash, content FROM version WHERE kind = :kind AND hash IN :hashes")
ONE = Plain("SELECT content FROM version WHERE kind = :kind AND hash = :hash")
ADD = insertion(Version, "ON CONFLICT (hash) DO NOTHING")


class Bank(Struct):
    """A quiz as it was: its rules, and the versions of the items that it could ask."""

    quiz: Quiz
    items: tuple[str, ...]


def remember(session: Session, kind: str, wanted: Mapping[str, Callable[[], object]], now: datetime) -> None:
    """Keep these versions (hash -> what makes the content), those that are not kept yet."""
    known = set(session.execute(KNOWN, {"hashes": list(wanted)}).scalars())
    for hash in sorted(wanted.keys() - known):
        content = canonical(wanted[hash]()).decode()
        session.execute(ADD, {"hash": hash, "kind": kind, "content": content, "at": now})


def remember_section(session: Session, section: Section, now: datetime) -> None:
    remember(session, "section", {section.version: lambda: replace(section, version="")}, now)


def remember_paper(session: Session, quiz: Quiz, paper: Paper, now: datetime) -> None:
    """Keep the quiz and every item that the paper asks."""
    remember(session, "quiz", {quiz.version: lambda: _bank(quiz)}, now)
    asked = {question.version for question in paper.questions}
    items = {item.version: partial(replace, item, version="") for item in quiz.items if item.version in asked}
    remember(session, "item", items, now)


def remember_survey(session: Session, survey: Quiz, now: datetime) -> None:
    """Keep a survey and all its questions."""
    remember(session, "quiz", {survey.version: lambda: _bank(survey)}, now)
    remember(session, "item", {item.version: partial(replace, item, version="") for item in survey.items}, now)


def _bank(quiz: Quiz) -> Bank:
    return Bank(quiz=replace(quiz, items=()), items=tuple(item.version for item in quiz.items))


class Shelf:
    """The items of the library that was asked for last, by version: each server has one at a time."""

    def __init__(self) -> None:
        self.held: tuple[Library | None, Mapping[str, Item]] = (None, {})

    def of(self, library: Library) -> Mapping[str, Item]:
        held, items = self.held
        if held is not library:
            items = {item.version: item for quiz in library.quizzes.values() for item in quiz.items}
            self.held = (library, items)
        return items


SHELF = Shelf()


def items_of(place: Session | Engine, library: Library, paper: Paper) -> Mapping[str, Item]:
    """The versions of the items that a paper asks, by their hash: from the library, or else as they were kept.

    Raises LookupError for a version that nobody kept.
    """
    return items_at(place, library, {question.version for question in paper.questions})


def items_at(place: Session | Engine, library: Library, wanted: Set[str]) -> Mapping[str, Item]:
    """Items by the hash of their version: from the library, or else as they were kept. Raises LookupError."""
    today = SHELF.of(library)
    return {version: today.get(version) or kept_item(place, version) for version in wanted}


def kept_item(place: Session | Engine, version: str) -> Item:
    """An item as it was kept at this version. Raises LookupError for one that nobody kept."""
    content = _content(place, "item", version)
    if content is None:
        raise LookupError(f"no item was kept as version {version}")
    return _item(version, content)


@lru_cache(maxsize=1024)
def _item(version: str, content: str) -> Item:
    return replace(msgspec.json.decode(content, type=Item), version=version)


def _content(place: Session | Engine, kind: str, version: str) -> str | None:
    row = hot.first(place, ONE, {"kind": kind, "hash": version})
    return row.content if row else None


def quiz(place: Session | Engine, library: Library, id: str, version: str) -> Quiz:
    """A quiz as it was at this version: from the library, or else as it was kept, then without its items.

    Raises LookupError for a version that nobody kept.
    """
    today = library.quizzes.get(id)
    if today and today.version == version:
        return today
    content = _content(place, "quiz", version)
    if content is None:
        raise LookupError(f"no quiz was kept as version {version}")
    return msgspec.json.decode(content, type=Bank).quiz


def survey(session: Session, library: Library, id: str, version: str) -> Quiz:
    """A survey as it was at this version, with its questions. Raises LookupError for one that nobody kept."""
    today = library.quizzes.get(id)
    if today and today.version == version:
        return today
    row = session.execute(FIND, {"kind": "quiz", "hashes": [version]}).first()
    if row is None:
        raise LookupError(f"no survey was kept as version {version}")
    bank = msgspec.json.decode(row.content, type=Bank)
    kept = {row.hash: row.content for row in session.execute(FIND, {"kind": "item", "hashes": list(bank.items)})}
    items = tuple(replace(msgspec.json.decode(kept[hash], type=Item), version=hash) for hash in bank.items)
    return replace(bank.quiz, items=items, version=version)


def section(session: Session, version: str) -> Section | None:
    """A section as it was at this version, if a learner read it then."""
    row = session.execute(FIND, {"kind": "section", "hashes": [version]}).first()
    return replace(msgspec.json.decode(row.content, type=Section), version=version) if row else None
