"""The three larger tools: the self-check, the target worksheet and the policy options, with scripts off."""

import csv
import io
from collections.abc import Mapping

import pytest
from sqlalchemy import text

from app.core.content import Library
from app.records.engine import open_session
from app.web.assets import compress
from tests.web.conftest import Build, Site
from tests.web.members import member
from tests.web.visitor import Page, Visitor

HOME = "/courses/tiny/tools"
READINESS, TARGETS, OPTIONS = f"{HOME}/readiness", f"{HOME}/targets", f"{HOME}/options"


def sheet(page: Page, path: str) -> dict[str, list[str]]:
    return next(form.fields for form in page.forms() if form.action == path)


def sent(visitor: Visitor, path: str, status: int = 200, **changes: str) -> Page:
    """The tool's form with these changes; `__` stands for a hyphen."""
    named = {name.replace("__", "-"): value for name, value in changes.items()}
    return visitor.post(path, sheet(visitor.get(path), path) | named, status)


# Readiness


def test_the_self_check_shows_levels_and_answers_with_steps_and_links(site: Site) -> None:
    page = sent(site.visitor(), READINESS, level__A1="1", evidence__A1="Act 7")
    assert "Lowest now, and a place to begin: A1." in page.main
    assert "You are at level 1. Level 2 means: Some laws. Begin here: Read one law." in page.main
    assert page.links()["/courses/tiny/one/first#list-of-laws"] == "The laws of your country"
    assert "Not scored: A2." in page.main
    assert sheet(page, READINESS)["evidence-A1"] == ["Act 7"]


def test_an_own_choice_is_no_lowest_level(site: Site) -> None:
    page = sent(site.visitor(), READINESS, level__A1="4", level__A2="own")
    assert "Next steps" not in page.main
    assert "own choice" in page.main


def test_nothing_chosen_is_told_at_the_first_action(site: Site) -> None:
    page = sent(site.visitor(), READINESS, 422)
    assert page.errors == ["Choose a level for at least one action."]
    assert "#level-A1" in page.links()


def test_the_self_check_can_be_saved_and_downloaded(site: Site) -> None:
    hers = member(site)
    page = sent(hers.visitor, READINESS, level__A1="1", confirm__A1="=SUM(A1)")
    fields = sheet(page, READINESS)
    reply = hers.visitor.post(f"{READINESS}/file", fields, 200)
    rows = list(csv.reader(io.StringIO(reply.body.decode("utf-8-sig"))))
    assert rows[4] == ["A1: Right and law", "1", "A plan.", "", "'=SUM(A1)"]
    hers.visitor.post(f"{READINESS}/note", fields, 200)
    with open_session(site.engine, write=False) as session:
        ((kept,),) = [tuple(row) for row in session.execute(text("SELECT text FROM note"))]
    assert kept.splitlines()[1] == (
        "– A1: Right and law: Level 1; What it means A plan.; Evidence that you can show ; "
        "Who else should confirm it =SUM(A1)"
    )
    assert "Read one law." in kept


def test_an_administrator_never_sees_it(site: Site) -> None:
    hers, boss = member(site), member(site, login="boss", role="administrator")
    page = sent(hers.visitor, READINESS, level__A1="1", evidence__A1="our secret gap")
    hers.visitor.post(f"{READINESS}/note", sheet(page, READINESS), 200)
    paths = ("/admin", "/admin/learners", READINESS, "/notes")
    assert [path for path in paths if "our secret gap" in boss.visitor.get(path).html] == []


# Targets


def test_a_country_and_a_group_open_the_sheet_with_published_values(site: Site) -> None:
    visitor = site.visitor()
    first = visitor.get(TARGETS)
    assert "base-everybody-total" not in first.html
    page = visitor.post(f"{TARGETS}/open", sheet(first, TARGETS) | {"country": "FJ", "group": "everybody"}, 200)
    assert "Published: 2020: total 58.9\u00a0%. 2022: total 60\u00a0%, women and girls 58\u00a0%" in page.html.replace(
        "\n", " "
    )
    fields = sheet(page, TARGETS)
    assert (fields["base-everybody-total"], fields["year-everybody"]) == (["58.9"], ["2020"])
    assert fields["latest_year-everybody"] == ["2022"]
    answer = visitor.post(TARGETS, fields, 200)
    assert "Everybody (Total): 58.9 % in 2020." in answer.main.replace("\u00a0", " ")
    assert page.headers["Cache-Control"] == "no-store"


def test_a_group_without_published_values_says_so(site: Site) -> None:
    page = site.visitor().post(f"{TARGETS}/open", {"country": "TV", "group": "older"}, 200)
    assert "nothing for this group and country or area in this release." in page.main


def test_what_was_typed_for_one_group_goes_along_with_another(site: Site) -> None:
    visitor = site.visitor()
    page = visitor.post(f"{TARGETS}/open", {"group": "older", "base-mothers-women": "41"}, 200)
    fields = sheet(page, TARGETS) | {"base-older-total": "40"}
    answer = visitor.post(TARGETS, fields, 200).main
    assert "Older persons (Total): 40" in answer
    assert "Mothers with newborn children (Women and girls): 41" in answer


def test_a_fault_in_a_closed_group_opens_it(site: Site) -> None:
    page = site.visitor().post(TARGETS, {"group": "older", "base-older-total": "40", "base-poor-men": "120"}, 422)
    assert page.errors[0].startswith("“First rate (Men and boys)” can't be more than 100")
    assert "#base-poor-men" in page.links()
    assert 'id="base-poor-men"' in page.html


BROKEN: list[Mapping[str, str]] = [
    {"country": "<b>", "group": "<b>"},
    {"group": "nowhere"},
    {"base-older-total": "9" * 5000},
]


@pytest.mark.parametrize("fields", BROKEN)
def test_opening_junk_opens_nothing(site: Site, fields: Mapping[str, str]) -> None:
    page = site.visitor().post(f"{TARGETS}/open", dict(fields), 200)
    assert "<b>" not in page.html
    assert len(page.body) < 60_000


@pytest.mark.parametrize("name", ["readiness", "options", "cost", "nowhere"])
def test_only_the_worksheet_opens_parts(site: Site, name: str) -> None:
    assert site.visitor().post(f"{HOME}/{name}/open", {}).status == 404


def test_the_sources_name_the_published_values(site: Site) -> None:
    assert "Yearbook of the islands" in site.visitor().get("/sources").main


# Options


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["A pension for all", "One register"]),
        ("?stage=old-age", ["A pension for all"]),
        ("?stage=all&action=", ["One register"]),
        ("?action=A1", ["A pension for all"]),
        ("?stage=childhood", []),
        ("?stage=%3Cb%3E", []),
    ],
)
def test_options_are_filtered_by_the_address(site: Site, query: str, shown: list[str]) -> None:
    page = site.visitor().get(OPTIONS + query)
    assert [title for title in ("A pension for all", "One register") if title in page.main] == shown
    assert ("No option fits both choices." in page.main) == (not shown)


def test_an_option_leads_to_its_section_and_prints_its_figures(site: Site) -> None:
    page = site.visitor().get(OPTIONS)
    assert page.links()["/courses/tiny/two/report"] == "A report"
    assert "53.6" in page.main


# Paper and weight


@pytest.mark.parametrize("path", [READINESS, TARGETS])
def test_an_empty_form_is_there_to_print(site: Site, path: str) -> None:
    visitor = site.visitor()
    assert "Empty form to print" in visitor.get(path).main
    page = visitor.get(f"{path}?paper=1")
    assert "Empty form to print" not in page.main
    assert [form for form in page.forms() if form.action == path and "country" in form.fields] == []


def test_the_course_s_own_tools_fit_the_first_window(build: Build, shipped: Library) -> None:
    site = build(shipped)
    for name in ("readiness", "targets", "options"):
        page = site.visitor().get(f"/courses/social-protection/tools/{name}")
        assert len(compress(page.body)) < 12_000
