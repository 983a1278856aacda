"""A corrected key: which later version of a question may judge the answers given to an earlier one, and what they are
worth by it."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from msgspec.structs import replace

from app.core.content import Item, Quiz
from app.core.grading import item_of, share
from app.core.papers import Answer, Grade, Mark, Paper, Question
from app.core.questions import KINDS, body_of
from app.core.tallying import VOID, judging

# What the body of a question may have otherwise: what decides the grade, and what is said to whoever chose an option.
JUDGING = ("right", "remark", "formula", "tolerance", "answers", "exact", "fits", "wordings")
NOTHING = Answer()
SAME, KEY, OTHER = "same", "key", "other"


class Change(NamedTuple):
    """How a question of today differs from the `version` of it that was asked.

    `kind` "key": only what decides the grade does, so `judge` (with today's version) may judge old answers. "other": it
    asks something else, or is gone; `reason` says what. The versions are those that papers name, of scenarios too.
    """

    item: str
    version: str
    kind: str
    reason: str = ""
    today: str = ""


def compare(old: Item, new: Item | None) -> tuple[str, str]:
    """Whether a question is judged as before ("same"), has another key alone ("key"), or is "other": why."""
    if new is None:
        return OTHER, "it is no longer in the file"
    if old.kind != new.kind:
        return OTHER, f"it was {old.kind} and is {new.kind} now"
    if _judged_alike(old, new):
        return SAME, ""
    for language, text in old.texts.items():
        other = new.texts.get(language)
        if other is None:
            return OTHER, f"it has no text in {language} any more"
        if (text.heading, text.stem) != (other.heading, other.stem):
            return OTHER, f"its wording has changed ({language})"
        if _shown(text.body) != _shown(other.body):
            return OTHER, f"number, order or text of its options has changed ({language})"
    return KEY, ""


def _judged_alike(old: Item, new: Item) -> bool:
    kind = KINDS[old.kind]
    alike = (old.points, old.partial) == (new.points, new.partial) and old.texts.keys() <= new.texts.keys()
    bodies = [(body_of(old, one), body_of(new, one)) for one in old.texts] if alike else []
    return alike and all((kind.key(a), kind.wordings(a)) == (kind.key(b), kind.wordings(b)) for a, b in bodies)


def _shown(body: Any) -> Any:
    """The body without what decides the grade."""
    if isinstance(body, dict):
        return {name: _shown(value) for name, value in body.items() if name not in JUDGING}
    return [_shown(one) for one in body] if isinstance(body, list | tuple) else body


def changes(quiz: Quiz, asked: Mapping[str, Item]) -> list[Change]:
    """How the questions of today's quiz differ from those in `asked` (version -> item or scenario), where they do."""
    today = {one.id: (one, item) for item in quiz.items for one in item.questions or (item,)}
    found = []
    for version, item in asked.items():
        for old in item.questions or (item,):
            new, holder = today.get(old.id, (None, None))
            kind, reason = (SAME, "") if holder and holder.version == version else compare(old, new)
            if kind == KEY and holder and item.questions and _story(item) != _story(holder):
                kind, reason = OTHER, "the text of its scenario has changed"
            if kind != SAME and old.graded:
                found.append(Change(old.id, version, kind, reason, holder.version if holder else ""))
    return sorted(found)


def _story(item: Item) -> dict[str, tuple[str, str]]:
    return {language: (text.heading, text.stem) for language, text in item.texts.items()}


class Rules(NamedTuple):
    """What a regrade does: which changes apply, by (item, version), which items are taken out, whether a result may
    fall."""

    changes: Mapping[tuple[str, str], Change]
    void: frozenset[str]
    lower: bool


def regrade(
    paper: Paper, items: Mapping[str, Item], answers: Mapping[int, Answer], grade: Grade, pass_mark: int, rules: Rules
) -> Grade | None:
    """The new grade of an attempt, None where nothing of it is judged otherwise.

    A question that is taken out gives everybody its points. Unless results may fall, each answer keeps the better of
    its shares, and a whole result that fell all the same keeps its points.
    """
    marks = [
        _judged(number, question, mark, items, answers.get(number, NOTHING), rules)
        for number, (question, mark) in enumerate(zip(paper.questions, grade.marks, strict=True), 1)
    ]
    if tuple(marks) == grade.marks:
        return None
    if not rules.lower and _share(marks) < _share(grade.marks):
        marks = [replace(old, judged=new.judged) for old, new in zip(grade.marks, marks, strict=True)]
    points, possible = sum((one.fraction for one in marks), Fraction(0)), sum(one.possible for one in marks)
    reached = possible > 0 and points * 100 >= pass_mark * possible
    return Grade(
        points=str(points),
        possible=possible,
        score=int(points / possible * 10_000) if possible else 0,
        passed=reached or (grade.passed and not rules.lower),
        marks=tuple(marks),
    )


def _share(marks: Sequence[Mark]) -> Fraction:
    possible = sum(one.possible for one in marks)
    return sum((one.fraction for one in marks), Fraction(0)) / possible if possible else Fraction(0)


def _judged(
    number: int, question: Question, mark: Mark, items: Mapping[str, Item], answer: Answer, rules: Rules
) -> Mark:
    if mark.judged == VOID:
        return mark
    if question.item in rules.void:
        return replace(mark, points=str(mark.possible), judged=VOID)
    change = rules.changes.get((question.item, judging(question, mark).version))
    if change is None:
        return mark
    item = item_of(replace(question, version=change.today), items)
    earned = share(item, question, answer.value, answer.language)
    if not rules.lower and mark.possible:
        earned = max(earned, mark.fraction / mark.possible)
    return Mark(item=mark.item, points=str(earned * item.points), possible=item.points, judged=change.today)
