"""A question answered with the keyboard alone: Tab, arrows, space, Enter."""

from playwright.sync_api import Page

from app.records import models
from app.records.engine import open_session
from tests import learners
from tests.browser.conftest import Open
from tests.browser.learner import Learner
from tests.serving import Server

FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  return [one.matches(':focus-visible'), style.outlineStyle !== 'none' || style.boxShadow !== 'none'];
}"""


def test_a_question_is_answered_with_the_keyboard_alone(open_window: Open, server: Server) -> None:
    who = learners.enter(server.engine, server.secret, "keyboard")
    with open_session(server.engine, write=True) as session:
        attempt = learners.begin(session, server.library, who.id, "why")
        kinds = [item.kind for item in learners.questions(session, server.library, attempt)]
        session.commit()
    number = kinds.index("single") + 1
    page = open_window(learner=who)
    page.goto(f"{server.base}/attempts/{attempt.id}/{number}")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the main text"
    page.keyboard.press("Enter")
    assert page.locator(":focus").get_attribute("id") == "main"
    tab_to(page, '[name="answer"]')
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    assert page.locator('[name="answer"]:checked').get_attribute("value") == "2"
    tab_to(page, "main button.button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with open_session(server.engine, write=False) as session:
        saved = session.query(models.SavedAnswer).filter_by(attempt_id=attempt.id).one()
        assert saved.question == number
    assert Learner(page, server, "keyboard").heading != "", "the next page has a heading to begin at"


def tab_to(page: Page, selector: str) -> None:
    """Tab until the focus is there; every stop on the way can be seen."""
    for _ in range(20):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS) == [True, True]
        if page.locator(":focus").evaluate("(one, wanted) => one.matches(wanted)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")
