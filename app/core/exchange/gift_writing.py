"""Questions -> GIFT, strictly: every sign escaped, one answer a line, what GIFT has no place for in tags."""

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction

from app.core.exchange.model import Choices, Found, LeftOut, Number, Pairs, Question, Rubric, Words
from app.core.exchange.reading import TRUTH
from app.core.exchange.tags import changed, left_out, tags_of
from app.core.exchange.tree import plain
from app.core.numbers import exact

SIGNS = re.compile(r"[\\#=~{}:]")


def write(questions: Iterable[Found]) -> Iterator[str | LeftOut]:
    """A piece of the file for each question that GIFT knows; the others, and what is lost of these, are named."""
    for question in questions:
        if isinstance(question, LeftOut):
            yield question
            continue
        answers = _answers(question)
        if not answers:
            yield left_out(question, f"GIFT has no .{question.kind} questions")
            continue
        tags, notes = tags_of(question, all_of_it=True)
        if question.kind == "true-false" and not is_truth(question):
            tags.append("kind=true-false")
        yield _written(question, answers, tags)
        notes += [*question.notes, *_lost(question)]
        yield from (changed(question, note) for note in notes)


def _written(question: Question, answers: list[str], tags: list[str]) -> str:
    comment = f"// [id:{question.id}]" + "".join(f" [tag:{tag}]" for tag in tags)
    general = question.explanation
    if isinstance(question.body, Rubric):
        general = "<ul>" + "".join(f"<li>{point}</li>" for point in question.body.points) + f"</ul>{general}"
    if general:
        answers = [*answers[:-1], f"\t####{escape(general)}", answers[-1]]
    head = f"::{escape(question.name)}::[html]{escape(question.text)}{answers[0]}"
    return "\n".join([comment, head, *answers[1:], ""])


def escape(text: str) -> str:
    """Text in which no sign means anything to GIFT, on one line."""
    return SIGNS.sub(lambda found: "\\" + found[0], _harmless(text.strip())).replace("\n", "\\n")


def _harmless(text: str) -> str:
    """Text that begins neither like a weight nor like the mark of a format."""
    return f"&#{ord(text[0])};{text[1:]}" if text.startswith(("%", "[")) else text


def _answers(question: Question) -> list[str]:
    """The lines of the answers, from { to }; none where GIFT has no such question."""
    body = question.body
    match body:
        case Choices() if is_truth(question):
            return _truth(body)
        case Choices():
            several = question.kind == "multiple"
            return [
                "{",
                *(f"\t{_sign(one.share, several)}{escape(one.text)}{_remark(one.remark)}" for one in body.options),
                "}",
            ]
        case Words():
            return ["{", *(f"\t=%100%{escape(_safe(one))}#" for one in body.wordings), "}"]
        case Number():
            return ["{#", f"\t={exact(body.value, 9)}:{exact(body.tolerance, 9)}", "}"]
        case Pairs():
            return ["{", *(f"\t={escape(left)} -> {escape(right)}" for left, right in body.rows), "}"]
        case Rubric():
            return ["{", "}"]
    return []


def _safe(text: str) -> str:
    """A wording as HTML readers and Moodle's patterns understand it."""
    return text.replace("*", "\\*")


def _sign(share: Fraction, several: bool) -> str:
    """Weights with five decimals, which Moodle compares with those that it knows."""
    if not several:
        return "=" if share == 1 else "~"
    return f"~%{percent(share)}%"


def percent(share: Fraction) -> str:
    """A share in per cent with up to five decimals."""
    return f"{float(share * 100):.5f}".rstrip("0").rstrip(".")


def _remark(html: str) -> str:
    return f"#{escape(html)}" if html else ""


def is_truth(question: Question) -> bool:
    """Whether the options are the words true and false in that order, which GIFT shows in each reader's language."""
    body = question.body
    if question.kind != "true-false" or not isinstance(body, Choices) or any(one.fixed for one in body.options):
        return False
    return tuple(plain(option.text) for option in body.options) in TRUTH.values()


def _truth(body: Choices) -> list[str]:
    """The remark for the wrong answer stands first."""
    true, false = body.options
    word, wrong, right = ("TRUE", false, true) if true.share == 1 else ("FALSE", true, false)
    remarks = _remark(wrong.remark) or ("#" if right.remark else "")
    return ["{" + word + remarks + _remark(right.remark), "}"]


def _lost(question: Question) -> list[str]:
    lost = []
    if question.hint:
        lost.append("without its hint")
    if question.points != 1:
        lost.append(f"without its {question.points} points")
    if isinstance(question.body, Number) and question.body.unit:
        lost.append("its unit stands in a tag alone")
    return [*lost, *elsewhere(question)]


def elsewhere(question: Question) -> list[str]:
    """What Moodle does otherwise, whatever the format."""
    lost = []
    if question.attributes.get("partial") and question.kind != "order":
        lost.append("Moodle gives a part of the points where here it is all or nothing")
    if isinstance(question.body, Choices) and any(option.fixed for option in question.body.options):
        lost.append("Moodle does not keep single options in their place")
    return lost
