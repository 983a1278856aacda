"""A quiz that tells after each question: an answer that was checked stays, and its worth is shown at once."""

import dataclasses
from typing import Any

import msgspec
from flask import Response, make_response, render_template
from msgspec.structs import replace

from app.core.limits import BEFORE, table
from app.core.papers import Paper
from app.core.questions import Unreadable
from app.core.tallying import VOID
from app.records import answers, regraded, versions
from app.web import db
from app.web.i18n import N_
from app.web.library import library
from app.web.sitting import Asked, Sitting

IN_ROWS = ("match", "order", "cloze")  # kinds with several fields; the first has the number 1


def page(sat: Sitting, asked: Asked, other: str = "") -> Response:
    """A checked question with what the answer was worth, by a key that was corrected meanwhile, too; `other`: an answer
    in words that came too late."""
    asked = _by_the_newest_key(sat, asked.number)
    ahead = [number for number in range(1, asked.total + 1) if number not in sat.checked]
    following = next((number for number in ahead if number > asked.number), ahead[0] if ahead else None)
    values = {"sat": sat, "asked": asked, "following": following, "other": other, "shows": table(sat.quiz)[BEFORE]}
    body = render_template("quiz/checked.html", **values)
    return make_response(body, 409 if other else 200)


def _by_the_newest_key(sat: Sitting, number: int) -> Asked:
    question = sat.paper.questions[number - 1]
    by = regraded.judged_by(question, regraded.met(db.reading(), sat.attempt.quiz, sat.attempt.opened_at))
    if by in (question.version, VOID):
        return sat.asked(number)
    items = {**sat.items, **versions.items_at(db.reading(), library(), {by})}
    questions = list(sat.paper.questions)
    questions[number - 1] = replace(question, version=by)
    return dataclasses.replace(sat, paper=Paper(questions=tuple(questions)), items=items).asked(number)


def unanswered(asked: Asked) -> Unreadable:
    """Nothing can be said of an empty answer."""
    field = "answer_1" if asked.item.kind in IN_ROWS else "answer"
    return Unreadable(N_("Give an answer before you check it, or go on without one."), field)


def is_fixed(sat: Sitting, number: int) -> bool:
    """Whether this answer was checked before."""
    return sat.one_by_one and number in answers.checked(db.reading(), sat.attempt.id)


def fix(sat: Sitting, asked: Asked, value: Any, seconds: int) -> str:
    """Fix an answer that was just saved, in the same transaction: "checked", "other" or "handed_in"."""
    counts = answers.check_answer(
        db.writing(),
        sat.attempt.id,
        sat.attempt.person_id,
        asked.number,
        value,
        asked.shown_language,
        seconds,
        db.now(),
    )
    if counts is None:
        return "handed_in"
    return "checked" if counts.value == msgspec.to_builtins(value) else "other"
