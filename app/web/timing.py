"""The clock of a try: what is left, what becomes of answers that come when the time is over."""

import uuid
from datetime import timedelta
from typing import Any

from flask import Response, make_response, render_template, url_for

from app.core.limits import GRACE
from app.records import attempts, clocks
from app.records.attempts import Graded
from app.web import db
from app.web.certificates import issuing
from app.web.headers import go_on
from app.web.i18n import spoken
from app.web.library import library
from app.web.sessions import required


def left(attempt: Any, quiz: Any) -> timedelta | None:
    """What is left of the time of an open attempt; None: no limit, or handed in."""
    return None if attempt.handed_in_at or quiz.minutes is None else clocks.left(db.reading(), attempt, quiz, db.now())


def left_of(attempt: str) -> timedelta | None:
    """The same for the signed-in person's open attempt with this id."""
    found = attempts.find(db.reading(), uuid.UUID(attempt), required().id)
    return left(found, attempts.quiz_of(db.reading(), library(), found))


def is_over(left: timedelta | None) -> bool:
    """Whether nothing more is asked; an answer that is on its way may still arrive."""
    return left is not None and left <= timedelta()


def is_late(left: timedelta | None) -> bool:
    """Whether what arrives now is too late."""
    return left is not None and left <= -GRACE


def reason(graded: Graded) -> str:
    """What is kept with the grade."""
    return attempts.TIME_OVER if is_over(left(graded.attempt, graded.quiz)) else attempts.HANDED_IN


def close(attempt: Any, late: bool) -> Response:
    """Hand in what is saved; `late`: the result says that what was just sent does not count."""
    graded = attempts.grade_now(db.engine(), library(), attempt.person_id, attempt.id)
    language = spoken().language.tag
    attempts.hand_in(
        *(db.writing(), library(), attempt.person_id, attempt.id, db.now()),
        *(language, issuing(), graded, attempts.TIME_OVER),
    )
    db.commit()
    return go_on(url_for("quiz.result", attempt=attempt.id, over=1 if late else None))


def over_page(sat: Any) -> Response:
    """Instead of a question: nothing more is asked, what was saved counts."""
    return make_response(render_template("quiz/over.html", sat=sat))
