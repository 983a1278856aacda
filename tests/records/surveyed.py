"""The small course with surveys for every occasion and an entry check."""

from typing import Any

import msgspec
from msgspec.structs import replace

from app.core.content import Item, ItemText, Library, Quiz, digest
from app.core.questions import key_hash, survey
from tests.records.samples import COURSE, LIBRARY, quiz, versioned

RATING, END, USED, ENTRY = "rating", "ending", "used", "entrance"
OCCASIONS = {"before": RATING, "after": RATING, "end": END, "follow_up": USED}


def question(id: str, form: str, *choices: str) -> Item:
    body = msgspec.to_builtins(survey.Body(form=form, choices=choices))
    made = Item(id=id, quiz="", kind="survey", texts={"en": ItemText(heading=f"{id}?", body=body)})
    made = replace(made, key_hash=key_hash("survey", made.original))
    return replace(made, version=digest(made))


def made(id: str, *items: Item) -> Quiz:
    found = versioned(Quiz(id=id, title={"en": id}, items=items))
    assert isinstance(found, Quiz)
    return found


def with_surveys(*surveys: Quiz) -> Library:
    """The course of the samples with these surveys in the place of those of the same id."""
    quizzes = {
        RATING: made(RATING, question("sure", "scale", "No", "A little", "Yes")),
        END: made(
            END, question("useful", "one", "Yes", "No"), question("missing", "several", "This", "That", "Nothing")
        ),
        USED: made(USED, question("law", "scale", "Not used", "Talked about")),
        ENTRY: quiz(ENTRY, 2, attempts=1, feedback="by_topic"),
    }
    quizzes |= {one.id: one for one in surveys}
    course = replace(LIBRARY.courses[COURSE], entry=ENTRY, surveys=OCCASIONS)
    return replace(LIBRARY, courses={COURSE: course}, quizzes={**LIBRARY.quizzes, **quizzes}, release="release-s")


SURVEYED = with_surveys()
ANSWERS: dict[str, dict[str, Any]] = {
    "before": {"sure": "A"},
    "after": {"sure": "C"},
    "end": {"useful": "A", "missing": ["A", "B"]},
    "follow_up": {"law": "B"},
}
