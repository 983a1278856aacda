"""The shipped course keeps its promises: every action served, large banks, no answer given away by its form."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from app.core.content import Item, Library, Module, flatten
from app.core.drawing import cell, draw
from app.core.grading import grade, item_of
from app.core.load import load
from app.core.papers import Answer, Paper
from app.core.questions import KINDS, body_of
from tests.serving import ROOT, SHIPPED

ACTIONS = [f"A{number}" for number in range(1, 13)]
TAUGHT = ["why", "right", "life-cycle", "who-is-reached", "no-one-left-out", "shocks", "delivery", "financing"]
TAUGHT += ["targets", "together"]
DEEP = {"analyse", "evaluate"}
CHOICES = ("single", "multiple")


@pytest.fixture(scope="module")
def library() -> Library:
    found, problems = load(ROOT, today=date(2026, 11, 22), kept=SHIPPED)
    assert found is not None, "\n".join(str(one) for one in problems)
    return found


@pytest.fixture(scope="module")
def modules(library: Library) -> dict[str, Module]:
    return {id: library.modules[id] for id in TAUGHT}


def graded(library: Library) -> Iterator[Item]:
    """Every question that a graded attempt may ask; a scenario's questions one by one."""
    for quiz in library.quizzes.values():
        if library.course_of_quiz(quiz.id):
            yield from (one for one in flatten(quiz.items) if one.graded and not one.questions)


def asked(library: Library, quiz: str) -> list[Item]:
    return [one for one in flatten(library.quizzes[quiz].items) if one.graded and not one.questions]


def test_the_course_is_clean() -> None:
    assert [str(one) for one in load(ROOT, today=date(2026, 11, 22), kept=SHIPPED)[1]] == []


def test_the_modules_in_order(library: Library) -> None:
    assert library.courses["social-protection"].modules == ("orientation", *TAUGHT)


def test_every_action_has_an_activity_and_four_items(library: Library, modules: dict[str, Module]) -> None:
    parts = [part for module in modules.values() for one in module.sections for part in one.original.parts]
    activities = Counter(part.action for part in parts if part.kind == "activity")
    items = Counter(action for item in graded(library) for action in set(item.actions))
    assert [action for action in ACTIONS if not activities[action]] == []
    assert [action for action in ACTIONS if items[action] < 4] == []
    served = {action for module in modules.values() for action in module.actions}
    assert served == set(ACTIONS)


@pytest.mark.parametrize("module", TAUGHT)
def test_a_bank_is_large_enough_for_a_second_try(library: Library, module: str) -> None:
    items = asked(library, module)
    assert len(items) >= 16
    assert sum(item.level in DEEP for item in items) >= 4
    assert len({item.kind for item in items}) >= 6
    first, second = (draw(library.quizzes[module], seed, seen) for seed, seen in (("a", {}), ("b", {})))
    seen = {question.scenario or question.item: 1 for question in first.questions}
    again = draw(library.quizzes[module], "b", seen)
    assert len(again.questions) == len(second.questions) == len(first.questions) == 8
    assert {question.item for question in again.questions}.isdisjoint(question.item for question in first.questions)


@pytest.mark.parametrize("module", TAUGHT)
def test_a_module_has_what_each_module_has(library: Library, module: str) -> None:
    text = (ROOT / "modules" / f"{module}.md").read_text(encoding="utf-8")
    boxes = Counter(re.findall(r"(?m)^/// ([a-z-]+)", text))
    sections = library.modules[module].sections
    assert 2 <= boxes["country"] <= 5
    assert (boxes["reflection"] >= 1, boxes["key-points"], boxes["go-further"]) == (True, 1, 1)
    assert boxes["check"] == len(sections)
    assert [one.id for one in sections if not 4 <= one.minutes <= 9] == []
    assert [one.id for one in sections if "<table" not in "".join(part.html for part in one.original.parts)] == []
    assert re.search(r"finance minister", text)


def test_the_length_of_the_course(modules: dict[str, Module]) -> None:
    words = sum(one.original.words for module in modules.values() for one in module.sections)
    assert 34_000 <= words <= 45_000


def test_a_final_of_thirty_with_one_island(library: Library) -> None:
    final = library.quizzes["final-assessment"]
    assert sum(rule.n for rule in final.draw) == 30
    assert len(asked(library, final.id)) >= 90
    assert [rule for rule in final.draw if len(cell(final, rule)) < 3 * rule.n] == []
    told = Counter()
    for seed in range(60):
        paper = draw(final, str(seed), {})
        (island,) = {question.scenario for question in paper.questions} - {""}
        told[island] += 1
        assert (len(paper.questions), sum(bool(question.scenario) for question in paper.questions)) == (30, 5)
    assert set(told) == {"final-island-a", "final-island-b", "final-island-c"}


def test_practice_in_the_path_is_never_of_the_final(library: Library, modules: dict[str, Module]) -> None:
    parts = [part for module in modules.values() for one in module.sections for part in one.original.parts]
    checks = [part.ref for part in parts if part.kind == "check"]
    assert len(set(checks)) == len(checks) >= 58
    assert {item.quiz for id in checks if (item := library.item(id))} == set(TAUGHT)


def test_no_question_names_an_answer_by_its_length(library: Library) -> None:
    """In choices with one right answer, the longest option is right about as often as chance has it."""
    singles = [item for item in graded(library) if item.kind == "single"]
    longest = expected = 0.0
    for item in singles:
        body = body_of(item, "en")
        lengths = [len(re.sub(r"<[^>]*>", "", option.text)) for option in body.options]
        right = next(at for at, option in enumerate(body.options) if option.right)
        longest += lengths[right] == max(lengths)
        expected += 1 / len(lengths)
    assert len(singles) > 60
    assert longest <= expected * 1.35


def test_no_option_stands_for_all_others(library: Library) -> None:
    words = re.compile(r"\b(all|none|both) of (the|these)( above)?\b", re.IGNORECASE)
    texts = {
        item.id: [option.text for option in body_of(item, "en").options]
        for item in graded(library)
        if item.kind in CHOICES
    }
    assert {id: options for id, options in texts.items() if any(words.fullmatch(one.strip()) for one in options)} == {}


def test_every_graded_question_names_a_section_to_reread(library: Library) -> None:
    quizzes = [library.quizzes[id] for id in (*TAUGHT, "final-assessment")]
    items = [item for quiz in quizzes for item in quiz.items if item.graded]
    silent = [
        item.id
        for item in items
        if not any("/courses/social-protection/" in one.original.explanation for one in (item, *item.questions))
    ]
    assert silent == []


def test_the_ledger_holds_nothing_unverified(library: Library) -> None:
    assert {figure.status for figure in library.figures.values()} <= {"verified", "secondary", "own calculation"}
    assert [figure.id for figure in library.figures.values() if not figure.source or not figure.year] == []
    assert len(library.terms) >= 90


WORKED = re.compile(r"(?m)^= (.+) = [0-9.]+ ±")
FIXED = re.compile(r"(?m)^= ([0-9.]+) ±")


def questions_as_written() -> Iterator[tuple[str, str]]:
    """(id, source) of each question of the quiz files."""
    for path in sorted((ROOT / "quizzes").glob("*.md")):
        for text in re.split(r"(?m)^(?=#{2,3} )", path.read_text(encoding="utf-8")):
            if found := re.match(r".*\{#(\S+)", text):
                yield found[1], text


def test_a_computed_key_shows_its_working() -> None:
    """The check works it out again; only what is known by heart has none."""
    assert [id for id, text in questions_as_written() if FIXED.search(text)] == ["right-branches"]


def test_a_working_uses_the_figures_that_the_question_tells(library: Library) -> None:
    """Digit for digit, so that a figure that is corrected in the ledger is corrected in the keys too."""
    stale = {}
    for id, text in questions_as_written():
        told = re.findall(r"\{\{fig:([\w-]+)", text)
        if (working := WORKED.search(text)) and told:
            digits = re.sub(r"[^0-9 ]", "", working[1].replace(" / ", " "))
            values = [re.sub(r"\D", "", library.figures[one].value) for one in told]
            if sum(value in digits for value in values) < min(2, len(values)):
                stale[id] = values
    assert stale == {}


def right_answers(paper: Paper, versions: dict[str, Item]) -> dict[int, Answer]:
    answers = {}
    for number, question in enumerate(paper.questions, 1):
        item = item_of(question, versions)
        answers[number] = Answer(value=KINDS[item.kind].right(body_of(item, "en"), question.drawn), language="en")
    return answers


@pytest.mark.parametrize("quiz", [*TAUGHT, "final-assessment", "entry-check"])
def test_the_key_earns_every_point_of_every_paper(library: Library, quiz: str) -> None:
    bank = library.quizzes[quiz]
    versions = {item.version: item for item in bank.items}
    for seed in range(40):
        paper = draw(bank, str(seed), {})
        best = grade(paper, versions, right_answers(paper, versions), 100)
        assert (best.score, best.passed) == (10_000, True)
