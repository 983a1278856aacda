"""Rules for surveys and entry checks: what an outline may name, and what belongs into their files."""

from collections.abc import Iterator
from typing import Any

from app.core.assemble import Drafts
from app.core.content import Item, Library, Problem, Quiz, flatten
from app.core.markup import fold
from app.core.scan import Faults
from app.core.schema import Outline
from app.core.shared import Shared, surveys

OF_GRADED = ("pass", "draw", "attempts", "wait", "counts", "minutes", "feedback", "shows")  # front matter of quizzes


def check(library: Library, drafts: Drafts, shared: Shared, found: list[Problem]) -> None:
    for id, quiz in library.quizzes.items():
        _file(quiz, library, drafts, Faults(drafts.path("quizzes", id), found))
    owner: dict[str, str] = {}
    for id, outline in shared.courses.items():
        fault, lines = Faults(shared.outlines[id].path, found), shared.outlines[id]
        _surveys(outline, library, drafts, lines.line("surveys"), fault)
        if outline.entry is not None:
            _entry(outline.entry, library, drafts, lines.line("entry"), owner, fault)


def _file(quiz: Quiz, library: Library, drafts: Drafts, fault: Faults) -> None:
    draft = drafts.quizzes[quiz.id][drafts.original]
    if not quiz.survey:
        for item in flatten(quiz.items):
            if item.kind == "survey":
                message = "A survey stands in a file of its own. Move this question there, or give it another kind."
                fault(draft.places.get(item.id, 0), "survey", message)
        return
    if not library.uses(quiz.id):
        message = "No outline names this survey, so nobody sees it. Add it to `surveys:` of an outline."
        fault(0, "unused", message, "warning")
    for key in OF_GRADED:
        if key in draft.lines:
            fault(draft.lines[key], "survey", f"A survey is not graded, so `{key}` says nothing. Take it out.")


def _surveys(outline: Outline, library: Library, drafts: Drafts, line: int, fault: Faults) -> None:
    named = surveys(outline)
    for id in dict.fromkeys(named.values()):
        quiz = library.quizzes.get(id)
        if quiz is None and f"quizzes/{id}.md" not in drafts.unread:
            fault(line, "quiz", f"There is no readable quizzes/{id}.md. Write it, or name another file.")
        elif quiz and not quiz.survey:
            fault(line, "survey", f"“{id}” is no survey. Make every question of its file `.survey`, or name another.")
    if "follow_up" in named and "end" not in named:
        message = "People are asked at the `end` survey whether they want a `follow_up`. Name one, or leave both out."
        fault(line, "survey", message)


def _entry(entry: str, library: Library, drafts: Drafts, line: int, owner: dict[str, str], fault: Faults) -> None:
    """An entry check is a graded quiz of its own that is taken once and never shows the key."""
    quiz = library.quizzes.get(entry)
    if owner.setdefault(entry, fault.path) != fault.path or _is_taken(entry, library):
        fault(line, "quiz", f"“{entry}” is used in another place already. Give the entry check a file of its own.")
    if quiz is None:
        if f"quizzes/{entry}.md" not in drafts.unread:
            fault(line, "quiz", f"There is no readable quizzes/{entry}.md. Write it, or name another file.")
        return
    draft = drafts.quizzes[entry][drafts.original]
    here = Faults(drafts.path("quizzes", entry), fault.found)
    if not quiz.graded:
        fault(line, "entry", f"No question of quizzes/{entry}.md has a right answer, so it can tell nothing. Add some.")
    if quiz.attempts != 1:
        here(draft.lines.get("attempts", 1), "entry", "An entry check is taken once. Write `attempts: 1`.")
    if quiz.feedback != "by_topic":
        message = "An entry check tells the result by topic and never the key. Write `feedback: by_topic`."
        here(draft.lines.get("feedback", 1), "entry", message)
    others = {_said(item): item for other in library.quizzes.values() if other != quiz for item in flatten(other.items)}
    for item in flatten(quiz.items):
        if other := others.get(_said(item)):
            message = f"“{other.id}” of quizzes/{other.quiz}.md asks the same. Write a question of its own."
            here(draft.places.get(item.id, 0), "entry", message)


def _is_taken(quiz: str, library: Library) -> bool:
    finals = {course.final for course in library.courses.values()}
    return quiz in finals or any(module.quiz == quiz for module in library.modules.values())


def _said(item: Item) -> tuple[str, ...]:
    """All words of an item, its options in any order: two items with the same ones ask the same."""
    text = item.original
    return (fold(text.heading), fold(text.stem), *sorted(map(fold, _texts(text.body))))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
