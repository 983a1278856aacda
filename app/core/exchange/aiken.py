"""Aiken, both ways: a question, options behind `A.` or `A)`, and a line `ANSWER: B`. It knows words alone."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from html import escape

from app.core.exchange.model import Choice, Choices, Found, LeftOut, Question
from app.core.exchange.tags import changed, left_out
from app.core.exchange.tree import plain
from app.core.questions._shared import LETTERS

OPTION = re.compile(r"\s*([A-Za-z])\s*[.)]\s+(\S.*)")
ANSWER = re.compile(r"\s*ANSWERS?\s*:\s*([A-Za-z](?:\s*[,;&]?\s*[A-Za-z])*)\s*[.)]?\s*$", re.IGNORECASE)
BROKEN = re.compile(r"\s*ANSWERS?\s*:", re.IGNORECASE)
WHY = re.compile(r"\s*(?:FEEDBACK|EXPLANATION)\s*:\s*(.*)", re.IGNORECASE)


@dataclass
class _Block:
    line: int = 0
    text: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)


def read(text: str, language: str = "en") -> Iterator[Found]:
    """Every question of a file; lower-case letters, blank lines and questions of several lines are taken too."""
    block = _Block()
    last: Question | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        why = WHY.match(line)
        if why and last and not block.text:
            last = Question(**{**vars(last), "explanation": escape(why[1], quote=False)})
            continue
        if BROKEN.match(line):
            if last:
                yield last
            found = _question(block, ANSWER.match(line))
            last, block = (found, _Block()) if isinstance(found, Question) else (None, _Block())
            if isinstance(found, LeftOut):
                yield found
            continue
        _add(block, number, line)
    if last:
        yield last
    if block.text or block.options:
        yield LeftOut(block.line, _name(block), "a line “ANSWER: B” is missing below it")


def _add(block: _Block, number: int, line: str) -> None:
    block.line = block.line or number
    option = OPTION.match(line)
    if option and block.text and option[1].upper() == LETTERS[len(block.options) % len(LETTERS)]:
        block.options.append(option[2].strip())
    elif block.options:
        block.options[-1] += f" {line.strip()}"
    else:
        block.text.append(line.strip())


def _question(block: _Block, answer: re.Match[str] | None) -> Found:
    name = _name(block)
    if not answer:
        return LeftOut(block.line, name, "its line “ANSWER:” names no letter")
    if not block.text:
        return LeftOut(block.line, name, "it has no text above its answer")
    right = {LETTERS.index(one) for one in re.findall(r"[A-Z]", answer[1].upper())}
    if not block.options or max(right) >= len(block.options):
        return LeftOut(block.line, name, f"it has {len(block.options)} options, and its answer is {answer[1].upper()}")
    share = Fraction(1, len(right))
    wrong = -share if len(right) > 1 else Fraction(0)
    options = [
        Choice(escape(text, quote=False), share if place in right else wrong)
        for place, text in enumerate(block.options)
    ]
    kind = "multiple" if len(right) > 1 else "single"
    text = " ".join(block.text)
    return Question(kind, name, escape(text, quote=False), Choices(tuple(options)), line=block.line)


def _name(block: _Block) -> str:
    text = " ".join(block.text) or "".join(block.options[:1])
    return text if len(text) <= 80 else text[:79].rpartition(" ")[0] + "…"


def write(questions: Iterable[Found]) -> Iterator[str | LeftOut]:
    """A piece of the file for each question that Aiken knows; the others, and what is lost of these, are named."""
    for question in questions:
        if isinstance(question, LeftOut):
            yield question
        elif question.kind not in ("single", "true-false") or not isinstance(question.body, Choices):
            yield left_out(question, f"Aiken has no .{question.kind} questions")
        else:
            yield from _written(question, question.body)


def _written(question: Question, body: Choices) -> Iterator[str | LeftOut]:
    options = [plain(option.text) for option in body.options]
    text = plain(question.text)
    if not text or not all(options) or OPTION.match(text) or BROKEN.match(text):
        yield left_out(question, "Aiken can't hold its text")
        return
    right = next(LETTERS[place] for place, option in enumerate(body.options) if option.share == 1)
    yield "\n".join([text, *(f"{LETTERS[place]}. {one}" for place, one in enumerate(options)), f"ANSWER: {right}", ""])
    lost = [
        *(["what stands below the option as feedback"] if any(option.remark for option in body.options) else []),
        *(["the explanation"] if question.explanation else []),
        *(["the hint"] if question.hint else []),
        *(["the points"] if question.points != 1 else []),
        *(["id, level, module and actions"] if question.id or question.attributes else []),
    ]
    if lost:
        yield changed(question, f"without {', '.join(lost)}")
