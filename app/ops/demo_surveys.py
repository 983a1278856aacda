"""What demonstration people answer to surveys: some of them, some of the questions, a little better at the end."""

import uuid
from contextlib import suppress
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from app.core.content import Course, Item, Library
from app.core.questions import body_of
from app.core.questions.survey import SCALE, SEVERAL
from app.core.surveys import BEFORE
from app.records import surveys

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ANSWER, EMPTY, WISH = 0.5, 0.08, 0.3  # shares: of people who answer, of questions left out, of wishes to be asked later


def answer(
    session: Session,
    library: Library,
    course: Course,
    person_id: uuid.UUID,
    occasion: str,
    seed: str,
    language: str,
    now: datetime,
) -> bool:
    """Answer the survey of an occasion, if this person is one who does; says whether she did."""
    chance = Random(f"{seed}/{occasion}")
    if occasion not in course.surveys or chance.random() > ANSWER:
        return False
    items = library.quizzes[course.surveys[occasion]].items
    values = {item.id: value(item, occasion, chance) for item in items}
    wish = chance.random() < WISH
    with suppress(surveys.Closed):
        return surveys.answer(session, library, person_id, course.id, occasion, values, language, now, wish)
    return False


def value(item: Item, occasion: str, chance: Random) -> Any:
    body = body_of(item, next(iter(item.texts)))
    letters = LETTERS[: len(body.choices)]
    if chance.random() < EMPTY:
        return None
    if body.form == SEVERAL:
        return sorted(chance.sample(letters, chance.randint(1, min(3, len(letters)))))
    if body.form == SCALE:
        middle = len(letters) * (0.3 if occasion == BEFORE else 0.7)
        return letters[min(len(letters) - 1, max(0, int(chance.gauss(middle, 1))))]
    return chance.choice(letters)
