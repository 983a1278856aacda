"""What readers share: shares of points, numbers, and the bodies that several formats build from answers with shares."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from html import escape

from app.core.exchange.model import Choice, Choices, Number, Pairs, Question, Rubric, Words
from app.core.exchange.tree import from_plain, plain
from app.core.numbers import readings
from app.core.questions._wording import fold

WEIGHT = re.compile(r"([+-]?)\s*(\d{1,4})(?:[.,](\d{1,12}))?\s*$")
NUMBER = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{0,9}\d*)?|\.\d{1,9})(?:[eE][+-]?\d{1,2})?$")
TRUTH = {"en": ("True", "False"), "fr": ("Vrai", "Faux")}
NO_RUBRIC = {
    "en": "Compare your answer with what the question asks.",
    "fr": "Comparez votre réponse à ce que la question demande.",
}


class Unreadable(ValueError):
    """A question that can't be read; the message says why."""


@dataclass(frozen=True)
class Answer:
    """An answer as a file gives it: `share` of the points, `text` and `remark` as HTML."""

    text: str
    share: Fraction
    remark: str = ""


def share_of(percent: str) -> Fraction:
    """ "33.33333" -> its share of the points; thirds, sixths and the like are taken for what they mean."""
    found = WEIGHT.match(percent.strip())
    if not found:
        raise Unreadable(f"“{percent.strip()[:20]}” is no percentage")
    value = Fraction(f"{found[2]}.{found[3] or 0}") / 100
    if value > 1:
        raise Unreadable(f"a weight of {percent.strip()} % is more than everything")
    if found[3]:
        near = value.limit_denominator(30)
        value = near if abs(near - value) < Fraction(1, 100_000) else value
    return -value if found[1] == "-" else value


def number_of(text: str) -> Fraction:
    """A number as programs or people write it; raises `Unreadable`, also for one with two readings."""
    text = text.strip().replace("\u2212", "-")
    if NUMBER.match(text):
        return Fraction(text.rstrip(".") if "e" not in text.lower() else text)
    found = readings(text)
    if len(found) == 1:
        return Fraction(found[0])
    raise Unreadable(f"“{text[:40]}” " + ("can be read as two numbers" if found else "is no number"))


def choices(question: Question, answers: Sequence[Answer], *, several: bool, fixed: bool = False) -> Question:
    """A question to choose from."""
    options = tuple(Choice(one.text, one.share, one.remark, fixed) for one in answers)
    return replace(question, kind="multiple" if several else "single", body=Choices(options))


def truth(question: Question, right: bool, remarks: tuple[str, str], language: str) -> Question:
    """A true-false question; `remarks` are those of true and of false."""
    words = TRUTH.get(language.partition("-")[0], TRUTH["en"])
    shares = (Fraction(right), Fraction(not right))
    options = tuple(Choice(*one) for one in zip(words, shares, remarks, strict=True))
    return replace(question, kind="true-false", body=Choices(options))


def words(question: Question, answers: Sequence[Answer]) -> Question:
    """A short answer: full wordings stay, those with a part of the points or a wildcard are named."""
    notes, kept = list(question.notes), []
    for one in answers:
        text = plain(one.text)
        if one.share == 1 and "*" not in text.replace("\\*", ""):
            kept.append(text.replace("\\*", "*"))
        elif text != "*" or one.share == 1:
            why = (
                "it is a pattern with *" if "*" in text else f"it earns {float(one.share):.0%}, and here all or nothing"
            )
            notes.append(f"the answer “{text[:60]}” is left out: {why}")
    if not kept:
        raise Unreadable("no answer earns all points without a wildcard")
    question = replace(question, kind="short", body=Words(tuple(kept)), notes=tuple(notes))
    return with_remarks(question, answers)


def numeric(
    question: Question, answers: Sequence[tuple[Answer, Fraction | None, Fraction]], unit: str = ""
) -> Question:
    """A number from (answer, value or None for any other, tolerance); the first that earns all points is taken."""
    notes = list(question.notes)
    full = [(value, tolerance) for one, value, tolerance in answers if one.share == 1 and value is not None]
    if not full:
        raise Unreadable("no number earns all points")
    for one, value, _ in answers:
        if value is not None and (value != full[0][0] or one.share != 1):
            notes.append(f"the answer {float(value):g} is left out: here one number counts, all or nothing")
    body = Number(full[0][0], abs(full[0][1]), unit)
    question = replace(question, kind="numeric", body=body, notes=tuple(dict.fromkeys(notes)))
    return with_remarks(question, [one for one, _, _ in answers])


def with_remarks(question: Question, answers: Sequence[Answer]) -> Question:
    """Remarks on answers that are typed go into the explanation, with the answer that they speak of."""
    told = [one for one in answers if one.remark.strip()]
    if not told:
        return question
    parts = [
        f"<p>{escape(plain(one.text), quote=False)}: {one.remark}</p>"
        if plain(one.text) not in ("", "*")
        else f"<p>{one.remark}</p>"
        for one in told
    ]
    note = "feedback on single answers stands in the explanation"
    return replace(question, explanation="".join([*parts, question.explanation]), notes=(*question.notes, note))


def pairs(question: Question, rows: Sequence[tuple[str, str]]) -> Question:
    """A matching question from (left, right)."""
    kept: list[tuple[str, str]] = []
    notes = list(question.notes)
    seen: dict[str, str] = {}
    for left, right in rows:
        words = " ".join(right.split())
        if not words:
            notes.append(f"the row “{plain(left)[:60]}” is left out: nothing fits it")
            continue
        kept.append((left if plain(left) or "<img" in left else "", seen.setdefault(words.casefold(), words)))
    return replace(question, kind="match", body=Pairs(tuple(kept)), notes=tuple(notes))


def essay(question: Question, rubric: Sequence[str], language: str) -> Question:
    """An open question: what a grader looks for becomes the rubric to compare with."""
    points = [one for one in rubric if plain(one)]
    notes = question.notes
    if not points:
        points = [NO_RUBRIC.get(language.partition("-")[0], NO_RUBRIC["en"])]
        notes = (*notes, "it has nothing to compare an answer with; write the points of a good answer")
    return replace(question, kind="reflection", body=Rubric(tuple(points)), notes=notes)


def points_of(html: str) -> tuple[list[str], str]:
    """The items of the list that a text begins with, and the rest; nothing where it begins otherwise."""
    found = re.match(r"\s*<[uo]l[^<>]*>(.*?)</[uo]l>", html, re.DOTALL | re.IGNORECASE)
    if not found or "<ul" in found[1].lower() or "<ol" in found[1].lower():
        return [], html
    items = re.findall(r"<li[^<>]*>(.*?)(?=</li>|<li|$)", found[1], re.DOTALL | re.IGNORECASE)
    return [one.strip() for one in items if one.strip()], html[found.end() :]


def folded(text: str) -> str:
    return fold(text) or text


def as_html(text: str, format: str) -> str:
    """A text in one of Moodle's formats as HTML."""
    if format == "html":
        return text
    if format == "markdown":
        from markdown import Markdown

        return Markdown(extensions=["tables", "sane_lists"], output_format="html").convert(text)
    if format == "plain":
        return from_plain(text)
    lines = re.sub(r"[ \t]*\n[ \t]*", "\n", text.strip())
    paragraphs = [part.replace("\n", "<br>") for part in re.split(r"\n\n+", lines)]
    return paragraphs[0] if len(paragraphs) == 1 else "".join(f"<p>{part}</p>" for part in paragraphs)
