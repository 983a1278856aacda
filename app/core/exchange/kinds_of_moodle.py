"""The question types of Moodle XML, one function each: an element -> a question of ours."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING

from app.core.exchange import cloze, reading
from app.core.exchange.model import GAP_CLOSE, GAP_OPEN, Gap, Gaps, Question, Steps
from app.core.exchange.reading import Answer, Unreadable, number_of, share_of
from app.core.exchange.tree import plain

if TYPE_CHECKING:
    from app.core.exchange.moodle_xml import Element

Reader = Callable[["Element", Question, str], Question]
YES = ("1", "true", "yes")


def _answers(element: "Element", tag: str = "answer") -> list[Answer]:
    return [
        Answer(one.html(), share_of(one.attributes.get("fraction", "0")), one.html("feedback"))
        for one in element.all(tag)
    ]


def _typed(element: "Element") -> list[Answer]:
    """Answers that learners type are plain text, whatever it looks like."""
    return [
        Answer(escape(one.text(), quote=False), share_of(one.attributes.get("fraction", "0")), one.html("feedback"))
        for one in element.all("answer")
    ]


def multichoice(element: "Element", question: Question, language: str) -> Question:
    several = element.text("single").lower() not in ("", *YES)
    fixed = element.text("shuffleanswers").lower() not in ("", *YES)
    return reading.choices(question, _answers(element), several=several, fixed=fixed)


def all_or_nothing(element: "Element", question: Question, language: str) -> Question:
    """The type of a widespread plug-in: every right choice and no wrong one."""
    answers = [replace(one, share=Fraction(one.share > 0)) for one in _answers(element)]
    right = sum(one.share for one in answers) or 1
    answers = [replace(one, share=(1 if one.share else -1) / Fraction(right)) for one in answers]
    question = replace(question, attributes={**question.attributes, "partial": "none"})
    fixed = element.text("shuffleanswers").lower() not in ("", *YES)
    return reading.choices(question, answers, several=True, fixed=fixed)


def truefalse(element: "Element", question: Question, language: str) -> Question:
    answers = {plain(one.text).lower(): one for one in _answers(element)}
    if set(answers) != {"true", "false"}:
        raise Unreadable("it has not the two answers true and false")
    remarks = (answers["true"].remark, answers["false"].remark)
    return reading.truth(question, answers["true"].share == 1, remarks, language)


def shortanswer(element: "Element", question: Question, language: str) -> Question:
    question = reading.words(question, _typed(element))
    return _exact_case(question) if element.text("usecase").lower() in YES else question


def _exact_case(question: Question) -> Question:
    return replace(question, attributes={**question.attributes, "exact": "case"})


def numerical(element: "Element", question: Question, language: str) -> Question:
    found = []
    for one, answer in zip(element.all("answer"), _typed(element), strict=True):
        words = plain(answer.text)
        value = None if words in ("*", "") else number_of(words)
        found.append((answer, value, number_of(one.text("tolerance") or "0")))
    units = [unit for one in element.all("units") for unit in one.all("unit")]
    base = next((unit.text("unit_name") for unit in units if number_of(unit.text("multiplier") or "1") == 1), "")
    if len(units) > 1:
        question = replace(question, notes=(*question.notes, f"of its units only “{base}” stays"))
    return reading.numeric(question, found, plain(escape(base)))


def matching(element: "Element", question: Question, language: str) -> Question:
    rows = [
        (one.html(), plain(escape(one.text("answer")) if one.first("answer") else ""))
        for one in element.all("subquestion")
    ]
    return reading.pairs(question, rows)


def essay(element: "Element", question: Question, language: str) -> Question:
    info = element.html("graderinfo")
    points, rest = reading.points_of(info)
    if not points and plain(info):
        points, rest = [info], ""
    if not points:
        points, explanation = reading.points_of(question.explanation)
        question = replace(question, explanation=explanation)
    if plain(rest):
        points.append(rest)
    if plain(element.html("responsetemplate")):
        question = replace(question, notes=(*question.notes, "the template for the answer is left out"))
    return reading.essay(question, points, language)


def ordering(element: "Element", question: Question, language: str) -> Question:
    """The fraction of an answer is its place."""
    answers = sorted(element.all("answer"), key=lambda one: number_of(one.attributes.get("fraction", "0")))
    steps = [one.html() for one in answers]
    if element.text("gradingtype") in ("ALL_OR_NOTHING", "-1"):
        question = replace(question, attributes={**question.attributes, "partial": "none"})
    return replace(question, kind="order", body=Steps(tuple(steps)))


def with_gaps(element: "Element", question: Question, language: str) -> Question:
    found = cloze.read(question.text)
    explanation = "".join([*found.remarks, question.explanation])
    notes = (*question.notes, *found.notes)
    question = replace(
        question, kind="cloze", text=found.text, body=Gaps(found.gaps), explanation=explanation, notes=notes
    )
    return _exact_case(question) if found.exact_case else question


def gaps_to_choose(element: "Element", question: Question, language: str) -> Question:
    """“Select missing words” and “drag words into text”: `[[1]]` in the text, its choices in groups."""
    boxes = [
        (plain(one.html()), one.text("group") or "1") for one in (*element.all("selectoption"), *element.all("dragbox"))
    ]
    gaps: list[Gap] = []

    def gap(found: re.Match[str]) -> str:
        number = int(found[1]) - 1
        if not 0 <= number < len(boxes):
            raise Unreadable(f"the gap {found[0]} has no word")
        group = list(dict.fromkeys(words for words, group in boxes if group == boxes[number][1]))
        if len(group) < 2 or len({one.casefold() for one in group}) < len(group):
            raise Unreadable("a gap needs two different choices or more")
        gaps.append(Gap(options=tuple(group), right=group.index(boxes[number][0])))
        return f"{GAP_OPEN}{len(gaps) - 1}{GAP_CLOSE}"

    text = re.sub(r"\[\[(\d{1,3})\]\]", gap, question.text)
    if not gaps:
        raise Unreadable("it has no gap")
    return replace(question, kind="cloze", text=text, body=Gaps(tuple(gaps)))


READERS: Mapping[str, Reader] = {
    "multichoice": multichoice,
    "multichoiceset": all_or_nothing,
    "truefalse": truefalse,
    "shortanswer": shortanswer,
    "numerical": numerical,
    "matching": matching,
    "match": matching,
    "essay": essay,
    "ordering": ordering,
    "order": ordering,
    "cloze": with_gaps,
    "multianswer": with_gaps,
    "gapselect": gaps_to_choose,
    "ddwtos": gaps_to_choose,
}
