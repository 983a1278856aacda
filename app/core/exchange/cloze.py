"""Moodle's text with gaps, `{1:SHORTANSWER:=word~%50%other#why}`, both ways."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape

from app.core.exchange.model import GAP_CLOSE, GAP_OPEN, Gap
from app.core.exchange.reading import Unreadable, share_of
from app.core.exchange.tree import plain

WORDS = {"SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC"}
CHOICES = {"MULTICHOICE", "MC", "MCV", "MCH", "MULTICHOICE_V", "MULTICHOICE_H", "MCS", "MCVS", "MCHS"}
CHOICES |= {"MULTICHOICE_S", "MULTICHOICE_VS", "MULTICHOICE_HS"}
NUMBERS = {"NUMERICAL", "NM"}
EXACT_CASE = {"SHORTANSWER_C", "SAC", "MWC"}
START = re.compile(r"(?<!\\)\{\s*(\d*)\s*:\s*([A-Z_]+)\s*:")
WEIGHT = re.compile(r"\s*=?\s*%([^%]{1,20})%")
END = re.compile(r"(?<!\\)\}")
ESCAPED = re.compile(r"\\([}#~/\"\\])")
SIGNS = re.compile(r"[}#~\\]")


@dataclass(frozen=True)
class Cloze:
    """A text with marks for its gaps, and whether case counts in them; `remarks` are HTML."""

    text: str
    gaps: tuple[Gap, ...]
    exact_case: bool
    remarks: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Answer:
    text: str
    share: Fraction
    remark: str


def read(html: str) -> Cloze:
    """The gaps of a text; raises `Unreadable` for a gap of a kind that we have not."""
    pieces: list[str] = []
    gaps: list[Gap] = []
    remarks: list[str] = []
    notes: list[str] = []
    strict: list[bool] = []
    place = 0
    while found := START.search(html, place):
        end = END.search(html, found.end())
        if not end:
            raise Unreadable("a gap is not closed with }")
        kind = found[2]
        answers = _answers(html[found.end() : end.start()])
        gaps.append(_gap(kind, answers, notes))
        strict.append(kind in EXACT_CASE)
        remarks += [f"<p>{escape(one.text, quote=False)}: {one.remark}</p>" for one in answers if one.remark]
        if found[1] not in ("", "1"):
            notes.append("its gaps have weights; here all count the same")
        pieces.append(html[place : found.start()] + f"{GAP_OPEN}{len(gaps) - 1}{GAP_CLOSE}")
        place = end.end()
    if not gaps:
        raise Unreadable("it has no gap")
    if any(strict) and not all(strict):
        notes.append("case counts in all its gaps, not in some")
    if remarks:
        notes.append("feedback on single answers stands in the explanation")
    text = "".join(pieces) + html[place:]
    return Cloze(text, tuple(gaps), any(strict), tuple(remarks), tuple(dict.fromkeys(notes)))


def _answers(text: str) -> list[_Answer]:
    """What stands between the ~ of a gap: a weight or =, the words, and a remark behind #."""
    found = []
    for part in re.split(r"(?<!\\)~", text):
        words, *remark = re.split(r"(?<!\\)(?<!&)#", part, maxsplit=1)
        weight = WEIGHT.match(words)
        if weight:
            share, words = share_of(weight[1]), words[weight.end() :]
        else:
            share = Fraction(words.lstrip().startswith("="))
            words = words.strip().removeprefix("=")
        found.append(_Answer(plain(ESCAPED.sub(r"\1", words)), share, ESCAPED.sub(r"\1", "".join(remark)).strip()))
    return found


def _gap(kind: str, answers: Sequence[_Answer], notes: list[str]) -> Gap:
    if kind in CHOICES:
        options = tuple(one.text for one in answers)
        right = [place for place, one in enumerate(answers) if one.share == 1]
        if len(right) != 1 or len(options) < 2 or len({one.casefold() for one in options}) < len(options):
            raise Unreadable("a gap to choose for needs one right choice, and different ones")
        if any(one.share not in (0, 1) for one in answers):
            notes.append("choices that earn a part of the points earn nothing here")
        return Gap(options=options, right=right[0])
    if kind not in WORDS | NUMBERS:
        raise Unreadable(f"it has a gap of the kind {kind}")
    full = [one.text for one in answers if one.share == 1]
    if kind in NUMBERS:
        if any(":" in one for one in full):
            notes.append("a gap for a number has lost its tolerance")
        full = [one.partition(":")[0].strip() for one in full]
    wordings = tuple(one for one in full if one and "*" not in one)
    if len(wordings) < len([one for one in answers if one.text not in ("", "*")]):
        notes.append("wordings of a gap that earn a part of the points, or are patterns with *, are left out")
    if not wordings:
        raise Unreadable("a gap accepts no word")
    return Gap(wordings=wordings)


def write(gap: Gap, exact_case: bool) -> str:
    """A gap as HTML; the choices are shuffled as they are here."""
    if gap.options:
        shown = "~".join(("=" if place == gap.right else "") + _safe(one) for place, one in enumerate(gap.options))
        return f"{{1:MULTICHOICE_S:{shown}}}"
    kind = "SHORTANSWER_C" if exact_case else "SHORTANSWER"
    return f"{{1:{kind}:{'~'.join('=' + _safe(one) for one in gap.wordings)}}}"


def _safe(text: str) -> str:
    """Words as they may stand in a gap; a wildcard is escaped too."""
    return escape(SIGNS.sub(lambda found: "\\" + found[0], text), quote=False)
