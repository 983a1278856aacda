"""The tools as an official uses them, with scripts off at 320 pixels: found, tried, filled in, saved, printed."""

from playwright.sync_api import Page

from tests import learners
from tests.browser.chromium import wider
from tests.browser.conftest import Open
from tests.serving import Server

COURSE = "/courses/social-protection"
CALCULATORS = ("coverage", "errors", "adequacy", "cost", "milestones", "service")


def words(page: Page) -> str:
    return page.locator("main").inner_text().replace("\u00a0", " ")


def test_from_the_outline_to_a_saved_result(open_window: Open, server: Server) -> None:
    page = open_window(learner=learners.enter(server.engine, server.secret, "calculates"))
    page.goto(f"{server.base}{COURSE}/")
    page.get_by_role("link", name="Calculators and worksheets").click()
    page.get_by_role("link", name="Coverage and overlap").click()
    page.get_by_label("Persons in the group").fill("๑,๐๐๐,๐๐๐")
    page.get_by_label("Scheme 1: Persons").fill("400,000")
    page.get_by_label("Scheme 2: Persons").fill("3 00 000")
    page.get_by_label("Scheme 2: Of these on a list above").fill("900000")
    page.get_by_role("button", name="Calculate").click()
    page.get_by_role("link", name="The overlap is larger than the scheme").click()
    assert page.url.endswith("#above-2")
    page.get_by_label("Scheme 2: Of these on a list above").fill("80000")
    page.get_by_role("button", name="Calculate").click()
    assert "620 000 persons are covered, each counted once. That is 62 % of 1 000 000." in words(page)
    assert wider(page) is None
    page.get_by_role("button", name="Save to my notes").click()
    assert "Your note is saved." in words(page)
    page.get_by_role("link", name="All my notes").click()
    assert "620 000 persons are covered" in words(page)
    assert wider(page) is None


def test_each_result_fits_a_narrow_screen_and_can_be_kept(open_window: Open, server: Server) -> None:
    page = open_window()
    for name in CALCULATORS:
        page.goto(f"{server.base}{COURSE}/tools/{name}")
        page.get_by_role("button", name="Try the example").click()
        assert (page.locator("#result").count(), wider(page)) == (1, None)
        with page.expect_download() as kept:
            page.get_by_role("button", name="Download as CSV").click()
        assert kept.value.suggested_filename == f"{name}.csv"


def test_print_shows_an_empty_sheet_or_the_result(open_window: Open, server: Server) -> None:
    page = open_window(width=794)
    page.emulate_media(media="print")
    page.goto(f"{server.base}{COURSE}/tools/coverage")
    assert page.get_by_label("Scheme 6: Persons").is_visible()
    assert not page.get_by_role("button", name="Calculate").is_visible()
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Try the example").click()
    page.emulate_media(media="print")
    assert page.get_by_text("620\u00a0000 persons are covered").is_visible()
    assert not page.get_by_label("Scheme 6: Persons").is_visible()


def test_a_worksheet_goes_from_a_country_to_a_result(open_window: Open, server: Server) -> None:
    page = open_window()
    page.goto(f"{server.base}{COURSE}/tools/targets")
    page.get_by_label("Country or area").select_option("Turkmenistan")
    page.get_by_label("Group of people").select_option("Persons with severe disabilities")
    page.get_by_role("button", name="Open the worksheet").click()
    assert page.get_by_label("Total: First rate").input_value() == "87.7"
    page.get_by_label("Women and girls: First rate").fill("120")
    page.get_by_role("button", name="Calculate", exact=True).click()
    page.get_by_role("link", name="can't be more than 100").click()
    assert page.url.endswith("#base-disability-women")
    page.get_by_label("Women and girls: First rate").fill("94,2")
    page.get_by_role("button", name="Calculate", exact=True).click()
    assert "Persons with severe disabilities (Total): 87.7 % in 2021." in words(page)
    assert wider(page) is None


def test_the_self_check_ends_in_steps_that_lead_into_the_course(open_window: Open, server: Server) -> None:
    page = open_window()
    page.goto(f"{server.base}{COURSE}/tools/readiness")
    page.get_by_label("1: Policy papers name the aim.").check()
    page.get_by_role("button", name="Show my result").click()
    assert "Lowest now, and a place to begin: A1." in words(page)
    assert wider(page) is None
    page.get_by_role("link", name="Test one scheme with the eight questions").click()
    assert page.url.endswith("/right/eight-questions#law-checklist")


def test_options_are_found_by_stage_of_life(open_window: Open, server: Server) -> None:
    page = open_window()
    page.goto(f"{server.base}{COURSE}/tools/options")
    page.get_by_label("Stage of life").select_option("Old age")
    page.get_by_role("button", name="Show these options").click()
    assert page.get_by_role("heading", name="Universal old-age pension").is_visible()
    assert page.get_by_role("heading", name="Universal child benefit").count() == 0
    assert wider(page) is None
