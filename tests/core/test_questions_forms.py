"""The forms of the question types: what they ask is what the types read, labelled, and without a trace of the key."""

from pathlib import Path
from random import Random
from typing import Any
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

import html5lib
import jinja2
import pytest
from werkzeug.datastructures import MultiDict

from app.core.content import Item
from app.core.papers import Drawn, Question
from app.core.questions import KINDS, Unreadable, body_of
from app.web import i18n
from app.web.quiz import Asked, errors_of
from tests.core.banks import BANK, ITEMS, one, read
from tests.core.test_questions import form_of, some_answer
from tests.web.visitor import Form, read_form, words

X = "{http://www.w3.org/1999/xhtml}"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    i18n.install(environment)
    i18n.speak(i18n.Interface(ROOT / "translations", ("en",), ZoneInfo("UTC")).choose((), ""))
    return environment


def asked(item: Item, seed: int = 1, value: Any = None) -> Asked:
    drawn = KINDS[item.kind].draw(body_of(item, "en"), Random(seed))
    return Asked(1, 1, Question(item=item.id, version="", points=1, drawn=drawn), item, None, "en", value)


def render(
    pages: jinja2.Environment, asked: Asked, problem: Unreadable | None = None, typed: Any = None, level: int = 1
) -> str:
    template = pages.get_template(f"questions/{asked.item.kind}.html")
    choices = problem.choices if problem else ()
    return template.render(asked=asked, errors=errors_of(problem), choices=choices, typed=typed, level=level)


def form(html: str) -> Form:
    return read_form(tree(f"<form>{html}</form>"), "/")


def tree(html: str) -> Element:
    parser = html5lib.HTMLParser(strict=True)
    return parser.parse(f"<!doctype html><html><title>t</title><body>{html}</body></html>")


@pytest.mark.parametrize("id", sorted(ITEMS))
def test_a_blank_form_is_read_as_nothing(pages: jinja2.Environment, id: str) -> None:
    question = asked(ITEMS[id])
    blank = form(render(pages, question))
    assert question.kind.read(question.body, question.question.drawn, blank.fields) is None


@pytest.mark.parametrize("id", sorted(ITEMS))
def test_a_saved_answer_stands_in_the_form_and_comes_back(pages: jinja2.Environment, id: str) -> None:
    for seed in range(5):
        empty = asked(ITEMS[id], seed)
        value = some_answer(ITEMS[id], empty.question.drawn)
        question = asked(ITEMS[id], seed, value)
        fields = form(render(pages, question)).fields
        assert question.kind.read(question.body, question.question.drawn, fields) == value


@pytest.mark.parametrize("id", sorted(ITEMS))
def test_what_a_learner_can_choose_is_what_the_type_reads(pages: jinja2.Environment, id: str) -> None:
    question = asked(ITEMS[id])
    value = some_answer(ITEMS[id], question.question.drawn)
    offered = form(render(pages, question))
    for name, sent in form_of(ITEMS[id], question.question.drawn, value).items():
        if name != "answer_reading":
            assert name in offered.fields or set(sent) <= set(offered.choices[name])


@pytest.mark.parametrize("id", sorted(ITEMS))
@pytest.mark.parametrize("level", [1, 2])
def test_every_field_is_labelled_under_one_heading(pages: jinja2.Environment, id: str, level: int) -> None:
    page = tree(render(pages, asked(ITEMS[id]), level=level))
    assert [words(found) for found in page.iter(f"{X}h{level}")] == [asked(ITEMS[id]).fill(ITEMS[id].original.heading)]
    labels = {label.get("for") for label in page.iter(f"{X}label")}
    inside = {field for label in page.iter(f"{X}label") for field in label.iter(f"{X}input")}
    fields = [field for tag in ("input", "select", "textarea") for field in page.iter(X + tag)]
    assert all(field in inside or field.get("id") in labels for field in fields)


def test_checks_on_one_page_have_different_ids(pages: jinja2.Environment) -> None:
    page = tree("".join(render(pages, asked(item), level=2) for item in ITEMS.values()))
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert set(ids) >= {label.get("for") for label in page.iter(f"{X}label") if label.get("for")}


@pytest.mark.parametrize(
    ("id", "sent", "told"),
    [
        ("single", {"answer": ["9"]}, "Choose one of the answers on the page."),
        ("multiple", {"answer": ["1", "9"]}, "Choose one of the answers on the page."),
        (
            "plain",
            {"answer": ["<two>"]},
            "We could not read “<two>” as a number. Write it in digits, without other words.",
        ),
        ("short", {"answer": ["a", "b"]}, "The form sent two different answers. Give one."),
        ("match", {"answer_2": ["9"]}, "Choose one of the answers on the page."),
        (
            "order",
            {"answer_1": ["2"], "answer_4": ["2"]},
            "Two steps have the place 2. Give each step a place of its own.",
        ),
        ("cloze", {"answer_1": ["kept"], "answer_2": ["9"]}, "Choose one of the answers on the page."),
        ("reflection", {"answer": ["a" * 5001]}, "The answer is too long. Use at most 5000 characters."),
        ("scale", {"answer": ["9"]}, "Choose one of the answers on the page."),
        ("several", {"answer": ["1", "9"]}, "Choose one of the answers on the page."),
    ],
)
def test_a_refused_answer_is_shown_again_with_the_reason(
    pages: jinja2.Environment, id: str, sent: dict[str, list[str]], told: str
) -> None:
    question = asked(ITEMS[id])
    with pytest.raises(Unreadable) as refusal:
        question.kind.read(question.body, question.question.drawn, sent)
    typed = MultiDict([(name, value) for name, values in sent.items() for value in values])
    page = tree(f"<form>{render(pages, question, refusal.value, typed)}</form>")
    assert [words(found) for found in page.iter(f"{X}p") if found.get("class") == "error-message"] == [told]
    ids = {element.get("id") for element in page.iter()}
    assert refusal.value.field in ids
    described = {one for element in page.iter() for one in element.get("aria-describedby", "").split()}
    assert described <= ids
    fields = read_form(page, "/").fields
    assert all(fields[name][0] == values[0] for name, values in sent.items() if values[0] not in ("9", "1"))


def test_two_readings_are_offered_and_the_chosen_one_is_kept(pages: jinja2.Environment) -> None:
    question = asked(ITEMS["plain"])
    sent = MultiDict([("answer", "12,345")])
    with pytest.raises(Unreadable) as refusal:
        question.kind.read(question.body, Drawn(), sent.to_dict(flat=False))
    html = render(pages, question, refusal.value, sent)
    assert form(html).choices["answer_reading"] == ["12345", "12.345"]
    assert words(tree(html)).endswith("12 345, a whole number 12.345, a number with decimals")
    saved = asked(ITEMS["plain"], 1, {"text": "12,345", "number": "12345"})
    again = form(render(pages, saved))
    assert saved.kind.read(saved.body, Drawn(), again.fields) == saved.value
    assert "We read your answer as 12 345." in words(tree(render(pages, saved)))


def test_gaps_are_labelled_by_their_place(pages: jinja2.Environment) -> None:
    page = tree(render(pages, asked(ITEMS["cloze"])))
    assert [words(label) for label in page.iter(f"{X}label")] == [
        "Gap 1 of 2, after “The”",
        "Gap 2 of 2, after “The … falls between”",
    ]
    first = one("## Q {#q .cloze}\n\n{{gap: a}} b.\n")
    page = tree(render(pages, asked(first)))
    assert [words(label) for label in page.iter(f"{X}label")] == ["Gap 1 of 1, at the beginning"]


SWAPPED = {
    "single": BANK.replace("- [ ] First", "- [x] First").replace("- [x] Second", "- [ ] Second"),
    "true-false": BANK.replace("- [ ] True", "- [x] True").replace("- [x] False", "- [ ] False"),
    "multiple": BANK.replace("- [ ] Five", "- [x] Five").replace("- [x] Three\n- [ ] Four", "- [ ] Three\n- [ ] Four"),
    "strict": BANK.replace("- [ ] Two\n- [x] Three\n\n## How", "- [x] Two\n- [ ] Three\n\n## How"),
    "numeric": BANK.replace("missed / all * 100 ± 0.5 %", "all - missed ± 7 %"),
    "plain": BANK.replace("= 6 * 7", "= 123456789"),
    "short": BANK.replace("= Missing middle / the gap", "= Another"),
    "match": BANK.replace("| a | one |", "| a | two |").replace("| b | two |", "| b | one |"),
    "order": BANK.replace("1. Assess\n2. Enrol\n3. Provide\n4.", "1. Provide\n2. Assess\n3. Enrol\n4."),
    "strict-order": BANK.replace("2. Enrol\n3. Provide\n\n## Fill", "2. Provide\n3. Enrol\n\n## Fill"),
    "cloze": BANK.replace("*formal / informal", "formal / *informal").replace(
        "missing middle / middle", "long words / x"
    ),
    "reflection": BANK.replace("- It names a date", "- It is short"),
}


@pytest.mark.parametrize("id", sorted(SWAPPED))
def test_no_byte_of_a_form_depends_on_the_key(pages: jinja2.Environment, id: str) -> None:
    other = next(item for item in read(SWAPPED[id])[0] if item.id == id)
    assert body_of(other, "en") != body_of(ITEMS[id], "en")
    for seed in range(10):
        assert render(pages, asked(other, seed)) == render(pages, asked(ITEMS[id], seed))


def test_only_surveys_have_no_key() -> None:
    assert {item.kind for id, item in ITEMS.items() if id not in SWAPPED} == {"survey"}


def test_every_type_has_a_form() -> None:
    assert {path.stem for path in (ROOT / "templates" / "questions").glob("*.html")} - {"parts"} == set(KINDS)
