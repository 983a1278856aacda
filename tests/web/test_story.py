"""The whole story on both databases: from the first page to the certificate, a stranger's check and the export."""

import csv
import io
import json
import zipfile

import pytest

from app.core.content import Library
from tests.web.conftest import PASSWORD, Site, sign_in
from tests.web.story import empty, open_quiz, quizzes_of, read_everything, take_quiz

COURSE = "tiny"


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_learner_goes_from_the_first_page_to_the_certificate(site: Site, tiny: Library) -> None:
    learner = site.learner("ខេមរា សុខ", name_latin="Khemara Sok", country="MN", sex="woman")
    after_reading = read_everything(learner, site, COURSE)
    assert after_reading.h1 == "Confirmation of participation"
    for quiz in quizzes_of(site, COURSE):
        assert take_quiz(learner, site, COURSE, quiz).h1 == "Passed with 100 %"
    final = tiny.courses[COURSE].final
    assert final is not None
    result = take_quiz(learner, site, COURSE, final)
    assert result.h1 == "Passed with 100 %"
    numbers = [link.rpartition("/")[2] for link in learner.get("/account").links() if "/certificates/" in link]
    assert len(numbers) == 2
    kinds = {number: learner.get(f"/certificates/{number}").h1 for number in numbers}
    assert sorted(kinds.values()) == ["Certificate of completion", "Confirmation of participation"]
    number = next(number for number, kind in kinds.items() if kind == "Certificate of completion")
    stranger = site.visitor()
    page = stranger.get(f"/verify/{number.lower().replace('-', ' ')}")
    assert page.h1 == f"Our record for number {number}"
    assert "ខេមរា សុខ" in page.main
    assert "Khemara Sok" in page.main
    pdf = stranger.get(f"/certificates/{number}.pdf")
    assert pdf.body[:5] == b"%PDF-"
    assert exported(site)[0]["certificate_number"] == number


def exported(site: Site) -> list[dict[str, str]]:
    """The completion export as an administrator downloads it."""
    admin = site.administrator()
    page = admin.submit(admin.get("/admin?period="), "/admin/exports/rows", status=200)
    archive = zipfile.ZipFile(io.BytesIO(page.body))
    about = json.loads(archive.read(f"completions-{COURSE}.about.json"))
    rows = list(csv.DictReader(io.StringIO(archive.read(f"completions-{COURSE}.csv").decode("utf-8-sig"))))
    assert about["rows"] == len(rows)
    return rows


def test_the_final_stays_closed_until_every_module_quiz_is_passed(site: Site, tiny: Library) -> None:
    learner = site.learner()
    final = tiny.courses[COURSE].final
    page = learner.get(f"/courses/{COURSE}/quizzes/{final}")
    assert "Not open yet" in page.main
    token = page.form("/sign-out").fields["csrf_token"]
    body = {"expected": "1", "name_confirmed": "yes", "csrf_token": token}
    refused = learner.post(f"/courses/{COURSE}/quizzes/{final}", body)
    assert refused.status == 409


def test_an_empty_paper_fails_and_may_be_tried_again(site: Site) -> None:
    learner = site.learner()
    quiz = quizzes_of(site, COURSE)[0]
    assert take_quiz(learner, site, COURSE, quiz, empty).h1 == "Not passed yet: 0 %"
    assert take_quiz(learner, site, COURSE, quiz).h1 == "Passed with 100 %"


def test_an_attempt_goes_on_on_another_device(site: Site) -> None:
    phone = site.learner()
    first = open_quiz(phone, site, COURSE, quizzes_of(site, COURSE)[0])
    laptop = site.visitor()
    sign_in(laptop, f"learner{site.people}", PASSWORD)
    home = laptop.get("/")
    assert "Continue where you stopped" in home.main
    assert laptop.get(first.path).h1 == first.h1
