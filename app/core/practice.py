"""Practice: the questions of a module again, ungraded. Nothing of it is remembered; never a question of a final."""

from collections.abc import Collection, Iterator
from random import Random
from typing import NamedTuple

from app.core.content import Course, Item, Library, Module, Quiz
from app.core.limits import shown
from app.core.papers import Question
from app.core.progress import QuizState
from app.core.questions import draw_of


class Task(NamedTuple):
    """A question to practise, with the scenario that it belongs to."""

    item: Item
    scenario: Item | None = None


def tasks(
    library: Library, course: Course, module: Module, state: QuizState | None, asked: Collection[str]
) -> list[Item]:
    """What this learner may practise, in the order of the files: every `.practice` question of the module, and those
    of its quiz whose key the quiz shows her now: all once she has passed or has no try left, before that those that
    were `asked` (versions of items)."""
    quiz = library.quizzes.get(module.quiz or "")
    opened = _opened(quiz, course, state, asked) if quiz and state and not _is_final(library, quiz.id) else ()
    return [*always(library, module), *opened]


def always(library: Library, module: Module) -> list[Item]:
    """What everybody may practise: the `.practice` questions of the module's quiz, of its checks, and that name it."""
    checks = {part.ref for section in module.sections for part in section.original.parts if part.kind == "check"}
    return [
        item
        for quiz in library.quizzes.values()
        if not _is_final(library, quiz.id)
        for item in quiz.items
        if _is_practice(item) and (quiz.id == module.quiz or item.module == module.id or item.id in checks)
    ]


def _is_practice(item: Item) -> bool:
    """A question for open answers has no key that could be given away."""
    return item.kind != "survey" and (item.practice or item.kind == "reflection")


def _is_final(library: Library, quiz: str) -> bool:
    return any(quiz in (course.final, course.entry) for course in library.courses.values())


def _opened(quiz: Quiz, course: Course, state: QuizState, asked: Collection[str]) -> list[Item]:
    if "key" not in shown(quiz, course, state.passed, state.tries_left):
        return []
    everything = state.passed or state.tries_left == 0
    return [item for item in quiz.items if item.graded and (everything or item.version in asked)]


def in_order(items: Collection[Item], run: int) -> list[Task]:
    """The questions of one round, in an order of its own; those of a scenario stay together."""
    shuffled = list(items)
    Random(run).shuffle(shuffled)
    return [task for item in shuffled for task in _each(item)]


def _each(item: Item) -> Iterator[Task]:
    if not item.questions:
        yield Task(item)
    for question in item.questions:
        if question.kind != "survey":
            yield Task(question, item)


def question(task: Task, run: int) -> Question:
    """The question as this round asks it, with values and an order of its own."""
    item, outer = task.item, task.scenario or task.item
    drawn = draw_of(item, Random(f"{run}/{item.id}"))
    scenario = task.scenario.id if task.scenario else ""
    return Question(item=item.id, version=outer.version, points=item.points, drawn=drawn, scenario=scenario)
