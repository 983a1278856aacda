"""The line scanner: front matter, fences, headings, items, boxes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.scan import (
    Faults,
    Heading,
    Piece,
    fenced,
    numbered,
    pieces,
    read_heading,
    scan_module,
    scan_quiz,
    section_ids,
    split_front,
)


def faults() -> Faults:
    return Faults("a.md")


def said(found: Faults) -> list[tuple[int, str]]:
    return [(one.line, one.code) for one in found.found]


def test_front_matter_is_cut_off_and_the_lines_below_keep_their_numbers() -> None:
    assert split_front("---\ntitle: a\n---\n\nText", faults()) == ("title: a", [(4, ""), (5, "Text")])


@pytest.mark.parametrize("text", ["", "title: a", "---\ntitle: a", "\n---\ntitle: a\n---"])
def test_front_matter_must_be_there_and_closed(text: str) -> None:
    found = faults()
    assert split_front(text, found)[0] is None
    assert said(found) == [(1, "front-matter")]


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("## Two errors {#two-errors}", Heading(2, "Two errors", 1, "two-errors")),
        ("### What is {{a}}?", Heading(3, "What is {{a}}?", 1)),
        ("## Of {{a}} and {b} {#x .numeric .practice points=2}",
         Heading(2, "Of {{a}} and {b}", 1, "x", ("numeric", "practice"), {"points": "2"})),
        ("## a {#x actions=A1,A2}  ", Heading(2, "a", 1, "x", (), {"actions": "A1,A2"})),
        ("#no heading", None),
        ("####### seven", None),
        (" ## indented", None),
        ("##", None),
    ],
)  # fmt: skip
def test_headings_say_their_id_and_kind(line: str, heading: Heading | None) -> None:
    found = faults()
    assert read_heading(1, line, found) == heading
    assert said(found) == []


@pytest.mark.parametrize("braces", ["{x}", "{#a #b}", '{#a k="v w"}', "{#a k=1 k=2}", "{#a.b}"])
def test_braces_that_say_nothing_are_refused(braces: str) -> None:
    found = faults()
    read_heading(1, f"## a {braces}", found)
    assert {code for _, code in said(found)} == {"heading"}


def test_a_code_fence_hides_what_stands_in_it() -> None:
    text = "````\n## no {#no}\n```\n/// no\n````\n## yes {#yes}\n~~~ python\n## no\n~~~"
    assert section_ids(text) == ("yes",)
    assert [inside for _, _, inside in fenced(numbered("```\na\n```\nb\n`` c ``"))] == [True, True, True, False, False]


def test_an_open_code_fence_is_named_where_it_starts() -> None:
    found = faults()
    scan_module(numbered("## a {#a}\n\n```\nb"), found)
    assert said(found) == [(3, "fence")]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("## a", [(1, "id-missing")]),
        ("## a {#A}", [(1, "id")]),
        ("## a {#a--b}", [(1, "id")]),
        (f"## a {{#{'x' * 65}}}", [(1, "id")]),
        ("# a {#a}", [(1, "heading-level")]),
    ],
)
def test_sections_have_well_formed_ids(text: str, codes: list[tuple[int, str]]) -> None:
    found = faults()
    assert scan_module(numbered(text), found)[1] == []
    assert said(found) == codes


def test_a_quiz_holds_items_and_a_scenario_its_questions() -> None:
    found = faults()
    text = "## a {#a .single .practice level=apply}\nstem\n\n## s {#s .scenario}\nstory\n### q {#q .single}\n- [x] b"
    single, scenario = scan_quiz(numbered(text), found)
    assert (single.id, single.kind, single.flags, single.attributes) == (
        "a",
        "single",
        frozenset({"practice"}),
        {"level": "apply"},
    )
    assert single.lines == [(2, "stem"), (3, "")]
    assert (scenario.lines, [one.id for one in scenario.questions]) == ([(5, "story")], ["q"])
    assert scenario.questions[0].lines == [(7, "- [x] b")]
    assert said(found) == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("text", [(1, "quiz-text")]),
        ("## a {#a}", [(1, "kind")]),
        ("## a {#a .single .match}", [(1, "kind")]),
        ("## a {#a .single}\n### b {#b .single}", [(2, "heading-level")]),
        ("### b {#b .single}", [(1, "heading-level")]),
        ("## a {.single}", [(1, "id-missing")]),
    ],
)
def test_a_quiz_holds_nothing_else(text: str, codes: list[tuple[int, str]]) -> None:
    found = faults()
    scan_quiz(numbered(text), found)
    assert said(found) == codes


def test_an_item_reports_problems_at_its_file() -> None:
    found = faults()
    (item,) = scan_quiz(numbered("## a {#a .single}"), found)
    item.fault(3, "some-code", "Wrong. Mend it.", "warning")
    assert [str(one) for one in found.found] == ["a.md:3: warning[some-code]: Wrong. Mend it."]


def test_a_section_is_cut_into_text_headings_code_and_boxes() -> None:
    text = "one\n### two\nthree\n```\n/// four\n```\n```\nfive\n```\n/// note | six\nseven\n```\n///\n```\n///\neight"
    assert pieces(numbered(text), faults()) == [
        Piece("text", 1, [(1, "one")]),
        Piece("heading", 2, [], "two", 3),
        Piece("text", 3, [(3, "three")]),
        Piece("code", 4, [(4, "```"), (5, "/// four"), (6, "```")]),
        Piece("code", 7, [(7, "```"), (8, "five"), (9, "```")]),
        Piece("box", 10, [(11, "seven"), (12, "```"), (13, "///"), (14, "```")], "note | six"),
        Piece("text", 16, [(16, "eight")]),
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("///", [(1, "box")]),
        ("/// note | a\nb", [(1, "box-unclosed")]),
        ("/// note | a\n/// note | b\n///", [(2, "box-unclosed")]),
        ("- a\n    /// note | b", [(2, "box")]),
    ],
)
def test_boxes_are_closed_and_not_nested(text: str, codes: list[tuple[int, str]]) -> None:
    found = faults()
    pieces(numbered(text), found)
    assert said(found) == codes


@given(st.lists(st.sampled_from(["text", "## a {#a}", "### b", "```", "~~~", "///", "/// note | c", "- d", ""])))
def test_no_line_is_lost_and_none_doubled(lines: list[str]) -> None:
    opening, sections = scan_module(list(enumerate(lines, 1)), lambda *_: None)
    kept = [number for number, _ in opening]
    kept += [number for one in sections for number in (one.heading.line, *(number for number, _ in one.lines))]
    assert kept == list(range(1, len(lines) + 1))
