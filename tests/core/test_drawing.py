"""Papers: what the blueprint asks for, least asked first, the same for the same seed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.content import DrawRule, Item, Quiz, digest
from app.core.drawing import cell, draw, fits, lacking, never_drawn, seats
from app.core.papers import Paper
from tests.core.banks import BANK, ITEMS, read

STORY = """## Story {#story .scenario}

Once.

### Who {#who .single points=2}

- [x] A
- [ ] B

### Why {#reason .reflection}

- Because

### How many {#many .numeric}

= 5
"""

FEW = """## How many {#few .numeric}

vars: a = 1..2; b = 2..3
= a * b
"""
MANY = """## How many {#many .numeric}

vars: a = 0..1; b = 0%..200000% of a
= a * b
"""


def item(id: str, module: str = "", level: str = "", actions: tuple[str, ...] = (), kind: str = "single") -> Item:
    source = ITEMS["single"] if kind == "single" else ITEMS["short"]
    return Item(
        id=id, quiz="q", kind=kind, texts=source.texts, module=module, level=level, actions=actions, version=f"v-{id}"
    )


def quiz(*items: Item, draw: tuple[DrawRule, ...] = ()) -> Quiz:
    return Quiz(id="q", title={"en": "Quiz"}, items=items, draw=draw)


def ids(paper: Paper) -> set[str]:
    return {question.item for question in paper.questions}


def test_without_a_blueprint_all_graded_items_are_asked() -> None:
    bank = read(BANK)[0]
    paper = draw(quiz(*bank), "seed", {})
    assert ids(paper) == {one.id for one in bank if one.graded}
    assert len(paper.questions) == len(ids(paper))
    assert paper.possible == sum(one.points for one in bank if one.graded)


def test_practice_items_are_never_drawn() -> None:
    practice = Item(id="p", quiz="q", kind="single", texts=ITEMS["single"].texts, practice=True)
    assert draw(quiz(practice), "seed", {}).questions == ()


def test_a_paper_is_decided_by_its_seed() -> None:
    bank = quiz(*read(BANK)[0])
    assert draw(bank, "one", {}) == draw(bank, "one", {})
    assert len({digest(draw(bank, f"seed {n}", {})) for n in range(20)}) == 20


def test_a_question_keeps_version_points_and_what_was_drawn() -> None:
    numeric = [one for one in read(BANK)[0] if one.id == "numeric"]
    question = draw(quiz(*numeric), "seed", {}).questions[0]
    assert (question.item, question.points, question.scenario) == ("numeric", 3, "")
    assert set(question.drawn.values) == {"all", "missed"}


def test_a_scenario_asks_its_graded_questions_in_a_row() -> None:
    bank = (*read(BANK)[0], *read(STORY)[0])
    for seed in range(10):
        order = [question.item for question in draw(quiz(*bank), str(seed), {}).questions]
        assert order[order.index("who") + 1] == "many"
        assert "reason" not in order
    question = next(one for one in draw(quiz(*bank), "s", {}).questions if one.item == "who")
    assert (question.scenario, question.points) == ("story", 2)


def test_a_scenario_takes_as_many_places_as_it_has_questions() -> None:
    """A paper of four questions stays one of four; where two places are not free, the story is not told."""
    story = read(STORY)[0]
    singles = [item(f"i{n}") for n in range(4)]
    papers = [draw(quiz(*singles, *story, draw=(DrawRule(n=4),)), str(seed), {}) for seed in range(40)]
    assert {len(paper.questions) for paper in papers} == {4}
    assert {frozenset(ids(paper) & {"who", "many"}) for paper in papers} == {frozenset(), frozenset({"who", "many"})}
    assert ids(draw(quiz(*story, item("i"), draw=(DrawRule(n=1),)), "seed", {})) == {"i"}


def test_a_scenarios_questions_belong_to_its_cell_unless_they_name_their_own() -> None:
    """The first question is of the scenario's cell, the second of its own; both places or none are taken."""
    story = read(STORY)[0][0]
    who, reason, many = story.questions
    own = replace(many, module="right", level="apply", actions=("A2",))
    story = replace(story, module="why", level="analyse", actions=("A1",), questions=(who, reason, own))
    hers = DrawRule(n=1, module="why", level=("analyse",), action=("A1",))
    its = DrawRule(n=1, module="right", level=("apply",), action=("A2",))
    assert lacking(quiz(story, draw=(hers, its))) == ()
    assert ids(draw(quiz(story, draw=(hers, its)), "seed", {})) == {"who", "many"}
    for other in (DrawRule(n=2, module="why"), DrawRule(n=2, level=("analyse",)), DrawRule(n=2, action=("A1",))):
        assert ids(draw(quiz(story, draw=(other,)), "seed", {})) == set()


@pytest.mark.parametrize(
    ("rule", "fit"),
    [
        (DrawRule(n=1), True),
        (DrawRule(n=1, module="why"), True),
        (DrawRule(n=1, module="right"), False),
        (DrawRule(n=1, level=("apply", "remember")), True),
        (DrawRule(n=1, level=("apply",)), False),
        (DrawRule(n=1, type=("single",)), True),
        (DrawRule(n=1, type=("order",)), False),
        (DrawRule(n=1, type=("scenario",)), True),
        (DrawRule(n=1, action=("A2", "A3")), True),
        (DrawRule(n=1, action=("A4",)), False),
        (DrawRule(n=1, module="why", level=("remember",), action=("A1",)), True),
        (DrawRule(n=1, module="why", level=("apply",), action=("A1",)), False),
    ],
)
def test_the_cells_of_a_blueprint(rule: DrawRule, fit: bool) -> None:
    (seat,) = seats(item("x", "why", "remember", ("A1", "A2")))
    assert fits(seat, rule) == fit


def test_places_for_scenarios_take_their_questions_and_no_others() -> None:
    """Each paper tells one of three stories, and its questions stand in none of the other places."""
    story = read(STORY)[0][0]
    stories = [
        replace(
            story,
            id=f"story-{n}",
            questions=tuple(replace(one, id=f"{one.id}-{n}", module="why") for one in story.questions),
        )
        for n in range(3)
    ]
    rules = (DrawRule(n=2, module="why"), DrawRule(n=2, module="why", type=("scenario",)))
    bank = quiz(*stories, *(item(f"i{n}", "why") for n in range(4)), draw=rules)
    papers = [draw(bank, str(seed), {}) for seed in range(40)]
    told = [{question.scenario for question in paper.questions} for paper in papers]
    assert {len(paper.questions) for paper in papers} == {4}
    assert {frozenset(one) for one in told} == {frozenset({"", f"story-{n}"}) for n in range(3)}
    again = [draw(bank, str(seed), {"who-0": 1, "story-0": 1, "story-2": 1}) for seed in range(20)]
    assert {frozenset(question.scenario for question in paper.questions) for paper in again} == {
        frozenset({"", "story-1"})
    }
    alone = quiz(*(item(f"i{n}", "why") for n in range(9)), draw=rules)
    assert lacking(alone) == (rules[1],)


def test_overlapping_cells_are_filled_where_that_is_possible() -> None:
    """The one item of module why must go to the rule that nothing else fits."""
    bank = quiz(item("w", "why"), item("r", "right"), draw=(DrawRule(n=1), DrawRule(n=1, module="why")))
    assert all(ids(draw(bank, str(seed), {})) == {"w", "r"} for seed in range(20))
    assert lacking(bank) == ()


def test_what_a_bank_lacks() -> None:
    rules = (DrawRule(n=3, module="why"), DrawRule(n=1, module="right"))
    assert lacking(quiz(item("a", "why"), item("b", "right"), draw=rules)) == (DrawRule(n=2, module="why"),)
    assert ids(draw(quiz(item("a", "why"), draw=rules), "seed", {})) == {"a"}


def test_the_least_asked_come_first() -> None:
    bank = quiz(*(item(f"i{n}", "why") for n in range(6)), draw=(DrawRule(n=2, module="why"), DrawRule(n=2)))
    seen = {"i0": 1, "i1": 1, "i2": 2, "i3": 1}
    papers = [ids(draw(bank, str(seed), seen)) for seed in range(50)]
    assert all({"i4", "i5"} < paper and "i2" not in paper for paper in papers)
    assert {one for paper in papers for one in paper} == {"i0", "i1", "i3", "i4", "i5"}


def test_other_numbers_come_while_there_are_any_and_then_those_seen_least() -> None:
    bank = quiz(*(one for one in read(FEW)[0]))
    possible = {("1", "2"), ("1", "3"), ("2", "2"), ("2", "3")}

    def values(seed: int, seen: list[tuple[str, str]]) -> tuple[str, str]:
        before = {"few": [{"a": a, "b": b} for a, b in seen]}
        return tuple(draw(bank, str(seed), {}, before).questions[0].drawn.values.values())

    for seed in range(20):
        seen: list[tuple[str, str]] = []
        for round in (1, 2, 3):
            for _ in possible:
                seen.append(values(seed, seen))
            assert sorted(seen) == sorted(list(possible) * round)
    assert {values(seed, [("1", "2"), ("1", "3"), ("2", "2")]) for seed in range(20)} == {("2", "3")}
    assert draw(bank, "s", {}, {"another": [{"a": "1"}]}) == draw(bank, "s", {})


def test_other_numbers_come_where_there_are_too_many_to_list() -> None:
    """Half of all draws give the one pair that was seen; the other half has thousands of pairs."""
    bank = quiz(*read(MANY)[0])
    once = {"a": "0", "b": "0"}
    drawn = [draw(bank, str(seed), {}, {"many": [once] * 9}).questions[0].drawn.values for seed in range(12)]
    assert (once in drawn, len({one["b"] for one in drawn}) > 9) == (False, True)
    assert once in [draw(bank, str(seed), {}).questions[0].drawn.values for seed in range(20)]


MODULES = st.sampled_from(["", "why", "right"])
LEVELS = st.sampled_from([(), ("remember",), ("remember", "apply")])
RULES = st.lists(st.builds(DrawRule, n=st.integers(1, 3), module=MODULES, level=LEVELS), min_size=1, max_size=4)
CELLS = st.tuples(st.sampled_from(["why", "right"]), st.sampled_from(["remember", "apply"]))


@given(RULES, st.lists(CELLS, max_size=10), st.integers(0, 99))
def test_a_paper_and_what_is_lacking_make_the_whole_blueprint(
    rules: list[DrawRule], cells: list[tuple[str, str]], seed: int
) -> None:
    bank = quiz(*(item(f"i{n}", *cell) for n, cell in enumerate(cells)), draw=tuple(rules))
    paper = draw(bank, str(seed), {})
    assert len(ids(paper)) == len(paper.questions)
    assert len(paper.questions) + sum(rule.n for rule in lacking(bank)) == sum(rule.n for rule in rules)


def test_what_is_not_graded_takes_no_place_of_a_blueprint() -> None:
    """Practice items and reflections stand in the bank, are drawn by no rule, and fill none."""
    bank = quiz(
        item("a", "why"),
        item("b", "why"),
        replace(item("p", "why"), practice=True),
        replace(read(STORY)[0][0].questions[1], id="open", module="why"),
        draw=(DrawRule(n=2, module="why"),),
    )
    assert all(ids(draw(bank, str(seed), {"a": 9, "b": 9})) == {"a", "b"} for seed in range(20))
    assert lacking(replace(bank, draw=(DrawRule(n=3, module="why"),))) == (DrawRule(n=1, module="why"),)
    assert [seat.item for seat in cell(bank, bank.draw[0])] == ["a", "b"]
    assert never_drawn(replace(bank, draw=(DrawRule(n=1, module="right"),))) == ["a", "b"]


def test_an_open_question_of_a_story_takes_no_place() -> None:
    story = replace(read(STORY)[0][0], module="why", level="apply")
    assert [seat.question.id for seat in seats(story)] == ["who", "many"]
    bank = quiz(story, draw=(DrawRule(n=2, module="why", level=("apply",)),))
    assert [question.item for question in draw(bank, "seed", {}).questions] == ["who", "many"]
    assert [question.scenario for question in draw(bank, "seed", {}).questions] == ["story", "story"]
    assert (lacking(bank), never_drawn(bank)) == ((), [])
    half = replace(bank, draw=(DrawRule(n=2, type=("numeric",)),))
    assert (lacking(half), never_drawn(half)) == ((DrawRule(n=2, type=("numeric",)),), ["story"])


def test_without_a_blueprint_nothing_is_lacking_and_all_is_drawn() -> None:
    bank = quiz(item("a"), item("b"))
    assert (lacking(bank), never_drawn(bank)) == ((), [])


def test_each_question_of_a_paper_has_a_chance_of_its_own() -> None:
    """Two questions with the same options under one seed need not show them in the same order."""
    bank = quiz(item("a"), item("b"))
    papers = [draw(bank, str(seed), {}).questions for seed in range(20)]
    assert any(first.drawn.order != second.drawn.order for first, second in papers)


def test_smaller_items_make_room_when_a_bank_is_counted() -> None:
    """What is lacking is counted with single items first: a story that fits as well takes nobody's place."""
    story = replace(read(STORY)[0][0], module="why")
    bank = quiz(story, item("a", "why"), draw=(DrawRule(n=2, module="why"),))
    assert lacking(bank) == (DrawRule(n=1, module="why"),)
    assert lacking(replace(bank, items=(item("a", "why"), story))) == (DrawRule(n=1, module="why"),)


def test_a_cell_holds_what_may_take_its_places() -> None:
    rules = (DrawRule(n=1, module="why"), DrawRule(n=2, module="why", type=("scenario",)))
    bank = quiz(replace(read(STORY)[0][0], module="why"), item("a", "why"), item("b", "right"), draw=rules)
    assert [[seat.question.id for seat in cell(bank, rule)] for rule in rules] == [["a"], ["who", "many"]]
    assert never_drawn(bank) == ["b"]
    assert never_drawn(replace(bank, draw=rules[:1])) == ["b"]
    assert never_drawn(replace(bank, draw=rules[1:])) == ["a", "b"]


def test_what_is_lacking_names_the_whole_rule() -> None:
    rule = DrawRule(n=2, module="why", level=("apply",), type=("order",), action=("A1",))
    assert lacking(quiz(item("a"), draw=(rule,))) == (rule,)
