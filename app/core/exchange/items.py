"""A compiled quiz of ours -> questions in the neutral shape, for the writers of other formats."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

from app.core.content import Item, Quiz, in_language
from app.core.exchange.embedded import Find, mentioned
from app.core.exchange.model import (
    GAP_CLOSE,
    GAP_OPEN,
    Body,
    Choice,
    Choices,
    Found,
    Gap,
    Gaps,
    LeftOut,
    Number,
    Pairs,
    Question,
    Rubric,
    Steps,
    Words,
)
from app.core.exchange.tree import plain
from app.core.numbers import exact
from app.core.numbers import plain as rounded
from app.core.questions import body_of
from app.core.questions._formula import formula

OURS = re.compile(r'<(a|span) class="(?:fig|term)[^"]*"[^>]*>(.*?)</\1>', re.DOTALL)
UNCHECKED = re.compile(r"<sup[^>]*>(†)</sup>")
REGION = re.compile(r'<div class="table"[^>]*>|</div>')
UNUSED = re.compile(r' (?:scope|class|title)="[^"]*"')
LONGEST_NAME = 250


class _Unknown(ValueError):
    """A question that no other format can hold; the message says why."""


def questions(quiz: Quiz, language: str, site: str, find: Find = lambda _: None) -> Iterator[Found]:
    """Every item in `language`, a scenario as its questions under its story; `site` is the address that links get,
    `find` gives the picture of a hash."""
    for found in _questions(quiz, language, site):
        yield _with_pictures(found, find) if isinstance(found, Question) else found


def _with_pictures(question: Question, find: Find) -> Question:
    """The question with its pictures, wherever a text of it shows one."""
    shown: dict[str, bytes] = {}
    lost: list[str] = []

    def go(value: Any) -> Any:
        if isinstance(value, str):
            return mentioned(value, find, shown, lost) if "/pictures/" in value else value
        if isinstance(value, tuple):
            made = [go(one) for one in value]
            return type(value)(*made) if hasattr(value, "_fields") else tuple(made)
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{one.name: go(getattr(value, one.name)) for one in fields(value)})
        return value

    changed: Question = go(question)
    notes = (*changed.notes, *dict.fromkeys(lost))
    return replace(changed, pictures=shown, notes=notes) if shown or lost else changed


def _questions(quiz: Quiz, language: str, site: str) -> Iterator[Found]:
    for item in quiz.items:
        if not item.questions:
            yield _question(item, language, site)
            continue
        told = in_language(item.texts, language)[1]
        story = f"<p><strong>{told.heading}</strong></p>{told.stem}"
        for one in item.questions:
            found = _question(one, language, site)
            if isinstance(found, Question):
                note = f"the story “{plain(told.heading)[:60]}” stands in each of its questions"
                found = replace(found, text=portable(story, site) + found.text, notes=(*found.notes, note))
            yield found


def portable(html: str, site: str) -> str:
    """Our HTML as it may stand elsewhere: figures and terms as words, links to the course with the site's address."""
    html = UNUSED.sub("", REGION.sub("", OURS.sub(r"\2", UNCHECKED.sub(r"\1", html))))
    return html.replace('<a href="/', f'<a href="{site}/')


def _question(item: Item, language: str, site: str) -> Found:
    shown, text = in_language(item.texts, language)
    name = plain(text.heading)
    ours = body_of(item, language)
    try:
        body, inner = _body(item.kind, ours, site)
    except _Unknown as unknown:
        return LeftOut(0, item.id, str(unknown))
    own = {"module": item.module, "level": item.level, "actions": ",".join(item.actions), "partial": item.partial}
    strict = ",".join(getattr(ours, "exact", ()))
    return Question(
        kind=item.kind,
        name=name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…",
        text=portable(f"<p>{text.heading}</p>{text.stem}", site) + inner,
        body=body,
        id=item.id,
        hint=portable(text.hint, site),
        explanation=portable(text.explanation, site),
        points=item.points,
        practice=item.practice,
        attributes={key: value for key, value in {**own, "exact": strict}.items() if value},
        notes=() if shown == language else (f"it is not translated: the text is in {shown}",),
    )


def _body(kind: str, body: Any, site: str) -> tuple[Body, str]:
    """The neutral body, and HTML that belongs to the question's text; raises `_Unknown`."""
    match kind:
        case "single" | "true-false" | "multiple":
            return _choices(body, site, several=kind == "multiple"), ""
        case "numeric":
            return _number(body), ""
        case "short":
            return Words(body.answers), ""
        case "match":
            return _pairs(body, site), ""
        case "order":
            return Steps(tuple(portable(step, site) for step in body.steps)), ""
        case "cloze":
            marks = [f"{GAP_OPEN}{number}{GAP_CLOSE}" for number in range(len(body.gaps))]
            text = "".join(f"{piece}{mark}" for piece, mark in zip(body.pieces, [*marks, ""], strict=True))
            return Gaps(tuple(Gap(gap.wordings, gap.options, gap.right) for gap in body.gaps)), portable(text, site)
        case "reflection":
            return Rubric(tuple(portable(point, site) for point in body.rubric)), ""
    raise _Unknown(f"questions of the kind .{kind} have no place in other formats")


def _choices(body: Any, site: str, *, several: bool) -> Choices:
    share = Fraction(1, sum(option.right for option in body.options))
    wrong = -share if several else Fraction(0)
    return Choices(
        tuple(
            Choice(portable(one.text, site), share if one.right else wrong, portable(one.remark, site), one.fixed)
            for one in body.options
        )
    )


def _number(body: Any) -> Number:
    if body.parameters:
        raise _Unknown("its numbers are drawn anew for each learner (vars:), which other formats do not know")
    value = formula(body.formula).value({})
    near = Fraction(exact(value, 9) or rounded(value, 9))
    return Number(near, Fraction(body.tolerance), body.unit)


def _pairs(body: Any, site: str) -> Pairs:
    """Each pair, and what fits nowhere with an empty left side; right sides are words alone."""
    rights = [plain(choice) for choice in body.choices]
    rows = [(portable(left, site), rights[fit]) for left, fit in zip(body.rows, body.fits, strict=True)]
    rows += [("", right) for place, right in enumerate(rights) if place not in body.fits]
    return Pairs(tuple(rows), (plain(body.columns[0]), plain(body.columns[1])))
