"""The tools' pages: for everybody, with nothing kept but a note that its owner asked for."""

import csv
import io
import logging

import pytest
from sqlalchemy import text

from app.core.content import Library
from app.core.tools import TOOLS
from app.records.engine import open_session
from app.web.assets import compress
from tests.web.conftest import PASSWORD, Build, Site
from tests.web.members import member, status
from tests.web.test_look import stray, untranslated
from tests.web.visitor import Page, Visitor, X, words

HOME = "/courses/tiny/tools"
ERRORS = f"{HOME}/errors"
NOTE = "/notes/tool-errors"
NUMBERS = {"intended": "200 000", "recipients": "150,000", "both": "110000"}
EXCLUSION = "Exclusion error: 45 %. Of 200 000 who should receive, 90 000 do not."
CALCULATORS = [name for name, tool in TOOLS.items() if tool.work]


def notes_of(site: Site) -> list[tuple[str, str]]:
    with open_session(site.engine, write=False) as session:
        return [tuple(row) for row in session.execute(text("SELECT activity, text FROM note"))]


def sheet(page: Page) -> dict[str, list[str]]:
    """What the form of a tool would send; the example's stands behind it."""
    return next(form.fields for form in page.forms() if f"{form.action}?".startswith(f"{page.path.split('#')[0]}?"))


def calculated(visitor: Visitor, path: str = ERRORS, **changes: str) -> Page:
    numbers = NUMBERS if path == ERRORS else {}
    return visitor.post(path, sheet(visitor.get(path)) | numbers | changes)


def press(visitor: Visitor, page: Page, ending: str, status: int | None = None, **changes: str) -> Page:
    """Send the form of a result to another of its buttons."""
    return visitor.post(f"{page.path}/{ending}", sheet(page) | changes, status)


def tables(page: Page) -> dict[str, list[list[str]]]:
    """Each table of a page by its caption."""
    assert page.tree is not None
    found = {}
    for table in page.tree.iter(f"{X}table"):
        caption = table.find(f"{X}caption")
        rows = [[words(cell) for cell in row] for row in table.iter(f"{X}tr")]
        if caption is not None:
            found[words(caption)] = rows
    return found


# For everybody


def test_the_list_leads_to_every_tool_and_back_to_the_course(site: Site) -> None:
    visitor = site.visitor()
    assert HOME in visitor.get("/courses/tiny/").links()
    assert HOME in visitor.get("/glossary").links()
    page = visitor.get(HOME)
    for name, tool in TOOLS.items():
        assert page.links()[f"{HOME}/{name}"] == tool.title
        assert visitor.get(f"{HOME}/{name}").h1 == tool.title
        assert {"/courses/tiny/", HOME} <= set(visitor.get(f"{HOME}/{name}").links())


def test_a_tool_and_the_section_that_shows_it_lead_to_each_other(site: Site) -> None:
    visitor = site.visitor()
    section = visitor.get("/courses/tiny/two/report")
    assert section.links()[f"{HOME}/coverage"] == "Open the tool"
    assert TOOLS["coverage"].summary in section.main
    assert visitor.get(f"{HOME}/coverage").links()["/courses/tiny/two/report"] == "A report"
    assert visitor.get(HOME).links()["/courses/tiny/two/report"] == "A report"
    assert "Taught in" not in visitor.get(f"{HOME}/cost").main


def test_a_printed_module_names_the_tool_with_its_address(site: Site) -> None:
    for path in ("/courses/tiny/two/print", "/courses/tiny/two/file"):
        assert f"http://127.0.0.1:8000{HOME}/coverage" in site.visitor().get(path).links()


@pytest.mark.parametrize("path", [f"{HOME}/nowhere", "/courses/nowhere/tools", "/courses/nowhere/tools/cost"])
def test_what_is_not_there_is_not_there(site: Site, path: str) -> None:
    assert site.visitor().get(path, 404).status == 404
    for ending in ("", "/file"):
        assert site.visitor().post(path + ending, {}).status in (404, 405)


@pytest.mark.parametrize("name", CALCULATORS)
def test_a_visitor_tries_the_example_and_gets_what_it_says(site: Site, name: str) -> None:
    visitor = site.visitor()
    page = visitor.get(f"{HOME}/{name}")
    example = next(form for form in page.forms()[::-1] if form.action == f"{HOME}/{name}")
    answered = visitor.post(example.action, example.fields, 200)
    told = answered.main.partition("Result ")[2].partition(" Sign in and save")[0]
    assert told
    assert told in page.main
    assert set(tables(page)) - {"What one enters"} <= set(tables(answered)) - {"What you entered"}


def test_the_answer_stands_in_words_and_tables_above_the_form_as_it_was_sent(site: Site) -> None:
    page = calculated(site.visitor())
    assert page.status == 200
    assert EXCLUSION in page.main
    assert tables(page) == {
        "The table of four cells": [
            ["", "Receive", "Do not receive", "Together"],
            ["Should receive", "110 000", "90 000", "200 000"],
            ["Should not receive", "40 000", "not known", "not known"],
            ["Together", "150 000", "not known", "not known"],
        ],
        "The two errors": [
            ["", "Number", "Out of", "Rate"],
            ["Exclusion error", "90 000", "200 000", "45 %"],
            ["Inclusion error", "40 000", "150 000", "26.7 %"],
        ],
        "What you entered": [
            ["", "Value"],
            ["Should receive", "200 000"],
            ["Receive", "150 000"],
            ["Should receive and do", "110 000"],
        ],
    }
    assert {name: sheet(page)[name] for name in NUMBERS} == {n: [v] for n, v in NUMBERS.items()}


def test_numbers_are_shown_in_the_readers_language(site: Site) -> None:
    visitor = site.visitor()
    visitor.get("/?lang=fr")
    assert "26,7\u00a0%" in calculated(visitor).html


def test_what_is_wrong_is_told_above_and_at_its_field(site: Site) -> None:
    page = calculated(site.visitor(), intended="0", both="many", recipients="")
    assert page.status == 422
    assert page.errors == [
        "“Should receive” can't be zero: everything is compared with it.",
        "Fill in “Receive”.",
        "“Should receive and do”: we could not read “many” as a number. Write it in digits, without other words.",
    ]
    assert {"#intended", "#recipients", "#both"} <= set(page.links())
    assert sheet(page)["both"] == ["many"]
    assert 'aria-describedby="both-hint both-error" aria-invalid="true"' in page.html
    assert press(site.visitor(), page, "file", 422).errors == page.errors


def test_a_number_with_two_readings_is_asked_back_once_for_all(site: Site) -> None:
    visitor = site.visitor()
    path = f"{HOME}/adequacy"
    page = calculated(visitor, path, benefit="3,000", line="5,000")
    assert (page.status, page.errors) == (
        422,
        ["Some numbers can be read in two ways. Choose what the comma and the point mean."],
    )
    assert "“3,000” is 3000; “5,000” is 5000" in page.main
    assert "“3,000” is 3; “5,000” is 5" in page.main
    page = visitor.post(path, sheet(page) | {"decimal_mark": "."}, 200)
    assert "The benefit is 60 % of the poverty line." in page.main
    page = visitor.post(path, sheet(page) | {"benefit": "2,000"}, 200)
    assert "The benefit is 40 % of the poverty line." in page.main


JUNK = [
    {"intended": ["1", "2"]},
    {"intended": "9" * 200_000},
    {"intended": "\x00"},
    {"intended": "<script>alert(1)</script>"},
    {"\x00": "1", "__proto__": "1", "intended[]": "1"},
    {"decimal_mark": "<b>", "period": "<b>"},
    {},
]


@pytest.mark.parametrize("sent", JUNK)
@pytest.mark.parametrize("name", CALCULATORS)
def test_junk_is_told_in_plain_words(site: Site, name: str, sent: dict[str, str]) -> None:
    page = site.visitor().post(f"{HOME}/{name}", sent, 422)
    assert page.errors
    assert "<script>" not in page.html
    assert len(page.body) < 60_000


def test_what_is_typed_is_shown_as_text(site: Site) -> None:
    fields = {"population": "9", "persons-1": "5", "name-1": "<script>alert(1)</script>"}
    page = site.visitor().post(f"{HOME}/coverage", fields, 200)
    assert "<script>alert" not in page.html
    assert tables(page)["Each person once"][1][0] == "<script>alert(1)</script>"


def test_a_doubled_field_is_not_guessed_and_a_repeated_one_is_no_matter(site: Site) -> None:
    visitor = site.visitor()
    assert visitor.post(ERRORS, NUMBERS | {"both": ["5", "6"]}, 422).errors == [
        "The form sent two different answers. Give one."
    ]
    assert EXCLUSION in visitor.post(ERRORS, NUMBERS | {"both": ["110000", "110000"]}, 200).main


def test_too_many_fields_are_refused(site: Site) -> None:
    assert site.visitor().post(ERRORS, {f"f{number}": "1" for number in range(1001)}).status == 413


def test_a_tool_to_be_read_takes_no_form(site: Site) -> None:
    assert site.visitor().post(f"{HOME}/options", {}).status == 404


# Nothing is kept


def test_what_is_entered_is_in_no_address_no_log_and_no_database(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.app.config["RAISE_ERRORS"] = False
    hers = member(site)
    with caplog.at_level(logging.DEBUG):
        for visitor in (site.visitor(), hers.visitor):
            page = calculated(visitor, all="987654321")
            assert "987 654 321" in page.main
            assert press(visitor, page, "file").status == 200
            assert visitor.post(ERRORS, sheet(page) | {"all": "987654321x"}).status == 422
            assert page.path == ERRORS
            assert page.headers["Cache-Control"] == "no-store"
    assert "987654321" not in caplog.text
    assert notes_of(site) == []


def test_reading_goes_on_without_the_database_and_so_does_calculating(site: Site) -> None:
    with open_session(site.engine, write=True) as session:
        session.execute(text("DROP TABLE note"))
        session.commit()
    assert EXCLUSION in calculated(site.visitor()).main


# The file


def test_the_file_holds_what_was_entered_and_the_answer_as_numbers(site: Site) -> None:
    visitor = site.visitor()
    reply = press(visitor, calculated(visitor), "file", 200)
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="errors.csv"'
    assert list(csv.reader(io.StringIO(reply.body.decode("utf-8-sig")))) == [
        ["Who is missed, who is reached by mistake"],
        [],
        ["What you entered"],
        ["", "Value"],
        ["Should receive", "200000"],
        ["Receive", "150000"],
        ["Should receive and do", "110000"],
        [],
        ["The table of four cells"],
        ["", "Receive", "Do not receive", "Together"],
        ["Should receive", "110000", "90000", "200000"],
        ["Should not receive", "40000", "not known", "not known"],
        ["Together", "150000", "not known", "not known"],
        [],
        ["The two errors"],
        ["", "Number", "Out of", "Rate (%)"],
        ["Exclusion error", "90000", "200000", "45"],
        ["Inclusion error", "40000", "150000", "26.7"],
        [],
        [EXCLUSION.replace(" 000", "\u00a0000").replace("45 %", "45\u00a0%")],
        ["Inclusion error: 26.7\u00a0%. Of 150\u00a0000 who receive, 40\u00a0000 should not."],
    ]


def test_units_that_differ_stand_in_a_column_of_their_own(site: Site) -> None:
    fields = {"benefit": "100", "inflation": "-5", "years": "1", "line": "200"}
    reply = site.visitor().post(f"{HOME}/adequacy/file", fields, 200)
    rows = list(csv.reader(io.StringIO(reply.body.decode("utf-8-sig"))))
    assert rows[3:9] == [
        ["", "Value", "Unit"],
        ["Benefit for one person", "100", ""],
        ["The benefit is paid for a", "month", ""],
        ["Poverty line for one person, a month", "200", ""],
        ["Inflation a year", "-5", "per cent"],
        ["Years without a rise of the benefit", "1", ""],
    ]


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "-2", "@SUM(A1)", "\t=1", "|x", "%x", "＝1", "a;=1"])
def test_no_cell_of_the_file_is_a_formula(site: Site, name: str) -> None:
    fields = {"population": "9", "persons-1": "5", "name-1": name}
    body = site.visitor().post(f"{HOME}/coverage/file", fields, 200).body.decode("utf-8-sig")
    cells = [part for row in csv.reader(io.StringIO(body)) for cell in row for part in cell.split(";")]
    assert [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@|%＝")] == []
    assert any(name.strip() in cell.replace("'", "") for cell in [";".join(cells)])


# Her notes


def test_a_learner_saves_the_answer_below_her_note_once(site: Site) -> None:
    hers = member(site)
    page = calculated(hers.visitor)
    saved = press(hers.visitor, page, "note", 200)
    assert (saved.path, "Your note is saved." in saved.main) == (f"{ERRORS}?saved=tool-errors", True)
    first = saved.form(NOTE).fields["text"][0].strip()
    assert first.replace("\u00a0", " ").splitlines() == [
        "Who is missed, who is reached by mistake (22 November 2026)",
        "– Should receive: 200 000",
        "– Receive: 150 000",
        "– Should receive and do: 110 000",
        EXCLUSION,
        "Inclusion error: 26.7 %. Of 150 000 who receive, 40 000 should not.",
    ]
    press(hers.visitor, page, "note", 200)
    assert notes_of(site) == [("tool-errors", first)]
    press(hers.visitor, calculated(hers.visitor, both="100000"), "note", 200)
    ((_, both),) = notes_of(site)
    assert both.startswith(f"{first}\n\nWho is missed")


def test_a_saved_answer_stands_among_the_notes_under_its_action(site: Site) -> None:
    hers = member(site)
    assert "Who is missed" not in hers.visitor.get("/notes").main
    press(hers.visitor, calculated(hers.visitor), "note", 200)
    page = hers.visitor.get("/notes")
    assert page.links()[ERRORS] == "Tool: Who is missed, who is reached by mistake"
    assert page.main.index("A2:") < page.main.index(EXCLUSION)


def test_she_may_change_her_note_on_the_tools_page(site: Site) -> None:
    hers = member(site)
    saved = press(hers.visitor, calculated(hers.visitor), "note", 200)
    page = hers.visitor.submit(saved, NOTE, status=200, text="my own words")
    assert page.path == f"{ERRORS}?saved=tool-errors"
    assert notes_of(site) == [("tool-errors", "my own words")]
    page = hers.visitor.submit(page, NOTE, status=200, text="")
    assert NOTE not in page.html


def test_an_older_answer_overwrites_nothing_and_shows_both(site: Site) -> None:
    hers = member(site)
    old = calculated(hers.visitor, both="50000")
    press(hers.visitor, calculated(hers.visitor), "note", 200)
    before = notes_of(site)
    told = press(hers.visitor, old, "note", 409)
    assert "What you just sent is not saved yet." in told.main
    assert notes_of(site) == before
    hers.visitor.submit(told, NOTE, status=200)
    ((_, both),) = notes_of(site)
    assert both.startswith(before[0][1])
    assert "Exclusion error: 75" in both


def test_a_full_note_takes_no_more_and_says_so(site: Site) -> None:
    hers = member(site)
    hers.visitor.post(NOTE, {"text": "x" * 19_950, "csrf_token": hers.csrf, "issued": "1"}, 200)
    told = press(hers.visitor, calculated(hers.visitor), "note", 422)
    assert told.h1 == TOOLS["errors"].title
    assert notes_of(site) == [("tool-errors", "x" * 19_950)]


def test_what_is_wrong_is_not_saved(site: Site) -> None:
    hers = member(site)
    page = calculated(hers.visitor)
    assert press(hers.visitor, page, "note", 422, both="x").errors
    assert notes_of(site) == []


def test_a_note_of_a_tool_is_ones_own(site: Site) -> None:
    hers, other = member(site), member(site, "other")
    press(hers.visitor, calculated(hers.visitor), "note", 200)
    for visitor in (other.visitor, site.visitor()):
        assert "200 000" not in visitor.get(ERRORS).main.replace("\u00a0", " ").partition("A worked example")[0]
    assert EXCLUSION not in other.visitor.get("/notes").main


def test_a_note_of_a_tool_is_handed_out_and_erased_with_the_person(site: Site) -> None:
    hers = member(site)
    press(hers.visitor, calculated(hers.visitor), "note", 200)
    data = hers.visitor.post("/account/data", {"csrf_token": hers.csrf}, 200).body.decode()
    assert '"tool-errors"' in data
    page = hers.visitor.get("/account/erase")
    hers.visitor.submit(page, "/account/erase", password=PASSWORD, certificates="keep")
    assert notes_of(site) == []


def test_a_visitor_signs_in_on_the_way_to_her_notes_and_loses_nothing(site: Site) -> None:
    site.account("litia")
    visitor = site.visitor()
    asked = press(visitor, calculated(visitor), "note", 401)
    again = visitor.submit(asked, "/sign-in", status=200, login="litia", password=PASSWORD)
    saved = visitor.submit(again, "/errors/note", status=200)
    assert "Your note is saved." in saved.main
    assert EXCLUSION.split(".")[0] in notes_of(site)[0][1].replace("\u00a0", " ")


def test_no_administrator_sees_the_note(site: Site) -> None:
    hers = member(site)
    press(hers.visitor, calculated(hers.visitor), "note", 200)
    boss = site.administrator()
    assert "Exclusion error: 45" not in boss.get(f"/admin/learners/{hers.id}").html


def test_a_note_needs_a_tool(site: Site) -> None:
    hers = member(site)
    for activity in ("tool-nowhere", "tool-", "tool-_frame"):
        assert hers.visitor.post(f"/notes/{activity}", {"text": "a", "csrf_token": hers.csrf}).status == 404


# How the pages look


@pytest.mark.parametrize("path", ["", *(f"/{name}" for name in TOOLS)])
def test_no_string_missed_its_translation(site: Site, path: str) -> None:
    visitor = site.visitor()
    visitor.get("/?lang=ar-XB")
    assert untranslated(visitor, HOME + path) == []


@pytest.mark.parametrize("name", CALCULATORS)
def test_no_string_of_an_answer_missed_its_translation(site: Site, name: str) -> None:
    visitor = site.visitor()
    visitor.get("/?lang=ar-XB")
    example = visitor.get(f"{HOME}/{name}").forms()[-1]
    page = visitor.post(example.action, example.fields, 200)
    assert page.tree is not None
    known = ("Lontar", "[Test RTL]")
    assert [one for one in stray(page.tree) if not any(word in one for word in known)] == []


def test_pages_stay_within_their_budget(build: Build, shipped: Library) -> None:
    visitor = build(shipped).visitor()
    visitor.get("/")  # from the second page on the style is linked
    weights = {name: len(compress(visitor.get(f"/courses/social-protection/tools/{name}").body)) for name in TOOLS}
    assert {name: weight for name, weight in weights.items() if weight > 9_000} == {}


def test_a_visitors_tool_page_may_be_kept_and_a_learners_not(site: Site) -> None:
    visitor, hers = site.visitor(), member(site)
    visitor.get("/")
    first = visitor.get(ERRORS)
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert visitor.get(ERRORS, 304, **{"If-None-Match": first.headers["ETag"]}).status == 304
    assert hers.visitor.get(ERRORS).headers["Cache-Control"] == "no-store"
    assert status(hers.visitor, ERRORS) == 200
