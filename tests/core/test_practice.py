"""What may be practised by whom, and in which order."""

from random import Random

import pytest
from msgspec.structs import replace

from app.core.content import Course, Item, Library, Module, ModuleText, Part, Quiz, Section, SectionText
from app.core.practice import always, in_order, question, tasks
from app.core.progress import QuizState
from tests.core.banks import ITEMS, read
from tests.core.test_drawing import STORY


def item(id: str, quiz: str, kind: str = "single", module: str = "", practice: bool = False) -> Item:
    texts = ITEMS[{"survey": "scale"}.get(kind, kind)].texts
    return Item(id=id, quiz=quiz, kind=kind, texts=texts, module=module, practice=practice, version=f"v-{id}")


def quiz(id: str, *items: Item, **rules: object) -> Quiz:
    return Quiz(id=id, title={"en": id}, items=items, **rules)


CHECKS = SectionText(title="a", parts=(Part(kind="check", ref="bank-check"),), words=0, source="")
MODULE = Module(
    id="why",
    texts={"en": ModuleText(title="Why", intro="")},
    sections=(Section(id="a", module="why", texts={"en": CHECKS}, minutes=5),),
    quiz="why-quiz",
)
COURSE = Course(
    id="c",
    title={"en": "C"},
    version="1",
    hours=1,
    languages=("en",),
    licence="",
    modules=("why",),
    final="final",
    entry="entry",
)
WHY = quiz(
    "why-quiz",
    item("graded-1", "why-quiz"),
    item("graded-2", "why-quiz"),
    item("practised", "why-quiz", practice=True),
    item("open", "why-quiz", "reflection"),
    item("counted", "why-quiz", "survey"),
)
BANK = quiz(
    "bank",
    item("bank-check", "bank", practice=True),
    item("bank-named", "bank", practice=True, module="why"),
    item("bank-other", "bank", practice=True, module="right"),
    item("bank-graded", "bank", module="why"),
)
FINAL = quiz("final", item("final-1", "final", module="why"), item("final-2", "final", module="why", practice=True))
ENTRY = quiz("entry", item("entry-1", "entry", module="why"), item("entry-2", "entry", module="why", practice=True))
LIBRARY = Library(
    courses={"c": COURSE},
    modules={"why": MODULE},
    quizzes={one.id: one for one in (WHY, BANK, FINAL, ENTRY)},
    figures={},
    terms={},
    countries={},
    actions={},
)
FREE = ["practised", "open", "bank-check", "bank-named"]


def state(passed: bool, tries: int, left: int | None = None) -> QuizState:
    return QuizState(quiz="why-quiz", module="why", passed=passed, tries=tries, tries_left=left)


def ids(items: list[Item]) -> list[str]:
    return [one.id for one in items]


@pytest.mark.parametrize(
    ("where", "asked", "rules", "opened"),
    [
        (None, set(), {}, []),
        (state(False, 0), set(), {}, []),
        (state(False, 1), {"v-graded-2"}, {}, ["graded-2"]),
        (state(False, 1), {"v-graded-2", "an older version"}, {}, ["graded-2"]),
        (state(True, 1), set(), {}, ["graded-1", "graded-2"]),
        (state(False, 2, 0), set(), {}, ["graded-1", "graded-2"]),
        (state(False, 1), {"v-graded-2"}, {"shows": {"before_passing": ("marks",)}}, []),
        (state(True, 1), {"v-graded-2"}, {"shows": {"before_passing": ("marks",)}}, ["graded-1", "graded-2"]),
        (state(False, 2, 0), {"v-graded-2"}, {"shows": {"after_last_try": ()}}, []),
        (state(True, 1), {"v-graded-2"}, {"feedback": "by_topic"}, []),
        (state(True, 1), {"v-graded-2"}, {"feedback": "score_only"}, []),
    ],
)
def test_what_is_practised(
    where: QuizState | None, asked: set[str], rules: dict[str, object], opened: list[str]
) -> None:
    library = replace(LIBRARY, quizzes={**LIBRARY.quizzes, "why-quiz": replace(WHY, **rules)})
    found = ids(tasks(library, COURSE, MODULE, where, asked))
    assert (found, ids(always(library, MODULE))) == ([*FREE, *opened], FREE)


def test_never_a_question_of_the_final_even_where_a_module_names_it() -> None:
    wrong = replace(MODULE, quiz="final")
    everything = {item.version for item in FINAL.items}
    assert ids(tasks(LIBRARY, COURSE, wrong, replace(state(True, 3), quiz="final"), everything)) == FREE[2:]
    assert ids(tasks(LIBRARY, COURSE, replace(MODULE, quiz=None), None, everything)) == FREE[2:]


def test_a_round_has_its_own_order_and_keeps_stories_together() -> None:
    bank = [*read(STORY)[0], *(one for one in ITEMS.values() if one.kind != "survey")]
    rounds = [[task.item.id for task in in_order(bank, run)] for run in range(20)]
    assert {tuple(sorted(one)) for one in rounds} == {tuple(sorted(["who", "reason", "many", *ids(bank)[1:]]))}
    assert len({tuple(one) for one in rounds}) == 20
    assert all(one[one.index("who") : one.index("who") + 3] == ["who", "reason", "many"] for one in rounds)
    assert rounds[0] == [task.item.id for task in in_order(bank, 0)]
    story = next(task for task in in_order(bank, 1) if task.item.id == "who")
    assert (story.scenario and story.scenario.id, question(story, 1).scenario) == ("story", "story")
    numeric = next(task for task in in_order(bank, 1) if task.item.id == "numeric")
    values = [question(numeric, Random(n).randrange(99)).drawn.values["all"] for n in range(30)]
    assert (question(numeric, 7) == question(numeric, 7), len(set(values)) > 5) == (True, True)
