"""Ids that were changed since the release that learners have: their progress, notes and answers hang on the old ones.

What was only taken away says nothing; a thing that is gone and stands there again under another id was renamed.
"""

from collections.abc import Iterable

from app.core.assemble import Drafts
from app.core.content import Item, Library, Module, Problem, flatten
from app.core.markup import fold
from app.core.scan import Faults


def check(library: Library, before: Library, drafts: Drafts, found: list[Problem]) -> None:
    """Names what `library` calls otherwise than `before`, where they have a course in common."""
    if before.courses.keys().isdisjoint(library.courses):
        return
    for id, old in _renamed(_titles(before.modules), _titles(library.modules)):
        _tell(Faults(drafts.path("modules", id), found), 0, "module", old, f"modules/{old}.md")
    for id, old in _renamed(_quiz_titles(before), _quiz_titles(library)):
        _tell(Faults(drafts.path("quizzes", id), found), 0, "quiz", old, f"quizzes/{old}.md")
    for id, module in library.modules.items():
        fault = Faults(drafts.path("modules", id), found)
        lines = {one.id: one.line for one in drafts.modules[id][drafts.original].sections}
        if id in before.modules:
            was = {one.id: fold(one.original.title) for one in before.modules[id].sections}
            now = {one.id: fold(one.original.title) for one in module.sections}
            for section, old in _renamed(was, now):
                _tell(fault, lines[section], "section", old, f"{{#{old}}}")
    _activities(library, before, drafts, found)
    items = {item.id: item for quiz in library.quizzes.values() for item in flatten(quiz.items)}
    for id, old in _renamed(_asked(before), {id: _words(item) for id, item in items.items()}):
        quiz = items[id].quiz
        line = drafts.quizzes[quiz][drafts.original].places.get(id, 0)
        _tell(Faults(drafts.path("quizzes", quiz), found), line, "question", old, f"{{#{old} …}}")


def _tell(fault: Faults, line: int, what: str, old: str, write: str) -> None:
    message = (
        f"Learners know this {what} as “{old}”, and their progress and answers hang on that. "
        f"Call it `{write}` again; titles may change, ids may not."
    )
    fault(line, "id-renamed", message, "warning")


def _renamed(before: dict[str, str], now: dict[str, str]) -> Iterable[tuple[str, str]]:
    """(new id, old id) of what says the same under another id; words that several share tell nothing."""
    gone = [(words, id) for id, words in before.items() if id not in now]
    for words, old in gone:
        new = [id for id, said in now.items() if said == words and id not in before]
        if len(new) == 1 and [one for one, _ in gone].count(words) == 1:
            yield new[0], old


def _titles(modules: dict[str, Module]) -> dict[str, str]:
    return {id: fold(next(iter(one.texts.values())).title) for id, one in modules.items()}


def _quiz_titles(library: Library) -> dict[str, str]:
    return {id: fold(next(iter(quiz.title.values()))) for id, quiz in library.quizzes.items()}


def _asked(library: Library) -> dict[str, str]:
    return {item.id: _words(item) for quiz in library.quizzes.values() for item in flatten(quiz.items)}


def _words(item: Item) -> str:
    return fold(f"{item.kind} {item.original.heading} {item.original.stem} {item.original.body}")


def _activities(library: Library, before: Library, drafts: Drafts, found: list[Problem]) -> None:
    places = {
        one.target: (id, one.line)
        for id, texts in drafts.modules.items()
        for section in texts[drafts.original].sections
        for one in section.references
        if one.kind == "activity"
    }
    for activity, old in _renamed(_tasks(before), _tasks(library)):
        module, line = places[activity]
        fault = Faults(drafts.path("modules", module), found)
        _tell(fault, line, "activity", old, f"/// activity | … {old}")


def _tasks(library: Library) -> dict[str, str]:
    return {
        part.ref: fold(f"{part.title} {part.html}")
        for module in library.modules.values()
        for section in module.sections
        for part in section.original.parts
        if part.kind == "activity"
    }
