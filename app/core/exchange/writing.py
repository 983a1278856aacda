"""A question of another program -> one item of our quiz files, as Markdown."""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from app.core.exchange import html as from_html
from app.core.exchange.html import Block, Link, at_start, escaped, web_link
from app.core.exchange.model import (
    GAP_CLOSE,
    GAP_OPEN,
    Body,
    Choices,
    Gap,
    Gaps,
    Number,
    Pairs,
    Question,
    Rubric,
    Steps,
    Words,
)
from app.core.exchange.tree import from_plain
from app.core.numbers import exact
from app.core.questions._shared import LETTERS

LONGEST_HEADING = 120
FLAT = {
    "order": ("numbered",),
    "reflection": ("list",),
    "match": ("table",),
    "cloze": ("quote",),
}  # what would be taken for the answer
GAP = re.compile(f"{GAP_OPEN}(\\d+){GAP_CLOSE}")


class Unfit(ValueError):
    """A question that our format can't hold; the message says why."""


@dataclass
class Draft:
    """An item being written: `text` is Markdown below the heading, `lost` what did not come along."""

    question: Question
    heading: str
    lost: list[str] = field(default_factory=list)
    link: Link = web_link

    def line(self, html: str) -> str:
        return from_html.line(html, self.lost, self.link)

    def quoted(self, html: str, before: str) -> list[str]:
        """A text as lines that begin with `before` and `>`."""
        text = from_html.markdown(html, self.lost, self.link) if html.strip() else ""
        return [f"{before}> {one}".rstrip() for one in text.split("\n")] if text else []


def write(question: Question, id: str, link: Link = web_link) -> tuple[str, list[str]]:
    """The item's Markdown, and what was changed or lost; raises `Unfit`, and `TooMuch` for a text that is too long."""
    lost = list(question.notes)
    found = from_html.blocks(question.text, lost, link, FLAT.get(question.kind, ()))
    heading, rest = _heading(question, found)
    if len(heading) > LONGEST_HEADING:
        lost.append(f"the heading has {len(heading)} characters, which the check will name")
    draft = Draft(question, heading, lost, link)
    parts = [f"## {heading} {{{_braces(question, id)}}}"]
    answers = _answers(draft, question.body)
    if isinstance(question.body, Gaps):
        rest = _with_gaps(rest, question.body.gaps)
    parts += [block.text for block in rest]
    if hint := from_html.markdown(question.hint, lost, link) if question.hint.strip() else "":
        parts.append("\n".join(f"? {one}" for one in hint.split("\n")))
    if answers:
        parts.append(answers)
    if explanation := draft.quoted(question.explanation, ""):
        parts.append("\n".join(explanation))
    return "\n\n".join(parts) + "\n", list(dict.fromkeys(lost))


def _heading(question: Question, found: list[Block]) -> tuple[str, list[Block]]:
    """The paragraph that is the name, else the first where it is short, else the name; and the rest."""
    name = " ".join(question.name.split())
    for place, block in enumerate(found):
        if _is_line(block) and _is_name(block.plain, name):
            return block.text, found[:place] + found[place + 1 :]
    first = found[0] if found else None
    if first and _is_line(first) and len(first.plain) <= LONGEST_HEADING:
        return first.text, found[1:]
    if not name and not first:
        raise Unfit("it has no text")
    return escaped(name or _short(first.plain if first else "")), found


def _is_line(block: Block) -> bool:
    words_alone = GAP_OPEN not in block.text and "![" not in block.text
    return block.kind == "paragraph" and "\n" not in block.text and words_alone


def _is_name(text: str, name: str) -> bool:
    """Whether a text is the name, or what the name was cut from."""
    return bool(text) and (text == name or (name.endswith("…") and text.startswith(name[:-1].rstrip())))


def _short(text: str) -> str:
    text = GAP.sub("…", text)
    return text if len(text) <= 80 else text[:79].rpartition(" ")[0] + "…"


def _braces(question: Question, id: str) -> str:
    words = [f"#{id}", f".{question.kind}", *([".practice"] if question.practice else [])]
    if question.points != 1:
        words.append(f"points={question.points}")
    return " ".join([*words, *(f"{key}={value}" for key, value in sorted(question.attributes.items()))])


def _answers(draft: Draft, body: Body) -> str:
    match body:
        case Choices():
            return _choices(draft, body)
        case Number():
            return _number(body)
        case Words():
            return _words(draft, body)
        case Pairs():
            return _pairs(draft, body)
        case Steps():
            return "\n".join(f"{number}. {draft.line(step)}" for number, step in enumerate(body.steps, 1))
        case Rubric():
            return "\n".join(f"- {at_start(draft.line(point))}" for point in body.points)
        case Gaps():
            _look_at_gaps(body)
            return ""


def _choices(draft: Draft, body: Choices) -> str:
    several = draft.question.kind == "multiple"
    _look_at_shares(draft, body, several)
    lines: list[str] = []
    texts: set[str] = set()
    for option in body.options:
        text = draft.line(option.text)
        if not text:
            raise Unfit("an option has no text")
        if text.casefold() in texts:
            raise Unfit(f"two options are the same (“{text[:60]}”)")
        texts.add(text.casefold())
        right = option.share > 0 if several else option.share == 1
        lines.append(f"- [{'x' if right else ' '}] {text}{' {.fixed}' if option.fixed else ''}")
        lines += draft.quoted(option.remark, "  ")
    return "\n".join(lines)


def _look_at_shares(draft: Draft, body: Choices, several: bool) -> None:
    shares = [option.share for option in body.options]
    right = [share for share in shares if share > 0]
    if not 2 <= len(shares) <= len(LETTERS):
        raise Unfit(f"it has {len(shares)} options, not 2 to {len(LETTERS)}")
    if several:
        if not right:
            raise Unfit("no option earns anything")
        if len(right) == len(shares):
            raise Unfit("every option earns something, so there is nothing wrong to choose")
        wrong = [share for share in shares if share <= 0]
        if not _are(right, Fraction(1, len(right))) or not _are(wrong, -Fraction(1, len(right))):
            draft.lost.append(
                "weights are left out: right choices minus wrong ones, over the number right, counts here"
            )
    elif shares.count(Fraction(1)) != 1:
        raise Unfit("it has no option, or several, that earn 100 % where one is asked")
    elif any(share not in (0, 1) for share in shares):
        draft.lost.append("options that earn a part of the points, or cost some, earn nothing here")


def _are(shares: list[Fraction], wanted: Fraction) -> bool:
    return all(abs(share - wanted) < Fraction(1, 1000) for share in shares)


def _number(body: Number) -> str:
    value, tolerance = exact(body.value, 9), exact(body.tolerance, 9)
    if value is None or tolerance is None or abs(body.value) >= 10**15 or body.tolerance >= 10**12:
        raise Unfit("its number has more digits than can be written here")
    unit = " ".join(body.unit.split())
    if re.match(r"[0-9.,]", unit) or "{{" in unit:
        raise Unfit(f"its unit “{unit}” is none")
    return f"= {value} ± {tolerance} {unit}".rstrip()


def _words(draft: Draft, body: Words) -> str:
    wordings = [_wording(draft, one) for one in body.wordings]
    return "\n".join(f"= {one}" for one in dict.fromkeys(wordings))


def _wording(draft: Draft, text: str) -> str:
    """A plain wording as it may stand between slashes."""
    one = " ".join(text.split())
    if "{{" in one or "}}" in one:
        raise Unfit(f"the wording “{one[:60]}” holds braces that mean something else here")
    parted = re.sub(r"(^|\s)/(?=\s|$)", " ", re.sub(r"(?<=\S)\s+/\s+(?=\S)", "/", one)).strip()
    if parted != one:
        draft.lost.append(f"the wording “{one[:60]}” became “{parted[:60]}”, since a slash parts wordings here")
    if not re.search(r"\w", parted):
        raise Unfit(f"the wording “{one[:60]}” has neither a letter nor a digit")
    return parted


def _pairs(draft: Draft, body: Pairs) -> str:
    heads = [escaped(words) or other for words, other in zip(body.columns, ("Left", "Right"), strict=True)]
    rows = [(draft.line(left), draft.line(from_plain(right))) for left, right in body.rows]
    lines = [(_cell(left), _cell(right)) for left, right in [(heads[0], heads[1]), *rows]]
    table = [f"| {left} | {right} |" for left, right in lines]
    return "\n".join([table[0], "|---|---|", *table[1:]])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _look_at_gaps(body: Gaps) -> None:
    """The gaps stand in the text; their words must not hold our signs."""
    for gap in body.gaps:
        for one in (*gap.wordings, *gap.options):
            if any(sign in one for sign in ("{", "}", " / ")) or one.startswith(("*", "/")) or one.endswith(" /"):
                raise Unfit(f"“{one[:60]}” in a gap has signs that mean something else here")


def _with_gaps(found: list[Block], gaps: tuple[Gap, ...]) -> list[Block]:
    """The blocks with each gap written out."""
    written = {number: _gap(gap) for number, gap in enumerate(gaps)}
    seen = [int(one) for block in found for one in GAP.findall(block.text)]
    if seen != sorted(written):
        raise Unfit("a gap stands where none can be shown")
    return [Block(one.kind, GAP.sub(lambda mark: written[int(mark[1])], one.text), one.plain) for one in found]


def _gap(gap: Gap) -> str:
    if gap.options:
        shown = [("*" if index == gap.right else "") + option for index, option in enumerate(gap.options)]
        return f"{{{{choose: {' / '.join(shown)}}}}}"
    return f"{{{{gap: {' / '.join(gap.wordings)}}}}}"
