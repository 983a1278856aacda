"""A question answered with the keyboard alone: Tab, arrows, space, Enter."""

from collections.abc import Mapping, Sequence

from playwright.sync_api import Page

from app.core.grading import item_of
from app.core.questions import KINDS
from app.records import attempts, models
from app.records.engine import open_session
from tests import learners
from tests.answering import right_fields
from tests.browser.conftest import Open
from tests.browser.learner import Learner
from tests.serving import Server

FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  return {
    seen: [one.matches(':focus-visible'), style.outlineStyle !== 'none' || style.boxShadow !== 'none'],
    name: one.name || '', type: one.type || '', value: one.value || '', sends: one.matches('main button.button'),
    options: [...one.options || []].map(o => o.value),
  };
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


GRADED = sorted(set(KINDS) - {"reflection", "scenario", "survey"})  # a scenario asks questions of these kinds


def test_every_kind_is_answered_rightly_with_the_keyboard_alone(open_window: Open, server: Server) -> None:
    """One question of each graded kind; what is stored is what the mouse would have stored."""
    found, people = {}, {}
    with open_session(server.engine, write=True) as session:
        for who in learners.make(session, server.secret, [f"keys-{number}" for number in range(12)]):
            attempt = learners.begin(session, server.library, who.id, "why")
            paper = attempts.paper_of(attempt)
            items = attempts.items_of(session, server.library, paper)
            values = learners.right_values(session, server.library, attempt)
            for number, question in enumerate(paper.questions, 1):
                item = item_of(question, items)
                if item.kind not in found:
                    found[item.kind] = (attempt.id, number, right_fields(item, question.drawn), values[number])
                    people[attempt.id] = who
        session.commit()
    assert sorted(found) == GRADED
    windows = {id: open_window(learner=who) for id, who in people.items()}
    for kind, (attempt_id, number, fields, _) in found.items():
        page = windows[attempt_id]
        page.goto(f"{server.base}/attempts/{attempt_id}/{number}")
        answer(page, fields)
        assert page.url != f"{server.base}/attempts/{attempt_id}/{number}", f"{kind}: {page.inner_text('main')}"
    with open_session(server.engine, write=False) as session:
        for kind, (attempt_id, number, _, value) in found.items():
            attempt = attempts.find(session, attempt_id, people[attempt_id].id)
            assert attempts.answers(session, attempt)[number].value == value, kind


def answer(page: Page, fields: Mapping[str, Sequence[str]]) -> None:
    """Go through the form by Tab, put into each field what is wanted, and send it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUS)
        assert here["seen"] == [True, True]
        wanted, type, value = fields.get(here["name"], []), here["type"], here["value"]
        if type == "submit" and here["sends"]:
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
        if (type == "radio" and wanted) or (type == "checkbox" and value in wanted):
            page.keyboard.press("Space")
            while type == "radio" and page.evaluate("document.activeElement.value") not in wanted:
                page.keyboard.press("ArrowDown")
        elif type == "select-one" and wanted:
            for _ in range(here["options"].index(wanted[0])):
                page.keyboard.press("ArrowDown")
        elif type == "text" and wanted:
            page.keyboard.type(wanted[0])
    raise AssertionError("the keyboard does not reach the button")


def tab_to(page: Page, selector: str) -> None:
    """Tab until the focus is there; every stop on the way can be seen."""
    for _ in range(20):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS)["seen"] == [True, True]
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")
