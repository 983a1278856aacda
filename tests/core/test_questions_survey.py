"""Questions of a survey: three forms, told by how the options are written; nothing in them is right or wrong."""

from fractions import Fraction
from typing import Any

import pytest

from app.core.content import Item
from app.core.papers import Drawn
from app.core.questions import Unreadable, body_of, key_hash, key_of, survey
from tests.core.banks import BANK, ITEMS, codes, fields, read

SCALE, EITHER, SEVERAL = (ITEMS[id] for id in ("scale", "either", "several"))


def body(item: Item) -> Any:
    return body_of(item, "en")


def test_the_form_is_told_by_how_the_options_are_written() -> None:
    assert body(SCALE) == survey.Body(form="scale", choices=("Not yet", "A <strong>little</strong>", "Quite"))
    assert body(EITHER) == survey.Body(form="one", choices=("This", "That", "Something else, or nothing"))
    assert body(SEVERAL) == survey.Body(form="several", choices=("Red", "Green", "Blue"))
    assert (SCALE.original.stem, SEVERAL.original.hint) == ("<p>Today.</p>", "<p>All that fit.</p>")
    assert (SCALE.graded, SCALE.practice, EITHER.actions) == (False, False, ("A1",))


@pytest.mark.parametrize(
    ("item", "sent", "value", "said"),
    [
        (SCALE, [], None, ""),
        (SCALE, [""], None, ""),
        (SCALE, ["2"], "B", "A <strong>little</strong>"),
        (SCALE, ["2", "2", ""], "B", "A <strong>little</strong>"),
        (EITHER, ["3"], "C", "Something else, or nothing"),
        (SEVERAL, [], None, ""),
        (SEVERAL, ["3", "1", "3"], ["A", "C"], "Red; Blue"),
    ],
)
def test_answers_are_letters_and_may_stay_empty(item: Item, sent: list[str], value: Any, said: str) -> None:
    assert survey.read(body(item), Drawn(), fields(answer=sent)) == value
    assert survey.said(body(item), Drawn(), value) == said


@pytest.mark.parametrize("sent", [["4"], ["0"], ["A"], ["x" * 6000], ["1", "2"], ["-1"]])
def test_what_nobody_could_choose_is_refused(sent: list[str]) -> None:
    with pytest.raises(Unreadable):
        survey.read(body(SCALE), Drawn(), fields(answer=sent))


@pytest.mark.parametrize("junk", [None, "D", "", 3, ["A"], {"A": 1}, ["A", "A", 7, None]])
def test_junk_chooses_nothing_that_is_not_there(junk: Any) -> None:
    assert survey.chosen(body(SCALE), junk) == []
    assert set(survey.chosen(body(SEVERAL), junk)) <= {0}


def test_nobody_is_graded_or_told_anything() -> None:
    for item in (SCALE, EITHER, SEVERAL):
        feedback = survey.explain(body(item), Drawn(), "A")
        assert (feedback.right, feedback.key, feedback.remarks) == (None, "", ())
        assert survey.grade(body(item), Drawn(), "A") == survey.guess(body(item)) == Fraction(0)


def test_answers_to_other_options_are_other_answers() -> None:
    """Statistics are kept by this hash: the words of the options belong to it, those of the question do not."""

    def hash_of(old: str, new: str) -> str:
        item = next(item for item in read(BANK.replace(old, new))[0] if item.id == "either")
        return key_hash(item.kind, item.original)

    same = key_hash(EITHER.kind, EITHER.original)
    assert hash_of("## Which one ", "## Which of these ") == same
    assert hash_of("( ) That", "( ) Not that") != same
    assert hash_of("- ( ) That\n", "") != same
    assert hash_of("( )", "[ ]") != same


def test_a_translation_keeps_form_and_number() -> None:
    french = next(one for one in read(BANK.replace("( ) That", "( ) Cela"))[0] if one.id == "either")
    assert key_of("survey", french.original) == key_of("survey", EITHER.original)
    fewer = next(one for one in read(BANK.replace("- ( ) That\n", ""))[0] if one.id == "either")
    assert key_of("survey", fewer.original) != key_of("survey", EITHER.original)


@pytest.mark.parametrize(
    ("head", "options", "found"),
    [
        ("", "1. A\n2. B", []),
        ("", "- ( ) A\n\n- ( ) B", []),
        ("actions=A1 module=why", "* [ ] A\n+ [ ] B", []),
        ("", "", [(1, "options")]),
        ("", "1. A", [(1, "options")]),
        ("", "- ( ) A\n- ( ) a ", [(4, "equal-options")]),
        ("", "1. A\n- ( ) B", [(4, "survey")]),
        ("", "- [ ] A\n- ( ) B\n- [ ] C", [(4, "survey")]),
        ("", "- [x] A\n- [ ] B", [(3, "survey")]),
        ("", "- ( ) A\n- (x) B", [(4, "survey")]),
        ("", "1. A\n2. B\nstray", [(5, "survey")]),
        ("", "1. A\n2. B\n\n> Read on.", [(6, "survey")]),
        ("", "- [ ] A\n  > Why?\n- [ ] B", [(4, "survey")]),
        ("", "\n".join(f"{n}. {n}" for n in range(1, 28)), [(29, "options")]),
        ("points=2", "1. A\n2. B", [(1, "survey")]),
        ("level=apply partial=none", "1. A\n2. B", [(1, "survey"), (1, "survey")]),
        ("exact=case", "1. A\n2. B", [(1, "survey")]),
        (".practice", "1. A\n2. B", [(1, "survey")]),
    ],
)
def test_nonsense_is_named(head: str, options: str, found: list[tuple[int, str]]) -> None:
    assert codes(f"## Q {{#q .survey {head}}}\n\n{options}\n") == found
