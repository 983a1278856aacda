"""YAML as text: nothing changes its value, nothing hides, each misfit stands at its line."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.schema import Countries, FigureEntry, Id, Outline, QuizFront, TermEntry
from app.core.typed import typed
from app.core.yamltext import Node, read_yaml
from tests.letters import LETTERS

Found = list[tuple[int, str]]


def fault(found: Found) -> Callable[[int, str, str], None]:
    return lambda line, code, message: found.append((line, code))


def plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: plain(one) for key, one in node.value.items()}
    return [plain(one) for one in node.value] if isinstance(node.value, list) else node.value


def read(text: str, kind: Any, found: Found) -> Any:
    return typed(kind, read_yaml(text, fault(found)), fault(found))


def test_every_scalar_stays_the_text_that_was_written() -> None:
    node = read_yaml("a: no\nb: 010\nc: 1.10\nd: 2026-11-21\ne: null\nf: [1e3, 'x: y']", fault([]))
    assert node
    assert plain(node) == {
        "a": "no",
        "b": "010",
        "c": "1.10",
        "d": "2026-11-21",
        "e": "null",
        "f": ["1e3", "x: y"],
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\nb: 2\na: 3", [(3, "yaml-duplicate")]),
        ("a: {b: 1, c: 2}\nd:\n  e: 1\n  e: 2\n  e: 3", [(4, "yaml-duplicate"), (5, "yaml-duplicate")]),
        ("a: &x 1\nb: *x", [(1, "yaml-alias")]),
        ("a: 1\nb: *x", [(2, "yaml-alias")]),
        ("a: !!int 3", [(1, "yaml-tag")]),
        ("{a: 1, a: 2}", [(1, "yaml-duplicate")]),
        ("a: 1\n--- \nb: 2", [(3, "yaml")]),
        ("[a]: 1", [(1, "yaml")]),
        ("a: [1\nb: 2", [(2, "yaml")]),
        ("a: b: c", [(1, "yaml")]),
        ("\ta: 1", [(1, "yaml")]),
        ("[" * 50_000, [(1, "yaml-deep")]),
        ("a: \x07", [(1, "yaml")]),
    ],
)
def test_what_could_mislead_is_refused(text: str, found: Found) -> None:
    problems: Found = []
    assert read_yaml(text, fault(problems)) is None
    assert problems == found


def test_a_doubled_key_names_both_lines() -> None:
    messages: list[str] = []
    read_yaml("a: 1\n\na: 2", lambda line, code, message: messages.append(message), first_line=10)
    assert messages == ["“a” stands on line 10 and again on line 12. Keep one."]


QUIZ = "title: A\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pass: 70", [(1, "key-missing")]),
        (QUIZ + "pas: 70", [(2, "key-unknown")]),
        (QUIZ + "pass: 0\ncounts: first\nminutes: soon", [(2, "value"), (3, "value"), (4, "value")]),
        (QUIZ + "pass: [70]", [(2, "value")]),
        (QUIZ + "wait: 3", [(2, "value")]),
        (QUIZ + "wait:\n  after: 3\n  hours: 2", [(4, "key-unknown"), (3, "key-missing")]),
        (
            QUIZ + "draw:\n  - {n: 2, level: [know]}\n  - {level: apply}",
            [(3, "value"), (4, "value"), (4, "key-missing")],
        ),
        ("- a", [(1, "value")]),
        ("title: ''", [(1, "value")]),
    ],
)
def test_misfits_are_named_all_at_once_at_their_lines(text: str, found: Found) -> None:
    problems: Found = []
    assert read(text, QuizFront, problems) is None
    assert problems == found


def test_a_misfit_is_told_in_the_authors_words() -> None:
    messages: list[str] = []
    node = read_yaml("title: A\npass: 101\nfeedback: never", fault([]))
    typed(QuizFront, node, lambda line, code, message: messages.append(message))
    assert messages == [
        "“pass” must be a whole number from 1 to 100, not “101”.",
        "“feedback” must be one of after_each, after_attempt, by_topic, score_only, not “never”.",
    ]


def test_a_bad_entry_does_not_hide_the_good_ones() -> None:
    problems: Found = []
    entries = read("a: {term: x, text: y}\nB: {term: x, text: y}\nc: {term: z}", dict[Id, TermEntry], problems)
    assert entries == {"a": TermEntry(term="x", text="y")}
    assert problems == [(2, "value"), (3, "key-missing")]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Outline, "{title: a, version: 1, hours: 0, languages: [en], licence: c, modules: []}"),
        (Outline, "{title: a, version: 1, hours: 1, languages: [English!], licence: c, modules: []}"),
        (Countries, "{as_of: today, sources: [a], countries: {}}"),
        (Countries, "{as_of: 2026-01-01, sources: [a], countries: {Fiji: {name: Fiji}}}"),
        (FigureEntry, "{value: 1, text: a, year: soon, source: b, seen: 2026-01-01, status: verified}"),
        (FigureEntry, "{value: 1, text: a, year: 2020, source: b, seen: 2026-01-01, status: sure}"),
        (FigureEntry, "{value: 1, text: a, year: 2020, source: b, seen: 2026-01-01, status: verified, url: 'x:y'}"),
    ],
)
def test_values_have_their_forms(kind: Any, text: str) -> None:
    problems: Found = []
    read(text, kind, problems)
    assert problems == [(1, "value")]


def test_none_takes_the_place_of_what_may_be_missing() -> None:
    front = read("title: A\nwait: none\ndraw: null", QuizFront, [])
    assert (front.wait, front.draw) == (None, None)


@given(st.text(LETTERS))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    problems: Found = []
    node = read_yaml(text, fault(problems))
    assert (node is None) == bool(problems)
    assert all(1 <= line <= text.count("\n") + text.count("\r") + 9 for line, _ in problems)
