"""Rules for quizzes: who uses them, what they refer to, whether they can be drawn, and passed by guessing."""

import re

from app.core.assemble import Drafts
from app.core.content import Item, Library, Problem, Quiz, flatten
from app.core.drafts import QuizDraft
from app.core.drawing import lacking, never_drawn
from app.core.guessing import overlap, passing_in_all
from app.core.limits import table
from app.core.questions import KINDS
from app.core.scan import Faults
from app.core.shared import Shared

LIKELY = 0.2  # a chance to pass by blind guessing from which authors are warned
ALIKE = 0.7  # a mean share of questions that come again from which authors are warned


def check(library: Library, drafts: Drafts, shared: Shared, found: list[Problem]) -> None:
    _modules(library, drafts, found)
    _item_ids(drafts, found)
    places = _places(library)
    for id, quiz in library.quizzes.items():
        draft = drafts.quizzes[id][drafts.original]
        fault = Faults(drafts.path("quizzes", id), found)
        if not quiz.items:
            fault(0, "empty", "The quiz has no question. Write a heading `## Question {#id .single}`.")
        if quiz.graded and library.course_of_quiz(id) is None:
            message = "No module and no outline names this quiz, so nobody can take it. Add `quiz: …` to a module."
            fault(0, "unused", message, "warning")
        for item in flatten(quiz.items):
            _item(item, quiz, library, drafts, places, fault)
        if quiz.graded and all(item.kind in KINDS for item in flatten(quiz.items)):
            _draws(quiz, draft, any(course.entry == id for course in library.courses.values()), fault)


def _modules(library: Library, drafts: Drafts, found: list[Problem]) -> None:
    """The quizzes that modules name."""
    owner: dict[str, str] = {}
    for id, module in library.modules.items():
        fault = Faults(drafts.path("modules", id), found)
        line = drafts.modules[id][drafts.original].lines.get("quiz", 1)
        if module.quiz is None:
            continue
        quiz = library.quizzes.get(module.quiz)
        if quiz is None and f"quizzes/{module.quiz}.md" not in drafts.unread:
            fault(line, "quiz", f"There is no readable quizzes/{module.quiz}.md. Write it, or name another file.")
        elif quiz and not quiz.graded:
            fault(
                line, "pass-mark", f"No question of quizzes/{module.quiz}.md is graded: nobody can pass it. Add some."
            )
        if owner.setdefault(module.quiz, id) != id:
            fault(line, "quiz", f"“{module.quiz}” is the quiz of module “{owner[module.quiz]}” already. Name another.")


def _item_ids(drafts: Drafts, found: list[Problem]) -> None:
    """Ids of questions are unique in all quiz files."""
    first: dict[str, str] = {}
    for quiz, texts in drafts.quizzes.items():
        path = drafts.path("quizzes", quiz)
        for id, line in texts[drafts.original].places.items():
            place = first.setdefault(id, f"{path}:{line}")
            if place != f"{path}:{line}":
                Faults(path, found)(line, "id-double", f"{place} has a question “{id}” already. Choose another id.")


def _item(item: Item, quiz: Quiz, library: Library, drafts: Drafts, places: re.Pattern[str], fault: Faults) -> None:
    line = drafts.quizzes[quiz.id][drafts.original].places.get(item.id, 0)
    severity = "error" if library.uses(quiz.id) or item.practice else "warning"  # nobody meets it yet
    unknown = item.module not in library.modules and f"modules/{item.module}.md" not in drafts.unread
    if item.module and unknown:
        message = f"There is no readable modules/{item.module}.md. Write `module=` with another name."
        fault(line, "module", message, severity)
    elif not item.module and _by_topic(quiz) and item.graded and not item.questions:
        fault(line, "module", "This quiz tells results by topic, so each question needs `module=…`.")
    for name in _real_places(item, places):
        fault(
            line, "real-place", f"`vars:` are for invented places, and this question names {name}. Write fixed numbers."
        )
    for action in item.actions:
        if action not in library.actions:
            fault(line, "action", f"actions.yml has no {action}. Name one that stands there.")


def _by_topic(quiz: Quiz) -> bool:
    return any("topics" in shown for shown in table(quiz).values())


def _places(library: Library) -> re.Pattern[str]:
    """The names of all countries and of all publishers of the ledger, whole words alone; without any, nothing fits."""
    names = {country.name[next(iter(country.name))] for country in library.countries.values() if country.code != "ZZ"}
    names |= {name for one in library.figures.values() if len(name := one.source.partition(",")[0].strip()) > 2}
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\b" if names else r"(?!)")


def _real_places(item: Item, places: re.Pattern[str]) -> list[str]:
    """The countries and publishers that a question with parameters names: drawn numbers would say something false."""
    if not item.original.body.get("parameters"):
        return []
    text = item.original
    return sorted(set(places.findall(" ".join([text.heading, text.stem, text.hint, text.explanation]))))


def _draws(quiz: Quiz, draft: QuizDraft, entry: bool, fault: Faults) -> None:
    """Whether the blueprint can be filled; how fair a pass is, unless it is an `entry` check, which nobody passes."""
    line = draft.lines.get("draw", 1)
    for rule in quiz.draw:
        for kind in rule.type:
            if kind not in KINDS:
                fault(line, "blueprint", f"There is no kind “{kind}”. Write one of: {', '.join(KINDS)}.")
    for rule in lacking(quiz):
        cell = ", ".join(one for one in (rule.module, *rule.level, *rule.type, *rule.action) if one) or "any"
        few = f"{rule.n} question{'s' if rule.n > 1 else ''}"
        fault(line, "blueprint", f"The file has {few} too few for the cell “{cell}”. Write more, or draw fewer.")
    if not lacking(quiz) and not entry:
        _fairness(quiz, line, fault)
        for id in never_drawn(quiz):
            message = f"No cell of the blueprint asks “{id}”. Add it to one, or move the question to another quiz."
            fault(draft.places.get(id, line), "never-drawn", message, "warning")


def _fairness(quiz: Quiz, line: int, fault: Faults) -> None:
    chance = passing_in_all(quiz)
    if chance > LIKELY:
        attempts = f"{quiz.attempts} attempts" if (quiz.attempts or 1) > 1 else "one attempt"
        message = (
            f"Blind guessing passes in {attempts} with {chance:.0%}. Ask more, offer more options, or pass higher."
        )
        fault(line, "guessing", message, "warning")
    share = overlap(quiz)
    if quiz.attempts != 1 and share > ALIKE:
        message = f"Two attempts share {float(share):.0%} of their questions on average. Write more, or draw fewer."
        fault(line, "overlap", message, "warning")
