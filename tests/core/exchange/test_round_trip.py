"""Ours to GIFT or Moodle XML and back: the same questions, for every type that the other format knows."""

from dataclasses import replace
from fractions import Fraction
from html import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.exchange.bank import make
from app.core.exchange.model import (
    GAP_CLOSE,
    GAP_OPEN,
    Choice,
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
from app.core.worker import Worker
from tests.core.exchange.banks import KNOWN, bring, by_id, items_of, sent

NOT_IN_GIFT = {"order", "cloze"}  # and no hints and points

SIGNS = "abcXYZ 019 =~#{}:\\%*_`[]()<>&|/-+.,;!?'\"$^@éßñ漢字กខ\u00a0"
PLAIN = st.text(SIGNS, min_size=1, max_size=24).map(lambda text: " ".join(text.split()))
WORD = st.text("abcdexyzéñ漢กข019", min_size=1, max_size=8)
WORDS = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
ESCAPED = PLAIN.map(lambda text: escape(text, quote=False)).filter(str.strip)
INLINE = st.one_of(
    ESCAPED,
    WORDS,
    WORDS.map(lambda text: f"a <strong>{text}</strong> b"),
    WORDS.map(lambda text: f"a <em>{text}</em> b"),
    WORDS.map(lambda text: f"see <code>{text}</code>"),
    WORDS.map(lambda text: f'the <a href="https://example.org/x">{text}</a>'),
    WORDS.map(lambda text: f'the <a href="{KNOWN.site}/courses/course/why/first">{text}</a>'),
).filter(lambda html: any(char.isalnum() for char in html))
PARAGRAPH = INLINE.map(lambda html: f"<p>{html}</p>")
LIST = st.lists(INLINE, min_size=1, max_size=3).map(
    lambda items: f"<ul>{''.join(f'<li>{one}</li>' for one in items)}</ul>"
)
TABLE = st.lists(st.tuples(WORDS, INLINE), min_size=2, max_size=3).map(
    lambda rows: "<table>" + "".join(f"<tr><td>{left}</td><td>{right}</td></tr>" for left, right in rows) + "</table>"
)
TEXT = st.lists(PARAGRAPH, max_size=2).map("".join)
STEM = st.lists(st.one_of(PARAGRAPH, LIST, TABLE), max_size=3).map("".join)


@st.composite
def choices(draw: st.DrawFn, kind: str) -> Choices:
    texts = draw(st.lists(INLINE, min_size=3, max_size=5, unique_by=lambda text: " ".join(text.split()).casefold()))
    right = draw(st.integers(1, len(texts) - 1)) if kind == "multiple" else 1
    wrong = Fraction(-1, right) if kind == "multiple" else Fraction(0)
    shares = draw(st.permutations([Fraction(1, right)] * right + [wrong] * (len(texts) - right)))
    options = zip(texts, shares, strict=True)
    return Choices(tuple(Choice(text, share, draw(TEXT), draw(st.booleans())) for text, share in options))


@st.composite
def truth(draw: st.DrawFn) -> Choices:
    words = draw(st.sampled_from([("True", "False"), ("False", "True"), ("It is", "It is not")]))
    right = draw(st.booleans())
    options = zip(words, (right, not right), strict=True)
    return Choices(tuple(Choice(word, Fraction(share), draw(TEXT)) for word, share in options))


NUMBERS = st.builds(
    Number,
    st.decimals(-(10**9), 10**9, places=3).map(Fraction),
    st.decimals(0, 100, places=2).map(Fraction),
    st.sampled_from(["", "%", "km a day", "coins"]),
)
WORDINGS = st.lists(WORDS, min_size=1, max_size=3, unique_by=str.casefold).map(lambda some: Words(tuple(some)))
STEPS = st.lists(INLINE, min_size=2, max_size=5, unique_by=lambda text: " ".join(text.split()).casefold()).map(
    lambda some: Steps(tuple(some))
)
RUBRIC = st.lists(INLINE, min_size=1, max_size=3).map(lambda some: Rubric(tuple(some)))


@st.composite
def pairs(draw: st.DrawFn) -> Pairs:
    lefts = draw(st.lists(INLINE, min_size=2, max_size=4, unique_by=lambda text: " ".join(text.split()).casefold()))
    rights = draw(st.lists(WORDS, min_size=len(lefts), max_size=len(lefts), unique_by=str.casefold))
    extra = [("", f"other {draw(WORD)}")] if draw(st.booleans()) else []
    return Pairs((*zip(lefts, rights, strict=True), *extra), draw(st.tuples(WORDS, WORDS)))


@st.composite
def gaps(draw: st.DrawFn) -> tuple[str, Gaps]:
    found, text = [], ""
    for number in range(draw(st.integers(1, 3))):
        words = tuple(draw(st.lists(WORDS, min_size=2, max_size=3, unique_by=str.casefold)))
        choose = draw(st.booleans())
        found.append(Gap(options=words, right=draw(st.integers(0, len(words) - 1))) if choose else Gap(wordings=words))
        text += f"{draw(WORDS)} {GAP_OPEN}{number}{GAP_CLOSE} {draw(WORDS)}. "
    return f"<p>{text}</p>", Gaps(tuple(found))


ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "module": st.just("why"),
        "level": st.sampled_from(["remember", "analyse"]),
        "actions": st.sampled_from(["A1", "A1,A12"]),
    },
)


@st.composite
def questions(draw: st.DrawFn, kind: str) -> Question:
    heading = draw(INLINE)
    text, after = f"<p>{heading}</p>", ""
    attributes = draw(ATTRIBUTES)
    if kind == "cloze":
        after, body = draw(gaps())
    elif kind == "true-false":
        body = draw(truth())
    elif kind in ("single", "multiple"):
        body = draw(choices(kind))
    else:
        kinds = {"numeric": NUMBERS, "short": WORDINGS, "match": pairs(), "order": STEPS, "reflection": RUBRIC}
        body = draw(kinds[kind])
    if kind in ("multiple", "order", "cloze", "match") and draw(st.booleans()):
        attributes["partial"] = "none"
    if kind in ("short", "cloze") and draw(st.booleans()):
        attributes["exact"] = draw(st.sampled_from(["case", "accents", "case,accents"]))
    return Question(
        kind=kind,
        name="",
        text=text + (draw(TEXT) if kind == "cloze" else draw(STEM)) + after,
        body=body,
        id=f"q-{kind}",
        hint=draw(TEXT),
        explanation=draw(TEXT),
        points=draw(st.sampled_from([1, 2, 10])),
        practice=draw(st.booleans()),
        attributes=attributes,
    )


KINDS = ["single", "multiple", "true-false", "numeric", "short", "match", "order", "cloze", "reflection"]


@pytest.mark.parametrize("kind", KINDS)
def test_questions_come_back_as_they_were(kind: str, worker: Worker) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(questions(kind))
    def check(question: Question) -> None:
        comes_back(question, "moodle-xml", worker)
        comes_back(replace(question, hint="", points=1), "gift", worker)

    check()


def comes_back(question: Question, format: str, worker: Worker) -> None:
    ours = make([question], "Bank", "en", KNOWN, worker)
    if not ours.imported:
        return  # a wording or a cell that our format can't hold is named, which other tests look at
    before = items_of(ours)
    text, said = sent(before, format)
    if format == "gift" and question.kind in NOT_IN_GIFT:
        assert [(one.question, one.reason) for one in said] == [(True, f"GIFT has no .{question.kind} questions")]
        return
    back = bring(text, format, worker)
    assert [one.text for one in back.remarks if one.left_out] == []
    assert by_id(items_of(back)) == by_id(before)
