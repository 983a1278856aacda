"""The whole story in a real browser with scripts off, at 320 pixels: led by nothing but what the pages say."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page

from app.records import attempts, certificates, models
from app.records.engine import open_session
from app.records.people import find_login
from tests.browser.chromium import wider
from tests.browser.conftest import Open
from tests.browser.learner import Learner
from tests.learners import read, right_values, save, sit
from tests.serving import Server

COURSE = "social-protection"
SECTION = f"/courses/{COURSE}/why/"


def first_section(server: Server, module: str) -> str:
    return f"/courses/{COURSE}/{module}/{server.library.modules[module].sections[0].id}"


@pytest.mark.parametrize(
    ("login", "modules"), [("story", 2), pytest.param("whole", None, marks=pytest.mark.prove, id="every module")]
)
def test_from_the_first_page_to_the_certificate_without_scripts(
    open_window: Open, server: Server, login: str, modules: int | None
) -> None:
    """She takes the first `modules`, begins the final and hands it in by what the pages say; what lies between, all
    questions of the final but the first and the last among it, was done on another device."""
    too_wide: list[str] = []

    def look(page: Page) -> None:
        if found := wider(page):
            too_wide.append(f"{page.url} {found}")

    learner = Learner(open_window(), server, login, name="ขวัญใจ ศรีสุข", seen=look)
    learner.register_from(first_section(server, "why"))
    if modules:
        did_elsewhere(server, login, server.library.courses[COURSE].modules[modules:])
        while (final := open_final(server, login)) is None:
            learner.step()
        learner.step()
        answered_elsewhere(server, final)
        learner.go("/")
    learner.finish_course()
    learner.follow("See your certificate")
    assert learner.heading == "Certificate of completion"
    number = learner.page.url.rpartition("/")[2]
    assert too_wide == []

    stranger = open_window()
    stranger.goto(f"{server.base}/verify")
    stranger.get_by_label("Number").fill(number.lower().replace("-", " "))
    stranger.get_by_role("button", name="Check the number").click()
    assert stranger.locator("h1").inner_text() == f"Our record for number {number}"
    assert "ขวัญใจ ศรีสุข" in stranger.locator("main").inner_text()
    pdf = stranger.request.get(f"{server.base}/certificates/{number}.pdf")
    assert (pdf.status, pdf.headers["content-type"], pdf.body()[:5]) == (200, "application/pdf", b"%PDF-")
    assert kept(server, login) == expected(server)


def did_elsewhere(server: Server, login: str, modules: Sequence[str]) -> None:
    """These modules read and their quizzes passed, as on another device."""
    with open_session(server.engine, write=True) as session:
        person = find_login(session, login)
        assert person is not None
        read(session, server.library, person.id, COURSE, modules=modules)
        for quiz in filter(None, (server.library.modules[one].quiz for one in modules)):
            sit(session, server.library, person.id, quiz)
        session.commit()


def open_final(server: Server, login: str) -> models.Attempt | None:
    """The try of the final that is open."""
    with open_session(server.engine, write=False) as session:
        person = find_login(session, login)
        assert person is not None
        final = server.library.courses[COURSE].final
        return session.query(models.Attempt).filter_by(person_id=person.id, quiz=final, handed_in_at=None).one_or_none()


def answered_elsewhere(server: Server, attempt: models.Attempt) -> None:
    """All questions but the first and the last."""
    with open_session(server.engine, write=True) as session:
        answers = right_values(session, server.library, attempt)
        save(session, attempt, {number: answers[number] for number in range(2, len(answers))})
        session.commit()


def kept(server: Server, login: str) -> dict[str, object]:
    """What the records say of a learner: sections, tries with the number of their answers, kinds of certificates."""
    with open_session(server.engine, write=False) as session:
        person = find_login(session, login)
        assert person is not None
        tries = session.query(models.Attempt).filter_by(person_id=person.id).all()
        return {
            "sections": session.query(models.Reading).filter_by(person_id=person.id).count(),
            "tries": sorted(
                (row.quiz, row.number, len(attempts.saved_answers.unpack(row.answers or "{}"))) for row in tries
            ),
            "certificates": sorted(one.kind for one in certificates.of_person(session, person.id, datetime.now(UTC))),
        }


def expected(server: Server) -> dict[str, object]:
    library = server.library
    course = library.courses[COURSE]
    quizzes = [library.modules[one].quiz for one in course.modules] + [course.final]
    return {
        "sections": sum(len(library.modules[one].sections) for one in course.modules),
        "tries": sorted((quiz, 1, sum(rule.n for rule in library.quizzes[quiz].draw)) for quiz in quizzes if quiz),
        "certificates": ["completion", "participation"],
    }
