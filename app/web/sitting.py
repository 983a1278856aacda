"""An attempt as its pages need it: the quiz, the paper, each question with its texts and what was answered."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from flask import abort
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core import limits, questions
from app.core.content import Course, Item, Quiz, in_language
from app.core.grading import item_of
from app.core.papers import Answer, Paper, Question
from app.core.questions import Feedback
from app.records import answers, attempts, clocks, versions
from app.records.answers import NotFound
from app.web import db
from app.web.i18n import spoken
from app.web.library import library
from app.web.sessions import required


@dataclass(frozen=True)
class Asked:
    """One question as the page needs it: `number` from 1, its item, texts in `language`, and what was saved."""

    number: int
    total: int
    question: Question
    item: Item
    scenario: Item | None
    language: str
    value: Any
    checked: bool = False

    @property
    def text(self) -> Any:
        return in_language(self.item.texts, self.language)[1]

    @property
    def shown_language(self) -> str:
        return in_language(self.item.texts, self.language)[0]

    @property
    def body(self) -> Any:
        return questions.body_of(self.item, self.language)

    @property
    def kind(self) -> questions.Kind:
        return questions.KINDS[self.item.kind]

    @property
    def said(self) -> str:
        """The saved answer in words, empty where nothing was given."""
        return self.kind.said(self.body, self.question.drawn, self.value, self.language)

    @property
    def fill(self) -> questions.Filler:
        """Fills the parameters' values into a text."""
        return questions.Filler(self.question.drawn.values, self.language)

    def explain(self) -> Feedback:
        return self.kind.explain(self.body, self.question.drawn, self.value, self.item.partial, self.language)


@dataclass(frozen=True)
class Sitting:
    """An attempt with its quiz, paper and the items as they were asked. While it is open: the answers that were
    `checked`, and what is `left` of its time (None: no limit)."""

    attempt: Any
    course: Course
    quiz: Quiz
    paper: Paper
    items: Mapping[str, Item]
    answers: dict[int, Answer]
    checked: Mapping[int, Answer] = field(default_factory=dict)
    left: timedelta | None = None

    @property
    def one_by_one(self) -> bool:
        """Whether each question is checked by itself."""
        return limits.one_by_one(self.quiz, self.course)

    def asked(self, number: int) -> Asked:
        if not 1 <= number <= len(self.paper.questions):
            abort(404)
        question = self.paper.questions[number - 1]
        item = item_of(question, self.items)
        scenario = self.items[question.version] if question.scenario else None
        value = self.answers[number].value if number in self.answers else None
        all, language = len(self.paper.questions), spoken().language.tag
        return Asked(number, all, question, item, scenario, language, value, number in self.checked)

    @property
    def all(self) -> list[Asked]:
        return [self.asked(number) for number in range(1, len(self.paper.questions) + 1)]


def sitting(attempt: uuid.UUID) -> Sitting:
    """The signed-in person's attempt; another person's is as good as missing."""
    sat = asking(db.reading(), attempt)
    session, open_still = db.reading(), sat.attempt.handed_in_at is None
    return replace(
        sat,
        answers=attempts.answers(session, sat.attempt),
        checked=answers.checked(session, attempt) if sat.one_by_one and open_still else {},
        left=clocks.left(session, sat.attempt, sat.quiz, db.now()) if open_still else None,
    )


def asking(place: Session | Engine, attempt: uuid.UUID) -> Sitting:
    """The same without the answers."""
    try:
        found = attempts.find(place, attempt, required().id)
    except NotFound:
        abort(404)
    course = library().courses.get(found.course)
    quiz = attempts.quiz_of(place, library(), found)
    if course is None:
        abort(404)
    paper = attempts.paper_of(found)
    return Sitting(found, course, quiz, paper, versions.items_of(place, library(), paper), {})
