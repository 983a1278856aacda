"""Certificates for whoever has a number, and what a person may see, change, take along and erase of her own."""

import json
import logging
import sqlite3
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from app.core.certificates import new_number
from app.records import people
from app.records.engine import open_session
from tests.web.conftest import PASSWORD, Site
from tests.web.members import Member, member, send, status
from tests.web.story import open_quiz, read_everything, read_the_last
from tests.web.visitor import Page

UNKNOWN = new_number(b"a number that nobody has")


def certified(site: Site, login: str = "litia", name: str = "Litia Vakatawale", **profile: Any) -> tuple[Member, str]:
    """A person with a confirmation of participation, and its number."""
    hers = member(site, login, name, **profile)
    page = read_the_last(hers.visitor, hers.id, site, "tiny")
    return hers, page.path.split("/")[2].partition("?")[0]


# Numbers


def written(number: str, how: str) -> str:
    plain = number.replace("-", "")
    return {
        "as printed": number,
        "small letters": number.lower(),
        "spaces": f"  {number.replace('-', ' ')} ",
        "no hyphens": plain,
        "no prefix": plain[3:],
        "look-alikes": number.replace("0", "O").replace("1", "l"),
        "long dashes": number.replace("-", "–"),
        "full width": "".join(chr(ord(one) + 0xFEE0) if one.isalnum() else one for one in number),
        "the address": f"http://127.0.0.1:8000/verify/{number}",
    }[how]


@pytest.fixture
def number(site: Site) -> str:
    return certified(site)[1]


WAYS = ["as printed", "small letters", "spaces", "no hyphens", "no prefix", "look-alikes", "long dashes", "full width"]


def test_a_number_is_found_however_it_is_written(site: Site, number: str) -> None:
    stranger = site.visitor()
    for how in WAYS:
        assert stranger.get(f"/verify/{quote(written(number, how))}").path == f"/verify/{number}"
    for how in (*WAYS, "the address"):
        page = stranger.get(f"/verify?number={quote(written(number, how), safe='')}")
        assert page.h1 == f"Our record for number {number}"
    assert stranger.get(f"/certificates/{written(number, 'small letters')}").path == f"/certificates/{number}"


def test_what_a_stranger_sees_of_a_record(site: Site) -> None:
    _hers, number = certified(
        site,
        name="ខេមរា សុខ",
        name_latin="Khemara Sok",
        country="MN",
        sex="woman",
        email="khemara@example.org",
        age_band="25-34",
        organisation="Ministry of Rivers",
    )
    page = site.visitor().get(f"/verify/{number}")
    for shown in ("ខេមរា សុខ", "Khemara Sok", "A tiny course", "22 November 2026", "Sample."):
        assert shown in page.main
    for hidden in ("Mongolia", "Woman", "example.org", "25", "Rivers", "litia", "%"):
        assert hidden not in page.main.replace("2026", "").replace(number, "")


NO_NUMBERS: list[Any] = [
    "",
    " ",
    "LON",
    "LON-1234",
    UNKNOWN[:-1],
    UNKNOWN + "2",
    "LON-7K4M-2Q9X-HD3!",
    "<script>alert(1)</script>",
    "x" * 5000,
    "\u202e\u0000",
    "../../etc/passwd",
    "%",
    "ß" * 12,
    "🙂" * 12,
    "' OR 1=1 --",
]


def test_a_number_that_is_none_gets_help(site: Site) -> None:
    for typed in NO_NUMBERS:
        page = site.visitor().get(f"/verify?number={quote(typed)}", status=404)
        assert (page.h1, len(page.errors), page.html.count("<script")) == ("Check a certificate", 1, 0)


def test_an_unknown_number_is_said_to_be_unknown(site: Site) -> None:
    for path in (
        f"/verify/{UNKNOWN}",
        f"/verify?number={UNKNOWN}",
        f"/certificates/{UNKNOWN}",
        f"/certificates/{UNKNOWN}.pdf",
    ):
        page = site.visitor().get(path, status=404)
        assert f"We have no certificate with the number {UNKNOWN}." in page.main
    for one in range(0, 12, 5):
        wrong = list(UNKNOWN.replace("-", ""))
        wrong[3 + one] = "2" if wrong[3 + one] != "2" else "3"
        assert site.visitor().get(f"/verify/{''.join(wrong)}", status=404).errors != []


def test_a_demonstration_says_so(site: Site) -> None:
    _hers, number = certified(site, demo=True)
    page = site.visitor().get(f"/verify/{number}")
    assert ("Demonstration." in page.main, "Valid." in page.main) == (True, False)


def test_a_letter_without_a_font_prints_no_box(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    name = "Litia \u0378 Vakatawale"  # no font has a letter that does not exist
    _hers, number = certified(site, name=name)
    stranger = site.visitor()
    with caplog.at_level(logging.ERROR):
        page = stranger.get(f"/certificates/{number}.pdf", status=503)
    assert (page.h1, page.headers["Content-Type"]) == ("The PDF follows", "text/html; charset=utf-8")
    assert name in stranger.get(f"/certificates/{number}").main
    assert name in stranger.get(f"/verify/{number}").main
    assert (number in caplog.text, "U+0378" in caplog.text) == (True, True)
    assert ("Vakatawale" in caplog.text, "Litia" in caplog.text) == (False, False)


# Names


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Litia \t Vakatawale\n", "Litia Vakatawale"),
        ("Litia\u202eelatawakaV", "Litia elatawakaV"),
        ("ශ්\u200dරී ලංකා", "ශ්\u200dරී ලංකා"),  # misspelt without its joiner
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Z" + "\u0301" * 199, "Ź" + "\u0301" * 198),
        ("<b>Litia</b> & 'Co\"", "<b>Litia</b> & 'Co\""),
        ('=HYPERLINK("http://x")a', '=HYPERLINK("http://x")a'),
        ("{{ 7*7 }} %(name)s Litia", "{{ 7*7 }} %(name)s Litia"),
        ("\ue000csrf\ue001 Litia", "csrf Litia"),
        ("O\u2019Brien\u00ad", "O’Brien"),
        ("Nguyễn Thị Minh Khai", "Nguyễn Thị Minh Khai"),
    ],
)
def test_a_name_is_kept_as_it_is_written(site: Site, typed: str, kept: str) -> None:
    visitor = site.visitor()
    fields = {"login": "litia", "name": typed, "password": PASSWORD, "device": "own"}
    assert visitor.post("/register", fields).status == 200
    assert visitor.get("/account/profile").form("/account/profile").fields["name"][0] in (kept, typed)
    for path in ("/", "/account", "/courses/tiny/", "/courses/tiny/quizzes/one"):
        page = visitor.get(path)
        assert ("<b>Litia" in page.html, "\u202e" in page.html, "49" in page.h1) == (False, False, False)
    if typed[0] in "<{Z":  # on a certificate, too
        page = read_everything(visitor, site, "tiny")
        assert (page.h1, "<b>Litia" in page.html) == ("Confirmation of participation", False)


def profile(hers: Member, **changes: Any) -> Page:
    return hers.visitor.submit(hers.visitor.get("/account/profile"), "/account/profile", **changes)


def test_the_profile_can_be_changed_and_emptied(site: Site) -> None:
    hers = member(site)
    full = {
        "name": "Litia V.",
        "name_latin": "L. V.",
        "email": "l@example.org",
        "country": "MN",
        "sex": "other",
        "ministry_type": "health",
        "organisation": "Rivers",
        "age_band": "35-44",
        "language": "fr",
    }
    bare = dict.fromkeys(full, "") | {"name": "Litia", "language": "en"}
    for values in (full, bare):
        page = profile(hers, **values)
        assert (page.status, page.path) == (200, "/account/profile?saved=1")
        fields = page.form("/account/profile").fields
        assert {name: fields[name][0] for name in values} == values


def test_a_name_with_a_certificate_stays(site: Site) -> None:
    hers, number = certified(site)
    for change in ({"name": "Somebody Else"}, {"name_latin": "Somebody"}):
        page = profile(hers, **change)
        assert (page.status, len(page.errors)) == (422, 1)
    assert profile(hers, country="MN", organisation="Rivers").status == 200
    assert "Litia Vakatawale" in site.visitor().get(f"/verify/{number}").main


# One's own data


def test_the_data_to_take_along_is_complete_and_holds_no_secret(site: Site) -> None:
    hers, number = certified(site, email="litia@example.org", country="MN")
    other = member(site, "other", "Ana Tuilagi")
    other.visitor.post("/notes/list-of-laws", {"text": "hers alone", "csrf_token": other.csrf}, status=200)
    hers.visitor.post("/notes/list-of-laws", {"text": "my own", "csrf_token": hers.csrf}, status=200)
    send(site.visitor(), "/reset", {"by_mail": "1", "login": "litia"})
    page = open_quiz(hers.visitor, site, "tiny", "two")
    hers.visitor.submit(page, "/1", status=200)
    file = hers.visitor.submit(hers.visitor.get("/account/data"), "/account/data", status=200)
    assert file.headers["Content-Disposition"] == 'attachment; filename="lontar-my-data.json"'
    assert (file.headers["Content-Type"], file.headers["Cache-Control"]) == ("application/json", "no-store")
    data = json.loads(file.body)
    counts = {name: len(data[name]) for name in data if isinstance(data[name], list)}
    with open_session(site.engine, write=False) as session:
        person = people.get(session, hers.id)
        mail = session.execute(text("SELECT body FROM outbox")).scalar_one()
    assert counts == {
        "organisation": 0,
        "enrolments": 1,
        "survey_answers": 0,
        "survey_choices": 0,
        "readings": 4,
        "attempts": 1,
        "grades": 0,
        "answers_of_open_attempts": 1,
        "answers_that_were_checked": 0,
        "allowances": 0,
        "notes": 1,
        **dict.fromkeys(("shared_notes", "wishes", "cohorts", "invitations", "focal_posts"), 0),
        "drafts": 0,
        "draft_files": 0,
        "completions": 1,
        "certificates": 1,
        "revocations": 0,
        "reissues": 0,
        "identity_checks": 0,
        "name_corrections": 0,
        "sign_ins": 1,
        "codes": 1,
        "second_steps": 0,
        "spare_codes": 0,
        "mail_waiting": 1,
        "last_acts": 1,
        "changes_by_others": 0,
        "api_tokens": 0,
    }
    assert (data["person"]["name"], data["person"]["country"]) == ("Litia Vakatawale", "MN")
    assert data["certificates"][0]["record"]["number"] == number
    words = file.html
    code = mail.partition("code=")[2].split()[0]
    assert [one for one in (person.password_hash, "argon2", code, "hers alone", "Ana") if one in words] == []
    for path in ("/account/data", "/account"):
        assert person.password_hash not in hers.visitor.get(path).html


@pytest.mark.parametrize(("choice", "shown"), [("keep", "Sample."), ("forget", "Withdrawn.")])
def test_erasing_oneself(site: Site, choice: str, shown: str) -> None:
    hers, number = certified(site, login="vaka-login", email="litia@example.org", organisation="Rivers")
    hers.visitor.post("/notes/list-of-laws", {"text": "a private thought", "csrf_token": hers.csrf}, status=200)
    page = hers.visitor.get("/account/erase")
    wrong = hers.visitor.submit(page, "/account/erase", certificates=choice, password="not the right words")
    assert (wrong.status, wrong.errors) == (422, ["This is not your password."])
    assert hers.visitor.submit(page, "/account/erase", certificates=None, password=PASSWORD).status == 422
    done = hers.visitor.submit(page, "/account/erase", certificates=choice, password=PASSWORD)
    assert (done.status, done.h1) == (200, "Your account is erased")
    assert status(hers.visitor, "/account") == 401
    record = site.visitor().get(f"/verify/{number}")
    assert (shown in record.main, "Litia Vakatawale" in record.main) == (True, choice == "keep")
    again = {"login": "vaka-login", "password": PASSWORD}
    assert send(site.visitor(), "/sign-in", again) == 422
    gone = ["vaka-login", "litia@example.org", "a private thought", "Rivers"]
    assert [word for word in (*gone, *(["Vakatawale"] if choice == "forget" else [])) if word in dump(site)] == []


def dump(site: Site) -> str:
    """Every row of the database in words."""
    connection = sqlite3.connect(str(site.engine.url.database))
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()


def test_the_last_administrator_cannot_be_erased(site: Site) -> None:
    hers = member(site, role="administrator")
    page = hers.visitor.get("/account/erase")
    refused = hers.visitor.submit(page, "/account/erase", certificates="forget", password=PASSWORD)
    assert (refused.status, refused.errors) == (
        422,
        ["You are the last administrator. Give this role to another person first."],
    )
    assert status(hers.visitor, "/account") == 200
