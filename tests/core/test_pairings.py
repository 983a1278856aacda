"""Matching and ordering, looked at row by row: which wrong choice strong and weak learners take."""

import msgspec
import pytest
from msgspec.structs import replace

from app.core.content import Item, ItemText
from app.core.pairings import Given, rows
from app.core.questions import match, order
from tests.records.samples import item

MATCH = match.Body(columns=("a", "b"), rows=("pension", "child grant"), choices=("old", "young", "ill"), fits=(0, 1))
ORDER = order.Body(steps=("register", "decide", "pay"))


def made(kind: str, body: msgspec.Struct) -> Item:
    return replace(item("q", "quiz"), kind=kind, texts={"en": ItemText(heading="Q", body=msgspec.to_builtins(body))})


def told(item: Item, given: list[Given]) -> list[tuple[str, list[tuple[str, str, int, bool | None]]]]:
    return [
        (row.text, [(one.choice.option, one.text, one.choice.n, one.right) for one in row.lines])
        for row in rows(item, given)
    ]


def test_each_pair_tells_what_was_chosen() -> None:
    given = [Given(["A", "B"], 19)] * 6 + [Given(["C", "B"], 0)] * 3 + [Given(["C", ""], 0), Given(None, 0)]
    assert told(made("match", MATCH), given) == [
        ("pension", [("A", "old", 6, True), ("B", "young", 0, False), ("C", "ill", 4, False), ("", "", 1, False)]),
        ("child grant", [("A", "old", 0, False), ("B", "young", 9, True), ("C", "ill", 0, False), ("", "", 2, False)]),
    ]
    [first, _] = rows(made("match", MATCH), given)
    key, _, other, _ = first.lines
    assert (key.choice.upper, key.choice.lower, round(other.choice.lower, 2)) == (1.0, 0.0, 0.8)


def test_each_step_tells_where_it_was_put() -> None:
    given = [Given([1, 2, 3], 10)] * 8 + [Given([2, 1, 3], 5)] * 3
    assert told(made("order", ORDER), given) == [
        ("register", [("1", "", 8, True), ("2", "", 3, False), ("3", "", 0, False)]),
        ("decide", [("1", "", 3, False), ("2", "", 8, True), ("3", "", 0, False)]),
        ("pay", [("1", "", 0, False), ("2", "", 0, False), ("3", "", 11, True)]),
    ]
    fewest = told(made("order", ORDER), [Given([1, 2, 0], 10)] * 10)
    assert fewest[2] == ("pay", [("1", "", 0, False), ("2", "", 0, False), ("3", "", 0, True), ("", "", 10, False)])


@pytest.mark.parametrize(("item", "n"), [(made("match", MATCH), 9), (item("q", "quiz"), 50)])
def test_few_answers_and_other_kinds_tell_nothing(item: Item, n: int) -> None:
    assert rows(item, [Given(["A", "B"], 1)] * n) == ()
