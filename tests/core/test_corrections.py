"""When a corrected name is one of spelling, and when it needs a second administrator."""

from itertools import pairwise

import pytest

from app.core.corrections import OTHER, SAME, SPELLING, distance, letters, scale

TABLE = [
    # before, after, what it amounts to
    ("Litia Vakatawale", "Litia Vakatawale", SAME),
    ("Litia  Vakatawale ", "Litia Vakatawale", SAME),
    ("Litia Vakatawale", "Litia Vakatāwale", SPELLING),
    ("litia vakatawale", "LITIA VAKATAWALE", SPELLING),
    ("Vakatawale Litia", "Litia Vakatawale", SPELLING),
    ("Nguyen Thi Ngoc Anh", "Nguyễn Thị Ngọc Ánh", SPELLING),
    ("Mary Ann Tui", "Maryann Tui", SPELLING),
    ("Mary-Ann Tui", "Mary Ann Tui", SPELLING),
    ("Mohammad Karimov", "Muhammed Karimov", SPELLING),
    ("Sok Sophea", "Sok Sopheap", SPELLING),
    ("Sok Sophea", "Sok Sophea Q.", SPELLING),
    ("សុខ សុភា", "សុខ សុភាព", SPELLING),
    ("Fa‘anana", "Faʻanānā", SPELLING),
    ("Ana Moana", "Ana Tupou", OTHER),
    ("Litia Vakatawale", "Litia Vakatawale-Tui", OTHER),
    ("Litia Vakatawale", "Litia Li Vakatawale", OTHER),
    ("Ana Moana", "Ana Moana Tupou", OTHER),
    ("Ana Maria Lee Smithsonian", "Ana Maria Kim Smithsonian", OTHER),
    ("Sok Sophea", "Chan Dara", OTHER),
    ("Ana", "Ann", OTHER),  # one letter of three
    ("陳大文", "陳大明", OTHER),
    ("Sok Sophea", "សុខ សុភា", OTHER),
    ("Ana Moana", "Ana Moana" + " Maria" * 40, OTHER),
]


@pytest.mark.parametrize(("before", "after", "expected"), TABLE)
def test_what_a_change_amounts_to(before: str, after: str, expected: str) -> None:
    assert scale([(before, "")], (after, "")) == expected
    assert scale([(after, "")], (before, "")) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (("សុខ សុភា", "Sok Sophea"), ("សុខ សុភា", "Sok Sopheap"), SPELLING),
        (("សុខ សុភា", ""), ("សុខ សុភា", "Sok Sophea"), OTHER),  # nobody has looked at this spelling before
        (("សុខ សុភា", "Sok Sophea"), ("សុខ សុភា", ""), SPELLING),
        (("Ana Moana", ""), ("Anna Moana", "Anna Moana"), SPELLING),
        (("សុខ សុភា", "Sok Sophea"), ("Sok Sophea", "សុខ សុភា"), OTHER),
    ],
)
def test_both_spellings_count(before: tuple[str, str], after: tuple[str, str], expected: str) -> None:
    assert scale([before], after) == expected


def test_many_small_steps_are_measured_from_the_first_name() -> None:
    steps = [("Ana Moana", ""), ("Anna Moana", ""), ("Anne Moana", ""), ("Anne Moane", "")]
    assert [scale([one], two) for one, two in pairwise(steps)] == [SPELLING] * 3
    assert scale([steps[2], steps[0]], steps[3]) == OTHER
    assert scale([], ("Ana", "")) == OTHER


@pytest.mark.parametrize(
    ("one", "other", "expected"), [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)]
)
def test_distance(one: str, other: str, expected: int) -> None:
    assert distance(one, other) == distance(other, one) == expected


def test_letters() -> None:
    assert letters("Ná O’Brien-Żak, J.") == ["na", "obrien", "zak", "j"]
    assert letters("ᏣᎳᎩ \u200dශ්\u200dරී") == ["ᏣᎳᎩ", "ශ්රී"]
    assert letters("…") == []
