"""Half of the replies are lost, and the learner presses Back and again: nothing is doubled, nothing is missing."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from app.records import hot
from app.records.engine import open_session
from tests import learners
from tests.browser.learner import Learner
from tests.browser.lossy import Lossy
from tests.browser.test_story import COURSE, expected, first_section, kept
from tests.serving import Server


@pytest.fixture
def link(server: Server) -> Iterator[Lossy]:
    with Lossy(target=server.port) as lossy:
        yield lossy


@pytest.fixture
def behind(server: Server, link: Lossy) -> Iterator[Server]:
    """The same server, at the address where it is reached over the lossy link only."""
    behind = replace(server, public=f"http://127.0.0.1:{link.port}")
    yield behind
    hot.close(behind.engine)


@pytest.fixture
def page(chrome: Browser) -> Iterator[Page]:
    context = chrome.new_context(viewport={"width": 320, "height": 740}, java_script_enabled=False, locale="en-GB")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_registering_works_in_the_end_and_makes_one_account(page: Page, behind: Server, link: Lossy) -> None:
    learner = Learner(page, behind, "unheard")
    learner.register_from(first_section(behind, "why"))
    assert kept(behind, "unheard") == {"sections": 0, "tries": [], "certificates": []}
    assert link.lost["register"] >= 1


@pytest.mark.parametrize(
    ("login", "begun"), [("unlucky", 28), pytest.param("hapless", 0, marks=pytest.mark.prove, id="the whole final")]
)
def test_the_last_sections_and_the_final_count_once(
    page: Page, behind: Server, link: Lossy, login: str, begun: int
) -> None:
    """Of the final, `begun` questions were answered on another device."""
    library = behind.library
    someone = learners.enter(behind.engine, behind.secret, login)
    with open_session(behind.engine, write=True) as session:
        learners.read(session, library, someone.id, COURSE, leave=2)
        for quiz in filter(None, (library.modules[one].quiz for one in library.courses[COURSE].modules)):
            learners.sit(session, library, someone.id, quiz)
        if begun:
            final = learners.begin(session, library, someone.id, library.courses[COURSE].final)
            answers = learners.right_values(session, library, final)
            learners.save(session, final, {number: answers[number] for number in range(1, begun + 1)})
        session.commit()
    page.context.add_cookies([{"name": "lontar", "value": someone.token, "url": behind.base}])
    learner = Learner(page, behind, login)
    learner.go("/")
    learner.finish_course()
    assert kept(behind, login) == expected(behind)
    assert link.lost.keys() >= {"GET", "read", "answer", "hand-in"}
