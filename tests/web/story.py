"""What learners do, step by step as the pages offer it; the tests of many pages begin where these end."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from app.core.grading import item_of
from app.core.papers import Paper, Question
from app.records import models, people, versions
from app.records.engine import open_session
from tests import learners
from tests.answering import right_fields
from tests.web.conftest import Site
from tests.web.visitor import Page, Visitor

Choose = Callable[[Any, Question], Mapping[str, Any]]


def knowing(item: Any, question: Question) -> Mapping[str, Any]:
    return right_fields(item, question.drawn)


def empty(item: Any, question: Question) -> Mapping[str, Any]:
    return {}


def person_id(site: Site, login: str) -> uuid.UUID:
    with open_session(site.engine, write=False) as session:
        found = people.find_login(session, login)
        assert found is not None
        return found.id


def read_everything(visitor: Visitor, site: Site, course: str) -> Page:
    """Every section, by its button; returns the page after the last one."""
    outline = site.library.courses[course]
    page = visitor.get(f"/courses/{course}/")
    for module in outline.modules:
        for section in site.library.modules[module].sections:
            page = visitor.get(f"/courses/{course}/{module}/{section.id}")
            page = visitor.submit(page, f"/{section.id}/read", status=200)
    return page


def read_the_last(visitor: Visitor, id: uuid.UUID, site: Site, course: str) -> Page:
    """The last section by its button, after those before it in the database; returns the page after it."""
    with open_session(site.engine, write=True) as session:
        learners.read(session, site.library, id, course, leave=1, now=site.now)
        session.commit()
    module = site.library.modules[site.library.courses[course].modules[-1]]
    page = visitor.get(f"/courses/{course}/{module.id}/{module.sections[-1].id}")
    return visitor.submit(page, f"/{module.sections[-1].id}/read", status=200)


def open_quiz(visitor: Visitor, site: Site, course: str, quiz: str) -> Page:
    """The first question of a new try."""
    page = visitor.get(f"/courses/{course}/quizzes/{quiz}")
    confirmed = {"name_confirmed": "yes"} if quiz == site.library.courses[course].final else {}
    return visitor.submit(page, f"/quizzes/{quiz}", status=200, **confirmed)


def attempt_of(page: Page) -> uuid.UUID:
    return uuid.UUID(page.path.split("/")[2])


def paper_of(site: Site, attempt: uuid.UUID) -> tuple[Paper, Mapping[str, Any]]:
    with open_session(site.engine, write=False) as session:
        row = session.get_one(models.Attempt, attempt)
        paper = msgspec.json.decode(row.paper, type=Paper)
        return paper, versions.items_of(session, site.library, paper)


def answer_all(visitor: Visitor, site: Site, first: Page, choose: Choose = knowing) -> Page:
    """Each question by its form; returns the review list."""
    attempt = attempt_of(first)
    paper, items = paper_of(site, attempt)
    page = first
    for number, question in enumerate(paper.questions, 1):
        page = visitor.get(f"/attempts/{attempt}/{number}")
        fields = choose(item_of(question, items), question)
        page = visitor.submit(page, f"/attempts/{attempt}/{number}", status=200, **fields)
    return page


def take_quiz(visitor: Visitor, site: Site, course: str, quiz: str, choose: Choose = knowing) -> Page:
    """A whole try; returns the result."""
    review = answer_all(visitor, site, open_quiz(visitor, site, course, quiz), choose)
    return visitor.submit(review, "/hand-in", status=200)


def quizzes_of(site: Site, course: str) -> list[str]:
    outline = site.library.courses[course]
    named = [site.library.modules[module].quiz for module in outline.modules]
    return [quiz for quiz in named if quiz]
