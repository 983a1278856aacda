"""Surveys and the entry check as learners meet them: offered, answered once, never in the way, seen by nobody else.

What runs on both databases sends, together, every statement that any test here sends.
"""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.core.content import Library
from app.records import people, sign_ins, standing, surveys
from app.records.engine import open_session
from tests import learners, surveyed
from tests.web.conftest import BOTH, PASSWORD, Build, Site, load_course
from tests.web.members import Member, member, send, set_role
from tests.web.story import answer_all, empty, open_quiz, quizzes_of, read_everything, take_quiz
from tests.web.visitor import Page, Visitor, X, words

COURSE = "/courses/tiny"
BEFORE, AFTER, END, USED = (f"{COURSE}/surveys/{one}" for one in ("before", "after", "end", "follow_up"))
RATE, ENDING, USE, ENTRANCE = "Rate yourself", "At the end", "What have you used?", "Entry check"


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return surveyed.make(tmp_path_factory.mktemp("surveyed"))


@pytest.fixture(scope="session")
def course(root: Path) -> Library:
    return load_course(root)


@pytest.fixture
def site(build: Build, course: Library, root: Path) -> Site:
    return build(course, content=root)


def graduate(site: Site, login: str = "litia", **profile: Any) -> Member:
    """Somebody who has taken the whole course."""
    one = member(site, login, **profile)
    with open_session(site.engine, write=True) as session:
        learners.certify(session, site.library, one.id, "tiny", site.now)
        session.commit()
    return one


def fields_of(page: Page, **chosen: str | list[str]) -> dict[str, Any]:
    """What the form on a page sends with these choices; a name is the beginning of the question's heading."""
    assert page.tree is not None
    form = next(one for one in page.forms() if any(name.startswith("answer-") for name in one.choices))
    names = list(dict.fromkeys(name for name in form.choices if name.startswith("answer-")))
    fields: dict[str, Any] = dict(form.fields)
    for number, value in chosen.items():
        fields[names[int(number[1:]) - 1]] = value
    return fields


def responses(site: Site) -> list[tuple[str, dict[str, Any]]]:
    with open_session(site.engine, write=False) as session:
        rows = session.execute(text("SELECT occasion, answers FROM response ORDER BY occasion, person_id")).all()
    return [(row[0], json.loads(row[1])) for row in rows]


def offered(page: Page) -> list[str]:
    """The titles of what a page offers."""
    known = {BEFORE: RATE, AFTER: RATE, END: ENDING, USED: USE, f"{COURSE}/quizzes/entrance": ENTRANCE}
    return [known[link] for link in page.links() if link in known]


# Offered, and never in the way


@BOTH
def test_what_stands_before_the_course_is_offered_and_is_not_the_next_step(site: Site) -> None:
    one = member(site)
    for path in ("/", f"{COURSE}/"):
        page = one.visitor.get(path)
        assert offered(page) == [RATE, ENTRANCE]
        assert page.main.index("Start reading") < page.main.index(RATE)
        assert [form.action for form in page.forms() if "dismiss" in form.action] == []  # she has not enrolled
    assert offered(site.visitor().get(f"{COURSE}/")) == offered(site.visitor().get("/")) == []


@BOTH
def test_each_can_be_dismissed_for_good(site: Site) -> None:
    one = member(site)
    one.visitor.submit(one.visitor.get(f"{COURSE}/one/first"), "/first/read", status=200)
    page = one.visitor.get("/")
    after = one.visitor.submit(page, "/surveys/before/dismiss", status=200)
    assert (after.path, offered(after)) == ("/", [ENTRANCE])
    twice = one.visitor.submit(page, "/surveys/before/dismiss", status=200)
    assert offered(twice) == [ENTRANCE]
    last = one.visitor.submit(one.visitor.get(f"{COURSE}/"), "/surveys/entry/dismiss", status=200)
    assert (last.path, offered(last)) == (f"{COURSE}/", [])
    assert one.visitor.get(BEFORE).h1 == RATE  # by its address it is still open


@BOTH
def test_at_the_end_result_certificate_and_home_offer_what_is_left(site: Site) -> None:
    one = graduate(site)
    places = [one.visitor.get(path) for path in ("/", f"{COURSE}/")]
    places.append(one.visitor.get(result_of(site, one)))
    places.append(one.visitor.get(certificate_of(site, one)))
    assert [offered(page) for page in places] == [[RATE, ENDING]] * 4
    one.visitor.submit(places[2], "/surveys/end/dismiss", status=200)
    assert offered(one.visitor.get(certificate_of(site, one))) == [RATE]
    stranger = member(site, "stranger")
    assert offered(stranger.visitor.get(certificate_of(site, one))) == []
    assert offered(site.visitor().get(certificate_of(site, one))) == []


def test_the_result_of_another_quiz_offers_nothing(site: Site) -> None:
    one = graduate(site)
    assert offered(take_quiz(one.visitor, site, "tiny", "one")) == []


def result_of(site: Site, one: Member) -> str:
    with open_session(site.engine, write=False) as session:
        tries = people.export_data(session, one.id)["attempts"]
    return next(f"/attempts/{found['id']}/result" for found in tries if found["quiz"] == "tiny-final")


def certificate_of(site: Site, one: Member) -> str:
    with open_session(site.engine, write=False) as session:
        return f"/certificates/{standing.facts(session, one.id, 'tiny').completions['completion']}"


# Answering


def test_a_survey_is_one_page_with_one_button(site: Site) -> None:
    one = member(site)
    page = one.visitor.get(BEFORE)
    assert page.main.count("Can you say") == 2
    thanks = one.visitor.post(BEFORE, fields_of(page, q1="3", q2=""))
    assert (thanks.path, thanks.status) == (BEFORE, 200)
    assert "Your answers are saved." in thanks.main
    assert responses(site) == [("before", {"rate-benefit": "C", "rate-levy": None})]
    assert offered(one.visitor.get("/")) == [ENTRANCE]


def test_an_empty_survey_is_an_answer(site: Site) -> None:
    one = member(site)
    thanks = one.visitor.submit(one.visitor.get(BEFORE), "/surveys/before", status=200)
    assert "Your answers are saved." in thanks.main
    assert responses(site) == [("before", {"rate-benefit": None, "rate-levy": None})]


@BOTH
def test_a_second_press_changes_nothing(site: Site) -> None:
    one = member(site)
    page = one.visitor.get(BEFORE)
    for choice in ("3", "1"):
        again = one.visitor.post(BEFORE, fields_of(page, q1=choice))
        assert (again.path, again.status) == (BEFORE, 200)
    assert responses(site) == [("before", {"rate-benefit": "C", "rate-levy": None})]


@BOTH
def test_before_and_after_are_two_answers(site: Site) -> None:
    one = member(site)
    one.visitor.post(BEFORE, fields_of(one.visitor.get(BEFORE), q1="1"))
    read_everything(one.visitor, site, "tiny")
    for quiz in (*quizzes_of(site, "tiny"), "tiny-final"):
        take_quiz(one.visitor, site, "tiny", quiz)
    thanks = one.visitor.post(AFTER, fields_of(one.visitor.get(AFTER), q1="3"))
    assert thanks.links()[END] == "Go to the questions"
    assert [(occasion, answers["rate-benefit"]) for occasion, answers in responses(site)] == [
        ("after", "C"),
        ("before", "A"),
    ]


def test_several_choices_and_one(site: Site) -> None:
    one = graduate(site)
    page = one.visitor.get(END)
    assert "Choose all that fit, or none." in page.main
    one.visitor.post(END, fields_of(page, q1="2", q2=["3", "1", "1"]))
    assert responses(site) == [("end", {"end-hardest": "B", "end-missing": ["A", "C"]})]


JUNK: list[dict[str, Any]] = [
    {"q1": "4"},
    {"q1": "0"},
    {"q1": "x"},
    {"q1": ["1", "2"]},
    {"q1": "1" * 60_000},
    {"q2": "\u202e"},
    {"q1": "-1", "q2": "99"},
]


@pytest.mark.parametrize("sent", JUNK)
def test_what_nobody_can_choose_is_named_and_not_kept(site: Site, sent: dict[str, Any]) -> None:
    one = member(site)
    page = one.visitor.get(BEFORE)
    refused = one.visitor.post(BEFORE, fields_of(page, **sent), follow=False)
    assert (refused.status, len(refused.errors)) == (422, len(sent))
    assert responses(site) == []
    assert len(refused.body) < 20_000  # nothing of what was sent comes back
    mended = one.visitor.submit(refused, "/surveys/before", status=200)
    assert "Your answers are saved." in mended.main


def test_a_good_answer_stays_chosen_beside_a_bad_one(site: Site) -> None:
    one = member(site)
    refused = one.visitor.post(BEFORE, fields_of(one.visitor.get(BEFORE), q1="2", q2="9"), follow=False)
    one.visitor.submit(refused, "/surveys/before", status=200)
    assert responses(site) == [("before", {"rate-benefit": "B", "rate-levy": None})]


def test_unknown_and_many_fields(site: Site) -> None:
    one = member(site)
    fields = fields_of(one.visitor.get(BEFORE), q1="1")
    unknown = {f"answer-{number:016x}": "1" for number in range(50)} | {"rate-benefit": "3", "occasion": "end"}
    one.visitor.post(BEFORE, fields | unknown)
    assert responses(site) == [("before", {"rate-benefit": "A", "rate-levy": None})]
    assert send(one.visitor, BEFORE, fields | {f"x{number}": "1" for number in range(1000)}) == 413
    assert send(one.visitor, BEFORE, fields | {"x": "x" * 300_000}) == 413


@pytest.mark.parametrize("path", [f"{COURSE}/surveys/none", f"{COURSE}/surveys/entry", "/courses/none/surveys/before"])
def test_no_such_survey(site: Site, path: str) -> None:
    one = member(site)
    assert one.visitor.get(path, status=404).status == 404
    assert send(one.visitor, path, {"csrf_token": one.csrf}) == 404
    assert send(one.visitor, f"{COURSE}/surveys/none/dismiss", {"csrf_token": one.csrf}) == 404


def test_a_course_without_surveys(build: Build, tiny: Library) -> None:
    site = build(tiny)
    one = member(site)
    for path in (BEFORE, END):
        one.visitor.get(path, status=404)
    for path in (f"{BEFORE}/dismiss", f"{COURSE}/surveys/entry/dismiss", f"{COURSE}/surveys/ask-later"):
        assert send(one.visitor, path, {"csrf_token": one.csrf}) == 404
    assert "survey" not in one.visitor.get("/").html


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (AFTER, "This opens when you have come to the end of the course."),
        (END, "This opens when you have come to the end of the course."),
        (USED, "This form is for people who asked for it at the end of the course."),
    ],
)
def test_what_is_not_open_says_so_and_takes_nothing(site: Site, path: str, said: str) -> None:
    one = member(site)
    page = one.visitor.get(path)
    assert (said in page.main, "Start reading" in page.main) == (True, True)
    survey = site.library.quizzes[site.library.courses["tiny"].surveys[path.rpartition("/")[2]]]
    refused = one.visitor.post(path, {"csrf_token": one.csrf, "version": survey.version}, follow=False)
    assert (refused.status, said in refused.main, responses(site)) == (409, True, [])


def test_before_closes_with_the_first_quiz_that_is_passed(site: Site) -> None:
    one = member(site)
    page = one.visitor.get(BEFORE)
    take_quiz(one.visitor, site, "tiny", "one")
    refused = one.visitor.post(BEFORE, fields_of(page, q1="1"), follow=False)
    assert (refused.status, "You have passed a quiz since" in refused.main, responses(site)) == (409, True, [])
    assert offered(one.visitor.get("/")) == [ENTRANCE]


def test_questions_that_changed_meanwhile_are_shown_again(build: Build, site: Site, tmp_path: Path) -> None:
    """The answer to a question that stayed is kept; the other one is asked anew; then both are saved."""
    one = member(site)
    old = fields_of(one.visitor.get(BEFORE), q1="3", q2="2")
    root = surveyed.make(tmp_path / "new")
    rating = root / "quizzes" / "rating.md"
    rating.write_text(rating.read_text().replace("who pays a levy", "who pays the levy"))
    site.app.extensions["shelf"].put(load_course(root))
    again = one.visitor.post(BEFORE, old, follow=False)
    assert (again.status, "These questions were changed" in again.main, responses(site)) == (409, True, [])
    one.visitor.submit(again, "/surveys/before", status=200)
    assert responses(site) == [("before", {"rate-benefit": "C", "rate-levy": None})]
    assert "Your answers are saved." in one.visitor.post(BEFORE, old).main  # late, and harmless


# Sessions and persons


@BOTH
def test_an_answer_sent_too_late_is_saved_after_signing_in(site: Site) -> None:
    one = member(site)
    fields = fields_of(one.visitor.get(BEFORE), q1="2")
    site.later(hours=13)
    asked = one.visitor.post(BEFORE, fields)
    assert (asked.status, responses(site)) == (401, [])
    after = one.visitor.submit(asked, "/sign-in", status=200, login="litia", password=PASSWORD)
    assert (after.path, "Your answers are saved." in after.main) == (BEFORE, True)
    assert responses(site) == [("before", {"rate-benefit": "B", "rate-levy": None})]


def test_an_answer_sent_too_late_is_never_saved_for_another(site: Site) -> None:
    one, other = member(site), site.account("other")
    fields = fields_of(one.visitor.get(BEFORE), q1="2")
    with open_session(site.engine, write=True) as session:
        sign_ins.end_all(session, one.id)
        session.commit()
    asked = one.visitor.post(BEFORE, fields)
    refused = one.visitor.submit(asked, "/sign-in", login="other", password=PASSWORD)
    assert (refused.status, responses(site)) == (403, [])
    asked = site.browser(other).post(BEFORE, fields, follow=False)
    assert (asked.status, "This page was opened by another person." in asked.main) == (409, True)
    assert responses(site) == []


def test_a_visitor_is_asked_to_sign_in(site: Site) -> None:
    page = site.visitor().get(USED, status=401)
    assert page.h1 == "Sign in"
    one = member(site)
    assert one.visitor.get(USED).h1 == USE


def test_without_the_token_nothing_is_kept(site: Site) -> None:
    one = member(site)
    fields = fields_of(one.visitor.get(BEFORE), q1="2") | {"csrf_token": ""}
    again = one.visitor.post(BEFORE, fields, follow=False)
    assert (again.status, again.h1, responses(site)) == (422, "Please send this once more", [])
    one.visitor.submit(again, "/surveys/before", status=200)
    assert responses(site) == [("before", {"rate-benefit": "B", "rate-levy": None})]
    away = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert send(one.visitor, AFTER, fields, **away) == 403


def test_one_person_sees_nothing_of_another(site: Site) -> None:
    one, other = member(site), member(site, "other")
    one.visitor.post(BEFORE, fields_of(one.visitor.get(BEFORE), q1="2"))
    page = other.visitor.get(BEFORE)
    assert "Your answers are saved." not in page.main
    assert [name for name in page.forms()[-2].fields if name.startswith("answer-")] == []


# Asked later


@BOTH
def test_the_wish_is_made_shown_and_taken_back(site: Site) -> None:
    one = graduate(site)
    thanks = one.visitor.post(END, fields_of(one.visitor.get(END)) | {"ask_later": "yes"})
    assert "We will ask you once, from 20 February 2027 on" in thanks.main
    account_page = one.visitor.get("/account")
    assert "We will ask you once, from 20 February 2027 on" in account_page.main
    assert "We will ask you once" in one.visitor.get(USED).main
    withdrawn = one.visitor.submit(account_page, "/surveys/ask-later", status=200)
    assert (withdrawn.path, "We will ask you" in withdrawn.main) == ("/account", False)
    again = one.visitor.submit(one.visitor.get(END), "/surveys/ask-later", status=200)
    assert (again.path, "We will ask you once" in again.main) == (END, True)


def test_nobody_is_asked_who_did_not_tick(site: Site) -> None:
    one = graduate(site)
    one.visitor.submit(one.visitor.get(END), "/surveys/end", status=200)
    site.later(days=100)
    again = site.browser(one.id)
    assert offered(again.get("/")) == [RATE]
    assert "We will ask you" not in again.get("/account").main


def test_after_90_days_the_home_page_asks_once(site: Site) -> None:
    one = graduate(site)
    one.visitor.post(END, fields_of(one.visitor.get(END)) | {"ask_later": "yes"})
    site.later(days=89, hours=23)
    assert offered(site.browser(one.id).get("/")) == [RATE]
    site.later(hours=1)
    later = site.browser(one.id)
    assert offered(later.get("/")) == [RATE, USE]
    assert offered(later.get(f"{COURSE}/")) == [RATE]
    later.post(USED, fields_of(later.get(USED), q1="2"))
    assert offered(later.get("/")) == [RATE]
    assert dict(responses(site))["follow_up"] == {"used-law": "B"}
    assert "We will ask you" not in later.get("/account").main


@BOTH
def test_wishes_of_those_who_have_not_finished_are_not_kept(site: Site) -> None:
    one = member(site)
    assert send(one.visitor, f"{COURSE}/surveys/ask-later", {"csrf_token": one.csrf, "wanted": "yes"}) == 303
    with open_session(site.engine, write=False) as session:
        assert session.execute(text("SELECT count(*) FROM survey_choice")).scalar() == 0


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_button_leads_only_into_the_site(site: Site, target: str) -> None:
    one = member(site)
    for path, home in ((f"{BEFORE}/dismiss", f"{COURSE}/"), (f"{COURSE}/surveys/ask-later", "/account")):
        page = one.visitor.post(path, {"csrf_token": one.csrf, "next": target}, follow=False)
        assert (page.status, page.headers["Location"]) == (303, home)


# The entry check


@BOTH
def test_the_entry_check_is_taken_once_and_tells_topics_alone(site: Site) -> None:
    one = member(site)
    start = one.visitor.get(f"{COURSE}/quizzes/entrance")
    assert "It counts for nothing" in start.main
    assert ("To pass" in start.main, "70" in start.main) == (False, False)
    result = take_quiz(one.visitor, site, "tiny", "entrance")
    assert result.h1 == "Your entry check: 2 of 2 points"
    assert "QZKEY" not in result.html
    assert ("assed" in result.main, "1 of 1" in result.main) == (False, True)
    again = one.visitor.get(f"{COURSE}/quizzes/entrance")
    assert ("You have taken this check." in again.main, "Start the check" in again.main) == (True, False)
    token = {"csrf_token": one.csrf}
    refused = one.visitor.post(f"{COURSE}/quizzes/entrance", token | {"expected": "2"}, follow=False)
    assert refused.status == 409
    assert offered(one.visitor.get("/")) == [RATE]


def test_the_entry_check_moves_nothing(site: Site) -> None:
    one, other = member(site), member(site, "other")
    take_quiz(one.visitor, site, "tiny", "entrance", choose=empty)
    for path in ("/", f"{COURSE}/"):
        mine, others = (visitor.get(path).main for visitor in (one.visitor, other.visitor))
        assert mine.count("0 of 2 modules finished") == others.count("0 of 2 modules finished") == 1
        assert mine.count("not tried yet") == others.count("not tried yet")
    assert "Entry check" not in one.visitor.get("/").main


def test_an_entry_check_that_was_begun_goes_on(site: Site) -> None:
    one = member(site)
    first = open_quiz(one.visitor, site, "tiny", "entrance")
    assert offered(one.visitor.get("/")) == [RATE, ENTRANCE]
    assert "Start reading" in one.visitor.get("/").main  # not the one next step
    assert "You have begun this check" in one.visitor.get(f"{COURSE}/quizzes/entrance").main
    read_everything(one.visitor, site, "tiny")
    for quiz in (*quizzes_of(site, "tiny"), "tiny-final"):
        take_quiz(one.visitor, site, "tiny", quiz)
    review = answer_all(one.visitor, site, first)
    assert one.visitor.submit(review, "/hand-in", status=200).h1 == "Your entry check: 2 of 2 points"


def test_the_entry_check_closes_with_the_final(site: Site) -> None:
    one = graduate(site)
    page = one.visitor.get(f"{COURSE}/quizzes/entrance")
    assert "You have passed the final assessment, so the entry check is closed." in page.main
    token = {"csrf_token": one.csrf, "expected": "1"}
    refused = one.visitor.post(f"{COURSE}/quizzes/entrance", token, follow=False)
    assert refused.status == 409
    assert "Start reading" in site.visitor().get(f"{COURSE}/").main
    assert "you need an account" in site.visitor().get(f"{COURSE}/quizzes/entrance").main


def test_a_survey_is_no_quiz(site: Site) -> None:
    one = member(site)
    for path in (f"{COURSE}/quizzes/rating", f"{COURSE}/quizzes/ending"):
        one.visitor.get(path, status=404)
        assert send(one.visitor, path, {"csrf_token": one.csrf, "expected": "1"}) == 404
    assert send(one.visitor, "/checks/rate-benefit", {"csrf_token": one.csrf, "answer": "1"}) == 404


# What others see


def staff(site: Site, role: str) -> Visitor:
    id = site.account(role)
    set_role(site, id, role)
    return site.browser(id)


@BOTH
def test_no_page_of_the_staff_shows_an_answer(site: Site) -> None:
    one = graduate(site)
    one.visitor.post(END, fields_of(one.visitor.get(END), q1="3", q2=["2"]) | {"ask_later": "yes"})
    take_quiz(member(site, "other").visitor, site, "tiny", "entrance", choose=empty)
    admin, author = staff(site, "administrator"), staff(site, "author")
    pages = [
        admin.get(path)
        for path in ("/admin/overview/surveys", f"/admin/learners/{one.id}", "/admin/learners", "/admin/audit")
    ]
    pages += [author.get(path) for path in ("/author", "/author/quizzes/ending", "/author/items/end-missing")]
    for page in pages:
        assert "end-hardest" not in page.html or page.path.startswith("/author")
        assert " checked" not in page.html
    assert [row[1:] for row in survey_rows(pages[0], "Rate yourself (before the course)")] == [["hidden"] * 5] * 2
    assert "We will ask" not in pages[1].main


def survey_rows(page: Page, label: str) -> list[list[str]]:
    """The first table of this survey."""
    assert page.tree is not None
    region = next(one for one in page.tree.iterfind(f".//{X}div[@role='region']") if one.get("aria-label") == label)
    return [[words(cell) for cell in row] for row in region.iter(f"{X}tr")][1:]


@BOTH
def test_the_overview_tells_how_many_answered(site: Site) -> None:
    with open_session(site.engine, write=True) as session:
        for number in range(10):
            person = people.register(session, login=f"p{number}", password_hash="x", name="Ana", now=site.now)
            surveys.answer(session, site.library, person.id, "tiny", "before", {}, "en", site.now)
        session.commit()
    page = staff(site, "administrator").get("/admin/overview/surveys")
    assert [row[1] for row in survey_rows(page, "Rate yourself (before the course)")] == ["10", "10"]


def test_an_entry_check_is_not_passed_or_failed_in_the_eyes_of_the_staff(site: Site) -> None:
    one = member(site)
    take_quiz(one.visitor, site, "tiny", "entrance", choose=empty)
    page = staff(site, "administrator").get(f"/admin/learners/{one.id}")
    assert "Entry check10 %–" in page.main.replace("\u00a0", " ")


@BOTH
def test_ones_own_data_hold_the_answers(site: Site) -> None:
    one = member(site)
    one.visitor.post(BEFORE, fields_of(one.visitor.get(BEFORE), q1="2"))
    data = json.loads(one.visitor.submit(one.visitor.get("/account/data"), "/account/data").body)
    assert [found["answers"] for found in data["survey_answers"]] == [{"rate-benefit": "B", "rate-levy": None}]
    assert uuid.UUID(data["survey_answers"][0]["person_id"]) == one.id


def test_pages_of_surveys_are_never_kept(site: Site) -> None:
    one = member(site)
    assert one.visitor.get(BEFORE).headers["Cache-Control"] == "no-store"


def test_the_pages_speak_other_languages(site: Site) -> None:
    one = member(site)
    for language in ("fr", "ar-XB"):
        page = one.visitor.get(f"{BEFORE}?lang={language}")
        assert page.h1 == RATE
        assert "Send my answers" not in page.main
