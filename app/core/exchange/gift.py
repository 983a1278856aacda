"""GIFT -> questions: lenient, since real files carry unescaped signs, blank lines in answers, HTML and LaTeX.

Signs that are escaped with a backslash become private characters while a question is taken apart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from app.core.exchange import reading
from app.core.exchange.model import Found, LeftOut, Question, Steps, Words
from app.core.exchange.reading import Answer, Unreadable, as_html, number_of, share_of
from app.core.exchange.tags import with_tags
from app.core.exchange.tree import TooMuch, plain

SIGNS = "\\:#={}~"
HIDDEN = {sign: chr(0xE020 + place) for place, sign in enumerate(SIGNS)} | {"n": "\ue030", " ": " "}
SHOWN = str.maketrans({hidden: sign for sign, hidden in HIDDEN.items() if sign in SIGNS} | {"\ue030": "\n"})
ESCAPE = re.compile(r"\\([\\:#={}~n])")
ID = re.compile(r"\[id:([^\x00-\x1f\x7f]+?)\]")
TAG = re.compile(r"\[tag:([^\x00-\x1f\x7f]+?)\]")
TITLE = re.compile(r"\s*::(.*?)::", re.DOTALL)
FORMAT = re.compile(r"\s*\[(html|markdown|plain|moodle)\]", re.IGNORECASE)
ANSWERS = re.compile(r"\s*(?:[=~#>]|(?:T|F|TRUE|FALSE)\s*(?:#|$)|$)", re.IGNORECASE)
TRUTH = re.compile(r"\s*(T|F|TRUE|FALSE)\s*(?=#|$)", re.IGNORECASE)
WEIGHT = re.compile(r"\s*%([^%\n]{1,20})%")
REMARK = re.compile(r"(?<!&)#")
MARK = re.compile(r"(?:(?<=\s)|^)[=~](?=\S|$|\s*->)|(?:(?<=\n)|^)[ \t]*[=~]")
ORDERING = re.compile(r"\s*>\s*\d*(?:\s+[A-Z_]+)*\s*(?=\n)")
BEGINS = re.compile(r"\s*(?:::|\$CATEGORY:)")
BRACE = re.compile(r"[{}]")
FILLED = re.compile(r"\{\s*(?:[=~#>]|(?:T|F|TRUE|FALSE)\s*[#}])", re.IGNORECASE)  # answers that no formula looks like
BLANK = "_____"


@dataclass
class _Block:
    """The lines of one question, with what the comments above it say."""

    line: int = 0
    lines: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    depth: int = 0

    def add(self, number: int, text: str) -> None:
        self.line = self.line or number
        self.lines.append(text)
        self.depth += text.count("{") - text.count("}")


def read(text: str, language: str = "en") -> Iterator[Found]:
    """Every question of a file, and every other thing in it that has no place here."""
    for block in _blocks(text):
        words = "\n".join(block.lines).strip()
        if words.startswith("$CATEGORY:"):
            yield LeftOut(
                block.line,
                words[10:].strip(),
                "categories have no place here: the questions below it come along",
                question=False,
            )
            continue
        try:
            yield _question(block, words, language)
        except (Unreadable, TooMuch) as problem:
            yield LeftOut(block.line, _name(_shown(words)), str(problem))


def _blocks(text: str) -> Iterator[_Block]:
    """Stretches between blank lines; a blank line inside braces parts nothing unless a new question follows it."""
    block, at, brace = _Block(), 0, 0
    text = ESCAPE.sub(lambda found: HIDDEN[found[1]], text)
    for number, hidden in enumerate(text.split("\n"), start=1):
        start, at = at, at + len(hidden) + 1
        line = hidden.strip()
        if line.startswith("//"):
            if not block.lines:
                block.comments.append(line)
            continue
        new = line.startswith("$CATEGORY:")
        if not new and line and block.depth > 0 and _after_gap(block):
            brace = brace if brace >= start else _next(text, start)
            new = bool(BEGINS.match(line)) or (line[0] not in "=~#{}" and bool(FILLED.match(text, brace)))
        if block.lines and new:
            yield block
            block = _Block()
        if line or block.depth > 0:
            block.add(number, hidden)
        if block.lines and (line.startswith("$CATEGORY:") or (not line and block.depth <= 0)):
            yield block
            block = _Block()
    if block.lines:
        yield block


def _next(text: str, start: int) -> int:
    """Where the next brace stands; the length of the text where there is none."""
    found = BRACE.search(text, start)
    return found.start() if found else len(text)


def _after_gap(block: _Block) -> bool:
    return not block.lines[-1].strip()


def _question(block: _Block, text: str, language: str) -> Found:
    comments = "\n".join(block.comments).translate(SHOWN)
    id = ID.search(comments)
    title = TITLE.match(text)
    rest = text[title.end() :] if title else text
    answers = _braces(rest)
    if answers is None:
        why = "its { is not closed" if block.depth > 0 else "it has no answers in { }: a text alone is no question here"
        return LeftOut(block.line, _name(_shown(title[1] if title else rest)), why)
    start, end = answers
    stem, format = _format(rest[:start], "moodle")
    after = re.sub(r"^\s*//[^\n]*", "", rest[end:]).strip()
    if after:
        stem = f"{stem.rstrip()} {BLANK} {after}"
    name = plain(_shown(title[1])) if title else ""
    question = Question("", name, _html(stem, format), Words(()), line=block.line, id=id[1].strip() if id else "")
    question = replace(question, name=name or _name(plain(question.text)))
    question = _with_answers(question, rest[start + 1 : end - 1], format, language)
    return with_tags(question, TAG.findall(comments))


def _braces(text: str) -> tuple[int, int] | None:
    """Where the answers stand, braces included: the last group that looks like answers, else the first."""
    groups, opened = [], []
    for found in re.finditer(r"[{}]", text):
        if found[0] == "{":
            opened.append(found.start())
        elif opened:
            start = opened.pop()
            if not opened:
                groups.append((start, found.end()))
    if opened and (last := text.rfind("}")) > opened[0]:  # a brace too many: from the first to the last
        groups.append((opened[0], last + 1))
    likely = [one for one in groups if ANSWERS.match(text[one[0] + 1 : one[1] - 1])]
    return likely[-1] if likely else groups[-1] if groups else None


def _with_answers(question: Question, text: str, format: str, language: str) -> Question:
    text, _, general = text.partition("####")
    question = replace(question, explanation=_text(general, format))
    if truth := TRUTH.match(text):
        return _truth(question, truth[1][0].upper() == "T", text[truth.end() :], format, language)
    if text.lstrip().startswith("#"):
        return _numeric(question, text.lstrip()[1:], format)
    if ordering := ORDERING.match(text):
        steps = [_text(one, format) for one in text[ordering.end() :].split("\n") if one.strip()]
        return replace(question, kind="order", body=Steps(tuple(steps)))
    if not text.strip():
        points, rest = reading.points_of(question.explanation)
        return reading.essay(replace(question, explanation=rest), points, language)
    return _listed(question, text, format)


def _listed(question: Question, text: str, format: str) -> Question:
    """Answers behind = and ~: pairs, options or wordings."""
    parts = _parts(text)
    if all(sign == "=" and "->" in part for sign, part in parts):
        return _pairs(question, parts, format)
    answers = [_answer(sign, part, format) for sign, part in parts]
    if all(sign == "=" for sign, _ in parts):
        return reading.words(question, answers)
    several = not any(sign == "=" and one.share == 1 for (sign, _), one in zip(parts, answers, strict=True))
    return reading.choices(question, answers, several=several)


def _parts(text: str) -> list[tuple[str, str]]:
    """(sign, text) of each answer. An unescaped sign within words is text wherever the layout tells it from a mark."""
    starts = [found.end() - 1 for found in MARK.finditer(text) if found[0].strip()]
    if len(starts) < 2:
        starts = [found.start() for found in re.finditer("[=~]", text)]
    if not starts or text[: starts[0]].strip():
        if starts:
            raise Unreadable(f"the text “{_shown(text[: starts[0]]).strip()[:40]}” stands before the first answer")
        return [("=", text)]
    ends = [*starts[1:], len(text)]
    return [(text[start], text[start + 1 : end].strip()) for start, end in zip(starts, ends, strict=True)]


def _answer(sign: str, text: str, format: str) -> Answer:
    weight = WEIGHT.match(text)
    share = share_of(weight[1].translate(SHOWN)) if weight else Fraction(sign == "=")
    words, remark = _remark(text[weight.end() :] if weight else text, format)
    return Answer(_text(words, format), share, remark)


def _remark(text: str, format: str) -> tuple[str, str]:
    """The text before the first # that is no part of a character reference, and the remark behind it."""
    found = REMARK.search(text)
    return (text[: found.start()], _text(text[found.end() :], format)) if found else (text, "")


def _pairs(question: Question, parts: list[tuple[str, str]], format: str) -> Question:
    rows, remarks = [], []
    for _, part in parts:
        left, _, right = part.partition("->")
        right, remark = _remark(right, format)
        rows.append((_text(left, format), plain(escape_once(_shown(right)))))
        remarks.append(Answer(escape_once(_shown(right)), Fraction(1), remark))
    return reading.with_remarks(reading.pairs(question, rows), remarks)


def escape_once(text: str) -> str:
    """Plain text for a reader of HTML: `<` and `&` stay what they are where they start nothing."""
    return text.replace("<", "&lt;") if not re.search(r"&\w+;|</?\w+[^<>]*>", text) else text


def _truth(question: Question, right: bool, text: str, format: str, language: str) -> Question:
    """The first remark is for the wrong answer, the second for the right one."""
    remarks = [_text(one, format) for one in REMARK.split(text)[1:3]]
    wrong, good = (*remarks, "", "")[:2]
    return reading.truth(question, right, (good, wrong) if right else (wrong, good), language)


def _numeric(question: Question, text: str, format: str) -> Question:
    parts = _parts(text) if re.search("[=~]", text) else [("=", text)]
    found = []
    for sign, part in parts:
        answer = _answer(sign, part, format)
        value, tolerance = (None, Fraction(0)) if sign == "~" else _value(plain(answer.text))
        found.append((answer, value, tolerance))
    return reading.numeric(question, found)


def _value(text: str) -> tuple[Fraction | None, Fraction]:
    """ "5", "5:0.1" or "4.9..5.1"; None for the * that stands for everything else."""
    if text in ("*", ""):
        return None, Fraction(0)
    low, dots, high = text.partition("..")
    if dots:
        ends = number_of(low), number_of(high)
        return sum(ends, Fraction(0)) / 2, abs(ends[1] - ends[0]) / 2
    value, _, tolerance = text.partition(":")
    return number_of(value), number_of(tolerance) if tolerance.strip() else Fraction(0)


def _format(text: str, before: str) -> tuple[str, str]:
    found = FORMAT.match(text)
    return (text[found.end() :], found[1].lower()) if found else (text, before)


def _text(text: str, format: str) -> str:
    """A part of a question as HTML, by its own mark of format or else the question's."""
    return _html(*_format(text, format))


def _html(text: str, format: str) -> str:
    """A line end of the file is a space, one that is written as \\n is a line end."""
    words = text.strip() if format == "markdown" else " ".join(text.split())
    return as_html(words.translate(SHOWN).strip(), format)


def _shown(text: str) -> str:
    return " ".join(text.translate(SHOWN).split())


def _name(text: str) -> str:
    return text if len(text) <= 80 else text[:79].rpartition(" ")[0] + "…"
