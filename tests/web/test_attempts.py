"""Attempts and notes through the pages: nothing saved is lost, nothing older wins, nothing counts twice."""

import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import text

from app.records.engine import open_session
from tests.web.conftest import BOTH, Site
from tests.web.members import Member, member, send, status
from tests.web.story import answer_all, attempt_of, empty, open_quiz, quizzes_of, take_quiz
from tests.web.visitor import Page, Visitor

NOTE = "/notes/list-of-laws"
SECTION = "/courses/tiny/one/first"


def one(site: Site, sql: str, **values: Any) -> Any:
    with open_session(site.engine, write=False) as session:
        return session.execute(text(sql), values).scalar()


# Another learner's


def test_another_persons_attempt_is_not_there(site: Site) -> None:
    mine, hers = member(site), member(site, "other")
    open_one = attempt_of(open_quiz(hers.visitor, site, "tiny", "two"))
    done = attempt_of(take_quiz(hers.visitor, site, "tiny", "one"))
    token = mine.csrf
    for attempt in (open_one, done, uuid.UUID(int=0)):
        for path in ("1", "2", "review", "result"):
            assert status(mine.visitor, f"/attempts/{attempt}/{path}") == 404
        for path in ("1", "hand-in"):
            assert send(mine.visitor, f"/attempts/{attempt}/{path}", {"answer": "1", "csrf_token": token}) == 404
    assert one(site, "SELECT count(*) FROM answer") == 0
    assert one(site, "SELECT count(*) FROM attempt WHERE handed_in_at IS NULL") == 1


@pytest.mark.parametrize("path", ["0", "3", "99999999999999999999", "-1", "x", "1.0"])
def test_a_question_that_is_not_in_the_paper_is_not_there(site: Site, path: str) -> None:
    hers = member(site)
    attempt = attempt_of(open_quiz(hers.visitor, site, "tiny", "two"))
    assert status(hers.visitor, f"/attempts/{attempt}/{path}") == 404
    assert send(hers.visitor, f"/attempts/{attempt}/{path}", {"csrf_token": hers.csrf}) == 404


def test_notes_are_ones_own(site: Site) -> None:
    mine, hers = member(site), member(site, "other")
    hers.visitor.post(NOTE, {"text": "a secret thought", "csrf_token": hers.csrf}, status=200)
    for path in (SECTION, "/notes", "/account"):
        assert "a secret thought" not in mine.visitor.get(path).html
    for visitor in (site.visitor(), mine.visitor):
        assert "a secret thought" not in visitor.get(SECTION).html


# Answers


def answered(site: Site, attempt: uuid.UUID) -> list[tuple[int, str]]:
    with open_session(site.engine, write=False) as session:
        sql = "SELECT question, value FROM answer WHERE attempt_id = :id ORDER BY question"
        return [tuple(row) for row in session.execute(text(sql), {"id": attempt.hex})]


@pytest.fixture
def sat(site: Site) -> tuple[Member, Page]:
    """A learner before the first question of a quiz of single choices."""
    hers = member(site)
    while True:
        page = open_quiz(hers.visitor, site, "tiny", "two")
        if page.form("/1").choices.get("answer"):
            return hers, page
        hers = member(site, f"litia{uuid.uuid4()}")


def test_the_same_answer_twice_and_a_changed_one_after_back(site: Site, sat: tuple[Member, Page]) -> None:
    hers, page = sat
    attempt, seen = attempt_of(page), []
    for choice in ("1", "1", "2", "1"):  # the same form each time, as Back shows it
        assert hers.visitor.submit(page, "/1", status=200, answer=choice).path == f"/attempts/{attempt}/2"
        seen.append(answered(site, attempt))
    assert [len(rows) for rows in seen] == [1, 1, 1, 1]
    assert (seen[0], seen[1] == seen[0], seen[2] != seen[0]) == (seen[3], True, True)


def test_an_older_form_overwrites_nothing_and_says_so(site: Site, sat: tuple[Member, Page]) -> None:
    hers, old = sat
    attempt = attempt_of(old)
    new = hers.visitor.get(old.path)
    hers.visitor.submit(new, "/1", status=200, answer="2")
    before = answered(site, attempt)
    told = hers.visitor.submit(old, "/1", answer="1")
    assert (told.status, "What you just sent is not saved yet." in told.main) == (409, True)
    assert answered(site, attempt) == before
    assert told.form("/1").fields["answer"] == ["1"]
    hers.visitor.submit(told, "/1", status=200)
    assert answered(site, attempt) != before
    assert hers.visitor.submit(old, "/1", status=200, answer="1").path == f"/attempts/{attempt}/2"


def test_an_empty_answer_is_saved_and_named(site: Site, sat: tuple[Member, Page]) -> None:
    hers, page = sat
    hers.visitor.submit(page, "/1", status=200, answer="1")
    hers.visitor.submit(page, "/1", status=200, answer=None)
    review = hers.visitor.get(f"/attempts/{attempt_of(page)}/review")
    assert "0 of 2 questions have an answer." in review.main


HOSTILE: list[Mapping[str, Any]] = [
    {"answer": "0"},
    {"answer": "99999999999999999999"},
    {"answer": "-1"},
    {"answer": ["1", "2", "3"]},
    {"answer": "<script>"},
    {"answer": "１"},
    {"answer_1": "1", "answer_2": "1", "answer_3": "1"},
    {"answer_1": "x", "answer_99": "1"},
    {"answer": "1", "issued": "99999999999999999999"},
    {"answer": "1", "issued": "-5"},
    {"answer": "\u0000\u202e"},
    {"answer": "x" * 50_000},
    {"answer": "1e999999999"},
    {"answer": "NaN", "answer_reading": "inf"},
    {"unknown": "field"},
    {},
]


def test_any_form_for_any_question_is_answered_with_a_page(site: Site) -> None:
    """Each kind of question, in a graded quiz and as a check."""
    hers = member(site)
    token = hers.csrf
    attempt = attempt_of(open_quiz(hers.visitor, site, "tiny", "one"))
    asked = [f"/attempts/{attempt}/{number}" for number in range(1, 6)]
    asked += [f"/checks/{item}" for item in ("check-first", "check-second", "check-plan")]
    wrong = []
    for fields in HOSTILE:
        found = [(path, send(hers.visitor, path, dict(fields) | {"csrf_token": token})) for path in asked]
        wrong += [(str(fields)[:80], path, code) for path, code in found if code not in (200, 303, 409, 422)]
        after = [(path, status(hers.visitor, path)) for path in (f"/attempts/{attempt}/review", asked[0])]
        wrong += [(str(fields)[:80], path, code) for path, code in after if code != 200]
    assert wrong == []


# Handing in


def test_nothing_changes_after_handing_in(site: Site, sat: tuple[Member, Page]) -> None:
    hers, page = sat
    attempt = attempt_of(page)
    review = answer_all(hers.visitor, site, page)
    first = hers.visitor.submit(review, "/hand-in", status=200)
    late = hers.visitor.submit(page, "/1", status=200, answer="1")
    again = hers.visitor.submit(review, "/hand-in", status=200)
    assert (first.h1, late.h1, again.h1) == ("Passed with 100 %",) * 3
    assert "This try was handed in before." in late.main
    assert (one(site, "SELECT count(*) FROM grade"), one(site, "SELECT count(*) FROM answer")) == (1, 0)
    for path in ("1", "review"):
        assert hers.visitor.get(f"/attempts/{attempt}/{path}").path == f"/attempts/{attempt}/result"


def test_a_start_sent_twice_opens_one_attempt(site: Site) -> None:
    hers = member(site)
    page = hers.visitor.get("/courses/tiny/quizzes/two")
    paths = {hers.visitor.submit(page, "/quizzes/two", status=200).path for _ in range(3)}
    assert (len(paths), one(site, "SELECT count(*) FROM attempt")) == (1, 1)


NUMBERS: list[Any] = ["0", "2", "7", "-1", "x", "", "999999", "9999999", "1.0", None, ["2", "1"]]


def test_a_start_with_another_number_opens_nothing(site: Site) -> None:
    hers = member(site)
    for expected in NUMBERS:
        page = hers.visitor.get("/courses/tiny/quizzes/two")
        assert hers.visitor.submit(page, "/quizzes/two", expected=expected).status in (409, 422)
        assert one(site, "SELECT count(*) FROM attempt") == 0


def test_the_limit_of_tries_is_told_and_holds(site: Site) -> None:
    hers = member(site)
    stale = hers.visitor.get("/courses/tiny/quizzes/two")
    for _ in range(2):
        take_quiz(hers.visitor, site, "tiny", "two", empty)
    page = hers.visitor.get("/courses/tiny/quizzes/two")
    assert "No try is left" in page.main
    for expected in ("1", "2", "3"):
        hers.visitor.submit(stale, "/quizzes/two", expected=expected, follow=False)
    assert one(site, "SELECT count(*) FROM attempt") == 2


# The final


def passed_all(site: Site, **profile: Any) -> Member:
    hers = member(site, **profile)
    for quiz in quizzes_of(site, "tiny"):
        take_quiz(hers.visitor, site, "tiny", quiz)
    return hers


def test_the_rules_of_the_final(site: Site) -> None:
    hers = passed_all(site, kind="own")
    path = "/courses/tiny/quizzes/tiny-final"
    start = hers.visitor.get(path)
    for unconfirmed in (None, "no", ""):
        refused = hers.visitor.submit(start, path, name_confirmed=unconfirmed)
        assert (refused.status, refused.errors) == (
            422,
            ["Tick the box to confirm the name that will be printed on your certificate."],
        )
    first = open_quiz(hers.visitor, site, "tiny", "tiny-final")
    review = answer_all(hers.visitor, site, first, empty)
    result = hers.visitor.submit(review, "/hand-in", status=200)
    assert (result.h1, "Your result by topic" in result.main, "Your answers" in result.main) == (
        "Not passed yet: 0 %",
        True,
        False,
    )
    assert "A new try opens in 24 hours" in result.main
    outline = hers.visitor.get("/courses/tiny/")
    assert "Opens in 24 hours" in outline.main
    site.later(hours=23, minutes=1)
    assert "A new try opens in 59 minutes" in hers.visitor.get(path).main
    assert "Opens in 59 minutes" in hers.visitor.get("/courses/tiny/").main
    token = hers.csrf
    early = {"expected": "2", "name_confirmed": "yes", "csrf_token": token}
    assert send(hers.visitor, path, early) == 409
    site.later(minutes=59)
    assert "Opens in" not in hers.visitor.get("/courses/tiny/").main
    assert take_quiz(hers.visitor, site, "tiny", "tiny-final").h1 == "Passed with 100 %"


# Notes


def test_an_older_note_overwrites_nothing_and_nothing_is_lost(site: Site) -> None:
    hers = member(site)
    old, new = hers.visitor.get(SECTION), hers.visitor.get(SECTION)
    hers.visitor.submit(new, NOTE, status=200, text="written later")
    told = hers.visitor.submit(old, NOTE, text="written <before>\r\nand sent late")
    assert (told.status, "What you just sent is not saved yet." in told.main) == (409, True)
    assert one(site, "SELECT text FROM note") == "written later"
    assert "written later" in told.main
    assert told.form(NOTE).fields["text"][0].strip() == "written <before>\nand sent late"
    saved = hers.visitor.submit(told, NOTE, status=200, text="both")
    assert (saved.path, one(site, "SELECT text FROM note")) == (f"{SECTION}?saved=list-of-laws", "both")


def test_a_note_sent_twice_or_changed_after_back_is_kept(site: Site) -> None:
    hers = member(site)
    page = hers.visitor.get(SECTION)
    for words in ("first", "first", "changed", ""):
        hers.visitor.submit(page, NOTE, status=200, text=words)
        assert one(site, "SELECT text FROM note") == words


@pytest.mark.parametrize(("length", "status"), [(20_000, 303), (20_001, 422)])
def test_a_note_that_is_too_long_comes_back_whole(site: Site, length: int, status: int) -> None:
    """Lines count as browsers count them: their ends are sent as two characters and are one."""
    hers = member(site)
    form = hers.visitor.get(SECTION).form(NOTE)
    words = "x" * (length - 10) + "\n" * 10
    page = hers.visitor.post(NOTE, form.fields | {"text": words.replace("\n", "\r\n")}, follow=False)
    assert page.status == status
    if status == 422:
        again = page.form(NOTE)
        assert (again.fields["text"][0].strip("\n"), again.fields["issued"]) == (
            words.strip("\n"),
            form.fields["issued"],
        )
        hers.visitor.submit(page, NOTE, status=200, text="short")
        assert one(site, "SELECT text FROM note") == "short"


def test_a_note_for_no_activity_is_not_there(site: Site) -> None:
    hers = member(site)
    for path in ("/notes/nowhere", "/notes/check-first", "/notes/%00"):
        assert send(hers.visitor, path, {"text": "x", "csrf_token": hers.csrf}) == 404


# Races through the pages, on both databases


def at_once(deeds: list[Callable[[], Any]]) -> list[Any]:
    """Run all deeds in threads that begin together."""
    gate, results = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int) -> None:
        gate.wait()
        results[place] = deeds[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def windows(site: Site, hers: Member, count: int) -> list[tuple[Visitor, str]]:
    """Several browsers of one person, each with its token."""
    found = [site.browser(hers.id) for _ in range(count)]
    return [(visitor, Member(visitor, hers.id, hers.login).csrf) for visitor in found]


@BOTH
def test_starts_at_once_open_one_attempt(site: Site) -> None:
    hers = member(site)
    opened = windows(site, hers, 6)
    path = "/courses/tiny/quizzes/two"
    codes = at_once(
        [
            lambda visitor=visitor, token=token: send(visitor, path, {"expected": "1", "csrf_token": token})
            for visitor, token in opened
        ]
    )
    assert set(codes) <= {303, 409}
    assert (303 in codes, one(site, "SELECT count(*) FROM attempt")) == (True, 1)


@BOTH
def test_hand_ins_and_reads_at_once_issue_each_certificate_once(site: Site) -> None:
    hers = passed_all(site)
    review = answer_all(hers.visitor, site, open_quiz(hers.visitor, site, "tiny", "tiny-final"))
    attempt = attempt_of(review)
    sections = [f"{part}/{one.id}" for part in ("one", "two") for one in site.library.modules[part].sections]
    opened = windows(site, hers, 8)
    paths = [f"/attempts/{attempt}/hand-in"] * 4 + [f"/courses/tiny/{one}/read" for one in sections]
    codes = at_once(
        [
            lambda visitor=visitor, token=token, path=path: send(visitor, path, {"csrf_token": token})
            for (visitor, token), path in zip(opened, paths, strict=True)
        ]
    )
    assert codes == [303] * 8
    assert (
        one(site, "SELECT count(*) FROM grade WHERE attempt_id IN (SELECT id FROM attempt WHERE quiz = 'tiny-final')")
        == 1
    )
    assert (one(site, "SELECT count(*) FROM completion"), one(site, "SELECT count(*) FROM certificate")) == (2, 2)


@BOTH
def test_no_answer_slips_in_behind_the_hand_in(site: Site) -> None:
    hers = member(site)
    page = open_quiz(hers.visitor, site, "tiny", "two")
    attempt = attempt_of(page)
    opened = windows(site, hers, 6)
    paths = [f"/attempts/{attempt}/1", f"/attempts/{attempt}/2", f"/attempts/{attempt}/hand-in"] * 2
    codes = at_once(
        [
            lambda visitor=visitor, token=token, path=path: send(visitor, path, {"answer": "1", "csrf_token": token})
            for (visitor, token), path in zip(opened, paths, strict=True)
        ]
    )
    assert set(codes) <= {303, 409, 422}
    assert (one(site, "SELECT count(*) FROM answer"), one(site, "SELECT count(*) FROM grade")) == (0, 1)
