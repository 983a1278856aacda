"""Questions -> Moodle XML, as Moodle itself writes it: texts as escaped HTML, all that it needs to import."""

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from xml.sax.saxutils import escape, quoteattr

from app.core.exchange import cloze
from app.core.exchange.embedded import packed_in
from app.core.exchange.gift_writing import elsewhere, is_truth, percent
from app.core.exchange.model import (
    GAP_CLOSE,
    GAP_OPEN,
    Choices,
    Found,
    Gaps,
    LeftOut,
    Number,
    Pairs,
    Question,
    Rubric,
    Steps,
    Words,
)
from app.core.exchange.tags import changed, tags_of
from app.core.numbers import exact

BEGIN = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
END = "</quiz>\n"
UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
GAP = re.compile(f"{GAP_OPEN}(\\d+){GAP_CLOSE}")
TEXT = re.compile(r"<text>([^<]*)</text>")
LEGAL = {*range(1, 11), 20}  # so many equal shares Moodle has a weight for


def write(questions: Iterable[Found]) -> Iterator[str | LeftOut]:
    """The beginning, a piece of the file for each question, the end; what Moodle does not know is named."""
    yield BEGIN
    for question in questions:
        if isinstance(question, LeftOut):
            yield question
            continue
        tags, notes = tags_of(question)
        if question.kind == "true-false" and not is_truth(question):
            tags.append("kind=true-false")
        kind, lines = _kind(question)
        yield _written(question, kind, lines, tags)
        notes += [*question.notes, *_lost_here(question)]
        yield from (changed(question, note) for note in notes)
    yield END


def _lost_here(question: Question) -> list[str]:
    lost = elsewhere(question)
    if question.kind == "multiple" and isinstance(question.body, Choices):
        right = sum(option.share > 0 for option in question.body.options)
        if right not in LEGAL:
            lost.append(f"Moodle has no weight for {right} equal shares: choose the nearest when it asks")
    return lost


def _written(question: Question, kind: str, lines: Iterable[str], tags: Iterable[str]) -> str:
    text = question.text
    if isinstance(question.body, Gaps):
        strict, gaps = "case" in question.attributes.get("exact", "").split(","), question.body.gaps
        text = GAP.sub(lambda found: cloze.write(gaps[int(found[1])], strict), text)
    parts = [
        f'  <question type="{kind}">',
        f"    <name><text>{_text(question.name)}</text></name>",
        _html("questiontext", text),
        _html("generalfeedback", question.explanation),
        f"    <defaultgrade>{question.points}.0000000</defaultgrade>",
        "    <penalty>0.3333333</penalty>",
        "    <hidden>0</hidden>",
        f"    <idnumber>{_text(question.id)}</idnumber>",
        *lines,
        *([_html("hint", question.hint)] if question.hint else []),
    ]
    if shown := [f"      <tag><text>{_text(tag)}</text></tag>" for tag in tags]:
        parts += ["    <tags>", *shown, "    </tags>"]
    xml = "\n".join([*parts, "  </question>", ""])
    return TEXT.sub(lambda found: packed_in(found[1], question.pictures), xml) if question.pictures else xml


def _kind(question: Question) -> tuple[str, list[str]]:
    """Moodle's type, and the lines that belong to it."""
    body = question.body
    match body:
        case Choices() if is_truth(question):
            return "truefalse", [
                _answer(word, one.share, one.remark) for word, one in zip(("true", "false"), body.options, strict=True)
            ]
        case Choices():
            return "multichoice", _multichoice(question, body)
        case Words():
            strict = int("case" in question.attributes.get("exact", "").split(","))
            answers = [_answer(one.replace("*", "\\*"), Fraction(1), "", "moodle_auto_format") for one in body.wordings]
            return "shortanswer", [f"    <usecase>{strict}</usecase>", *answers]
        case Number():
            return "numerical", _numerical(body)
        case Pairs():
            return "matching", ["    <shuffleanswers>true</shuffleanswers>", *(_pair(*row) for row in body.rows)]
        case Steps():
            whole = question.attributes.get("partial") == "none"
            grading = "ALL_OR_NOTHING" if whole else "RELATIVE_NEXT_EXCLUDE_LAST"
            steps = [_answer(step, Fraction(place, 100), "") for place, step in enumerate(body.steps, 1)]
            options = "<layouttype>VERTICAL</layouttype><selecttype>ALL</selecttype><selectcount>0</selectcount>"
            return "ordering", [f"    {options}<gradingtype>{grading}</gradingtype>", *steps]
        case Rubric():
            rubric = "<ul>" + "".join(f"<li>{point}</li>" for point in body.points) + "</ul>"
            options = "<responseformat>editor</responseformat><responserequired>1</responserequired>"
            return "essay", [f"    {options}", _html("graderinfo", rubric)]
        case Gaps():
            return "cloze", []


def _multichoice(question: Question, body: Choices) -> list[str]:
    several = question.kind == "multiple"
    fixed = all(option.fixed for option in body.options) or question.kind == "true-false"
    return [
        f"    <single>{str(not several).lower()}</single>",
        f"    <shuffleanswers>{str(not fixed).lower()}</shuffleanswers>",
        "    <answernumbering>abc</answernumbering>",
        *(_answer(option.text, option.share, option.remark) for option in body.options),
    ]


def _numerical(body: Number) -> list[str]:
    value, tolerance = exact(body.value, 9), exact(body.tolerance, 9)
    inside = f"<text>{value}</text><tolerance>{tolerance}</tolerance>"
    answer = f'    <answer fraction="100" format="moodle_auto_format">{inside}</answer>'
    if not body.unit:
        return [answer, "    <unitgradingtype>0</unitgradingtype><showunits>3</showunits>"]
    unit = f"<unit><multiplier>1</multiplier><unit_name>{_text(body.unit)}</unit_name></unit>"
    return [answer, "    <unitgradingtype>0</unitgradingtype><showunits>0</showunits>", f"    <units>{unit}</units>"]


def _pair(left: str, right: str) -> str:
    answer = f"<answer><text>{_text(right)}</text></answer>"
    return f'    <subquestion format="html"><text>{_text(left)}</text>{answer}</subquestion>'


def _answer(text: str, share: Fraction, remark: str, format: str = "html") -> str:
    told = f'<feedback format="html"><text>{_text(remark)}</text></feedback>'
    return (
        f'    <answer fraction="{percent(share)}" format={quoteattr(format)}><text>{_text(text)}</text>{told}</answer>'
    )


def _html(tag: str, html: str) -> str:
    return f'    <{tag} format="html"><text>{_text(html)}</text></{tag}>'


def _text(text: str) -> str:
    return escape(UNFIT.sub("\ufffd", text))
