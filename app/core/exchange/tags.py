"""What other formats have no place for, kept in tags: Moodle shows them as words and gives them back as they were.

A tag is one of our attributes (`level=apply`), `practice`, the letter of an option that keeps its place (`fixed=D`),
the unit of a number, the headings of a matching table, or `kind=true-false` where the words are not true and false.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import get_args

from app.core.content import ID
from app.core.exchange.model import Choices, LeftOut, Number, Pairs, Question
from app.core.questions._shared import LETTERS
from app.core.questions._wording import STRICT
from app.core.schema import Level

LONGEST = 50  # Moodle cuts longer ones
UNFIT = re.compile(r"[\[\],<>\x00-\x1f\x7f]")
LISTS = ("actions", "exact")


def tags_of(question: Question, *, all_of_it: bool = False) -> tuple[list[str], list[str]]:
    """The tags of a question, and what does not fit into one.

    `all_of_it`: also what Moodle XML has a place for, units and options that all keep their order.
    """
    tags = ["practice"] if question.practice else []
    for key, value in question.attributes.items():
        tags += [f"{key}={one}" for one in (value.split(",") if key in LISTS else [value])]
    body = question.body
    if isinstance(body, Choices) and (all_of_it or not all(option.fixed for option in body.options)):
        tags += [f"fixed={LETTERS[index]}" for index, option in enumerate(body.options) if option.fixed]
    if isinstance(body, Number) and body.unit and all_of_it:
        tags.append(f"unit={body.unit}")
    if isinstance(body, Pairs):
        tags += [f"{side}={words}" for side, words in zip(("left", "right"), body.columns, strict=True) if words]
    unfit = [tag for tag in tags if len(tag) > LONGEST or UNFIT.search(tag)]
    return [tag for tag in tags if tag not in unfit], [f"“{tag}” does not fit into a tag and is lost" for tag in unfit]


def with_tags(question: Question, tags: Iterable[str]) -> Question:
    """The question with what its tags say; tags that mean nothing here are named."""
    for tag in filter(None, map(str.strip, tags)):
        key, _, value = tag.partition("=")
        changed = _with(question, key, value.strip())
        question = changed or replace(question, notes=(*question.notes, f"the tag “{tag}” is left out"))
    return question


def _with(question: Question, key: str, value: str) -> Question | None:
    body = question.body
    if key == "practice" and not value:
        return replace(question, practice=True)
    if _is_attribute(key, value):
        before = question.attributes.get(key, "").split(",") if key in LISTS else []
        several = ",".join(dict.fromkeys(filter(None, [*before, value])))
        return replace(question, attributes={**question.attributes, key: several})
    if key == "kind" and value == "true-false" and isinstance(body, Choices) and len(body.options) == 2:
        options = tuple(replace(option, fixed=False) for option in body.options)
        return replace(question, kind=value, body=Choices(options))
    if key == "fixed" and isinstance(body, Choices) and len(value) == 1 and value in LETTERS[: len(body.options)]:
        place = LETTERS.index(value)
        options = tuple(replace(one, fixed=one.fixed or index == place) for index, one in enumerate(body.options))
        return replace(question, body=Choices(options))
    if key == "unit" and isinstance(body, Number) and value:
        return replace(question, body=replace(body, unit=value))
    if key in ("left", "right") and isinstance(body, Pairs) and value:
        left, right = body.columns
        return replace(question, body=replace(body, columns=(value, right) if key == "left" else (left, value)))
    return None


def _is_attribute(key: str, value: str) -> bool:
    return (
        (key == "module" and bool(re.match(ID, value)) and len(value) <= 64)
        or (key == "level" and value in get_args(Level))
        or (key == "actions" and bool(re.match(r"A([1-9]|1[0-2])$", value)))
        or (key == "partial" and value == "none")
        or (key == "exact" and value in STRICT)
    )


def left_out(question: Question, reason: str) -> LeftOut:
    return LeftOut(question.line, question.id or question.name, reason)


def changed(question: Question, note: str) -> LeftOut:
    """What is said of a question that is written nevertheless."""
    return LeftOut(question.line, question.id or question.name, note, question=False)
