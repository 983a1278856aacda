"""What a new library changes for learners: sections, questions, quizzes and courses, by their version hashes."""

from collections.abc import Callable, Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any, TypeVar

from msgspec.structs import replace

from app.core.content import Course, Item, Library, Quiz, Section, Struct, flatten
from app.core.search import plain

ALIKE = 0.6  # of the words: from here on a new thing is named as the probable new name of one that is gone
PAIRS = 10_000  # that are compared at most
SAID = 6000  # characters of a text that are compared
RULES = ("pass_mark", "draw", "attempts", "wait_after", "wait_minutes", "counts", "feedback")

T = TypeVar("T")


class Gone(Struct):
    """An id that is no longer there, and what it is probably called now ("" where nothing is like it)."""

    id: str
    now: str = ""


class Things(Struct):
    """Things of one sort by id: new, changed, and gone ones with their probable new names."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[Gone, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """What learners may have met before."""
        return (*self.changed, *(one.id for one in self.gone))

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone)


class QuizChange(Struct):
    """A quiz that is not as it was: its questions, those of them with another `key`, and the `rules` that differ."""

    id: str
    items: Things
    keys: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


class CourseChange(Struct):
    """A course that is not as it was. `requirements`: what its certificates ask for differs, be it the rule or the
    sections and quizzes that the rule speaks of; `lists`: modules that came or went; `texts`: title, version, hours."""

    id: str
    requirements: tuple[str, ...] = ()
    modules: Things = Things()
    details: tuple[str, ...] = ()


class Comparison(Struct):
    """Everything that differs for learners between two libraries; sections are "module/section"."""

    sections: Things
    quizzes: tuple[QuizChange, ...]
    quiz_ids: Things
    courses: tuple[CourseChange, ...]
    course_ids: Things
    shared: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sections or self.quizzes or self.quiz_ids or self.courses or self.course_ids or self.shared)


def compare(before: Library, after: Library) -> Comparison:
    """What learners will find otherwise."""
    old, new = _sections(before), _sections(after)
    sections = _things(old, new, lambda one: one.version, _of_section)
    quizzes = _things(before.quizzes, after.quizzes, lambda one: one.version, _of_quiz)
    touched = [id for id in sorted(before.quizzes) if id in quizzes.ids]
    both = before.courses.keys() & after.courses.keys()
    return Comparison(
        sections=sections,
        quizzes=tuple(_quiz(before.quizzes[id], after) for id in touched),
        quiz_ids=replace(quizzes, changed=()),
        courses=tuple(change for id in sorted(both) if (change := _course(id, before, after))),
        course_ids=replace(_things(before.courses, after.courses, lambda _: "", lambda _: ""), changed=()),
        shared=tuple(name for name in ("figures", "terms", "countries", "actions", "options", "published")
                     if getattr(before, name) != getattr(after, name)),
    )  # fmt: skip


def _sections(library: Library) -> dict[str, Section]:
    return {place: section for module in library.modules.values() for place, section in module.places}


def _things(
    before: Mapping[str, T], after: Mapping[str, T], version: Callable[[T], str], words: Callable[[T], str]
) -> Things:
    added = [id for id in after if id not in before]
    return Things(
        added=tuple(added),
        changed=tuple(id for id in before if id in after and version(before[id]) != version(after[id])),
        gone=_gone({id: words(before[id]) for id in before if id not in after}, {id: words(after[id]) for id in added}),
    )


def _gone(gone: Mapping[str, str], added: Mapping[str, str]) -> tuple[Gone, ...]:
    """Each with the new thing that is most like it; no new thing is named twice. Of very many none is looked for."""
    if len(gone) * len(added) > PAIRS:
        return tuple(Gone(id=id) for id in gone)
    pairs = sorted(
        ((alike, id, other) for id, text in gone.items() for other, new in added.items()
         if (alike := likeness(text, new)) >= ALIKE),
        reverse=True,
    )  # fmt: skip
    found: dict[str, str] = {}
    for _, id, other in pairs:
        if id not in found and other not in found.values():
            found[id] = other
    return tuple(Gone(id=id, now=found.get(id, "")) for id in gone)


def likeness(one: str, other: str) -> float:
    """The share of words that two texts have in common, in order; 0 for nothing."""
    if one == other:
        return float(bool(one))
    matcher = SequenceMatcher(None, one[:SAID].split(), other[:SAID].split(), autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= ALIKE else 0.0


def _of_section(section: Section) -> str:
    return section.original.source


def _of_item(item: Item) -> str:
    """Heading and stem; questions of one kind with the same key are most alike."""
    text = item.original
    return f"{item.kind} {plain(text.heading)} {plain(text.stem)} {item.key_hash}"


def _of_quiz(quiz: Quiz) -> str:
    return " ".join(item.id for item in quiz.items)


def _quiz(old: Quiz, after: Library) -> QuizChange:
    new = after.quizzes.get(old.id) or replace(old, items=())
    was, now = ({item.id: item for item in flatten(quiz.items)} for quiz in (old, new))
    items = _things(was, now, lambda one: one.version, _of_item)
    keys = tuple(id for id in items.changed if was[id].key_hash != now[id].key_hash)
    rules = tuple(rule for rule in RULES if getattr(old, rule) != getattr(new, rule))
    return QuizChange(id=old.id, items=items, keys=keys, rules=rules)


def _course(id: str, before: Library, after: Library) -> CourseChange | None:
    old, new = before.courses[id], after.courses[id]
    modules = _things(dict.fromkeys(old.modules, ""), dict.fromkeys(new.modules, ""), str, str)
    modules = replace(modules, changed=("order",) if _moved(old.modules, new.modules) else ())
    details = tuple(one for one in ("title", "version", "hours", "languages", "licence", "entry", "surveys")
                    if getattr(old, one) != getattr(new, one))  # fmt: skip
    change = CourseChange(id=id, requirements=requirements(before, old, after, new), modules=modules, details=details)
    return change if change.requirements or change.modules or change.details else None


def _moved(old: Iterable[str], new: tuple[str, ...]) -> bool:
    kept = [one for one in old if one in new]
    return kept != [one for one in new if one in kept]


def requirements(before: Library, old: Course, after: Library, new: Course) -> tuple[str, ...]:
    """The certificates (participation, completion) that ask for other things than before."""
    return tuple(
        kind for kind in ("participation", "completion") if _asked(before, old, kind) != _asked(after, new, kind)
    )


def _asked(library: Library, course: Course, kind: str) -> dict[str, Any]:
    """What a certificate needs: its rule, with the sections and quizzes that it speaks of."""
    rule = dict(getattr(course, kind))
    modules = [library.modules[id] for id in course.modules if id in library.modules]
    if rule.get("every_section_read"):
        rule["sections"] = sorted(place for module in modules for place, _ in module.places)
    if rule.get("every_quiz_passed"):
        rule["quizzes"] = sorted(module.quiz for module in modules if module.quiz)
    if rule.get("final_passed"):
        rule["final"] = course.final
    return rule
