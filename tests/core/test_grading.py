"""Grades: exact at the pass mark, by the version and the language of each answer."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.content import Item, Quiz
from app.core.drawing import draw
from app.core.grading import grade, item_of, total
from app.core.papers import Answer, Drawn, Grade, Mark, Paper, Question
from app.core.questions import KINDS, body_of
from tests.core.banks import BANK, ITEMS, read
from tests.core.test_drawing import STORY

BANK_ITEMS = (*read(BANK)[0], *read(STORY)[0])
VERSIONS = {f"v-{item.id}": item for item in BANK_ITEMS}


def versioned(item: Item) -> Item:
    return Item(**{name: getattr(item, name) for name in item.__struct_fields__} | {"version": f"v-{item.id}"})


QUIZ = Quiz(id="q", title={"en": "Quiz"}, items=tuple(map(versioned, BANK_ITEMS)))


def right_answers(paper: Paper) -> dict[int, Answer]:
    answers = {}
    for number, question in enumerate(paper.questions, 1):
        item = item_of(question, VERSIONS)
        answers[number] = Answer(value=KINDS[item.kind].right(body_of(item, "en"), question.drawn), language="en")
    return answers


def paper(*ids: str, points: int = 1) -> Paper:
    return Paper(questions=tuple(Question(item=id, version=f"v-{id}", points=points, drawn=Drawn()) for id in ids))


def answers(*values: Any) -> dict[int, Answer]:
    return {number: Answer(value=value, language="en") for number, value in enumerate(values, 1)}


@given(st.integers(0, 10**6))
def test_a_paper_answered_by_its_key_earns_everything(seed: int) -> None:
    asked = draw(QUIZ, str(seed), {})
    best = grade(asked, VERSIONS, right_answers(asked), 100)
    assert (best.points, best.possible, best.score, best.passed) == (str(asked.possible), asked.possible, 10_000, True)


@given(st.integers(0, 10**6), st.data())
def test_answers_count_one_by_one(seed: int, data: st.DataObject) -> None:
    asked = draw(QUIZ, str(seed), {})
    kept = data.draw(st.sets(st.sampled_from(range(1, len(asked.questions) + 1))))
    result = grade(asked, VERSIONS, {n: one for n, one in right_answers(asked).items() if n in kept}, 70)
    points = sum(question.points for n, question in enumerate(asked.questions, 1) if n in kept)
    assert (Fraction(result.points), result.passed) == (points, points * 100 >= 70 * asked.possible)


@given(st.lists(st.fractions(0, 9, max_denominator=30) | st.integers(0, 9)))
def test_points_add_up_exactly(worth: list[Fraction | int]) -> None:
    assert total(worth) == sum(worth)


def test_a_question_is_read_once_for_all_its_answers() -> None:
    item = VERSIONS["v-single"]
    assert body_of(item, "en") is body_of(item, "fr")
    assert body_of(item, "en") is not body_of(VERSIONS["v-plain"], "en")


def test_a_paper_left_blank_fails() -> None:
    asked = draw(QUIZ, "seed", {})
    assert grade(asked, VERSIONS, {}, 1).passed is False
    assert grade(asked, VERSIONS, {}, 1).points == "0"


@pytest.mark.parametrize(
    ("pass_mark", "passed"),
    [(66, True), (67, False)],
)
def test_the_pass_mark_is_compared_exactly(pass_mark: int, passed: bool) -> None:
    """Two of three are 66.66… %: shown rounded down, decided exactly."""
    result = grade(paper("single", "plain", "short"), VERSIONS, answers("B", {"text": "42", "number": "42"}), pass_mark)
    assert (result.points, result.score, result.passed) == ("2", 6666, passed)


def test_thirds_add_up() -> None:
    """Three times a third is one: no rounding on the way."""
    result = grade(paper("order", "order", "order"), VERSIONS, answers(*[[2, 1, 3, 4]] * 3), 33)
    assert [mark.points for mark in result.marks] == ["1/3", "1/3", "1/3"]
    assert (result.points, result.score, result.passed) == ("1", 3333, True)


def test_marks_name_item_and_points() -> None:
    result = grade(paper("multiple", points=2), VERSIONS, answers(["A"]), 50)
    assert result == Grade(
        points="1", possible=2, score=5000, passed=True, marks=(Mark(item="multiple", points="1", possible=2),)
    )


def test_a_paper_that_asks_nothing_is_not_passed() -> None:
    assert grade(Paper(questions=()), VERSIONS, {}, 0) == Grade(points="0", possible=0, score=0, passed=False, marks=())


def test_all_or_nothing_is_the_items_own_rule() -> None:
    assert grade(paper("strict"), VERSIONS, answers(["A"]), 50).points == "0"


def test_a_question_of_a_scenario_is_found_inside_it() -> None:
    question = Question(item="many", version="v-story", points=1, drawn=Drawn(), scenario="story")
    assert item_of(question, VERSIONS).kind == "numeric"
    asked = Paper(questions=(question,))
    assert grade(asked, VERSIONS, answers({"text": "5", "number": "5"}), 100).passed is True


def test_a_missing_version_is_an_error_and_not_a_zero() -> None:
    with pytest.raises(LookupError):
        grade(paper("gone"), VERSIONS, {}, 50)
    with pytest.raises(LookupError, match=r"^version v-story holds no item gone$"):
        item_of(Question(item="gone", version="v-story", points=1, drawn=Drawn()), VERSIONS)


def test_each_answer_is_read_in_its_own_language() -> None:
    french = next(
        item for item in read(BANK.replace("= Missing middle / the gap", "= classe moyenne"))[0] if item.id == "short"
    )
    both = Item(id="short", quiz="q", kind="short", texts={**ITEMS["short"].texts, "fr": french.original})
    versions = {"v-short": both}

    def passed(text: str, language: str) -> bool:
        return grade(paper("short"), versions, {1: Answer(value=text, language=language)}, 100).passed

    assert passed("classe moyenne", "fr")
    assert not passed("missing middle", "fr")
    assert passed("missing middle", "en")
    assert passed("missing middle", "th")  # no such text: she saw the original
    assert passed("missing middle", "")
