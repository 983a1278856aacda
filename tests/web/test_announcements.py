"""Announcements: written by administrators, read by everybody on the home page, never more than text."""

import gzip
import random
import re

import pytest

from app.records import announcements, audit
from app.records.engine import open_session
from app.web.announcements import lines
from tests.web.conftest import Site
from tests.web.visitor import Page, Visitor

NEW = "/admin/announcements/new"
EVIL = "<script>alert(1)</script>\n\n**no** [link](javascript:alert(1)) <b onclick=x>\x07\u202eevil https://example.org/a?b=1&c=2"


def write(boss: Visitor, **fields: str) -> Page:
    given = {
        name.replace("_", "-", 1) if name[:4] in ("titl", "text") else name: value for name, value in fields.items()
    }
    return boss.submit(boss.get(NEW), NEW, **given)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        (" one \r\n two\t x\r\n\r\n\r\n\r\nthree \n", "one\ntwo x\n\nthree"),
        ("\n\n\na\x00b\u2028c\n \n\nd", "a b c\n\nd"),
        ("<b>bold</b>", "<b>bold</b>"),
    ],
)
def test_lines(given: str, kept: str) -> None:
    assert lines(given) == kept


def test_from_the_first_day_to_the_last_in_the_readers_language(site: Site) -> None:
    boss, reader = site.administrator(), site.visitor()
    before = reader.get("/")
    assert "Nothing has been announced yet." in boss.get("/admin/announcements").main
    words = {"title_en": "Break on Friday", "text_en": "No mail.\n\nBack on Monday.", "title_fr": "Pause"}
    done = write(boss, **words, text_fr="Lundi.", first_day="2026-11-24", last_day="2026-11-25")
    assert "not yet shown" in done.main
    write(boss, title_fr="En français", text_fr="Le texte.", first_day="2026-11-22")
    seen = []
    for _day in range(5):
        page = reader.get("/")
        seen.append([one for one in ("Break on Friday", "En français") if one in page.main])
        site.later(days=1)
    both = ["Break on Friday", "En français"]
    assert seen == [["En français"], ["En français"], both, both, ["En français"]]
    assert '<strong lang="fr" dir="ltr">En français</strong>' in page.html
    assert before.headers["ETag"] != page.headers["ETag"]
    assert reader.get("/", status=304, **{"If-None-Match": page.headers["ETag"]}).body == b""
    site.now = site.now.replace(day=25)
    assert ["Pause" in site.learner().get("/?lang=fr").main, "Pause" in reader.get("/courses/tiny/").main] == [
        True,
        False,
    ]


def test_refusals_keep_what_was_written(site: Site) -> None:
    boss = site.administrator()
    refused = [
        ({}, ["Write a title and a text in one language at least."]),
        ({"title_en": "Alone"}, ["Write both a title and a text, or neither."]),
        ({"title_en": "T", "text_en": "x", "text_fr": "alone"}, ["Write both a title and a text, or neither."]),
        ({"title_en": "T", "text_en": "long " * 4096}, ["This is too long: 1,000 characters at most."]),
        ({"title_en": "long " * 50, "text_en": "x"}, ["This is too long. Write it shorter."]),
        ({"title_en": "T", "text_en": "x", "first_day": "soon"}, ["Write the day like 2027-06-30."]),
        *(
            ({"title_en": "T", "text_en": "x", "first_day": "2026-12-02", "last_day": last}, [words])
            for last, words in (
                ("2026-12-01", "This day is before the first one, or has passed. Choose a later one."),
                ("1999-01-01", "This day is before the first one, or has passed. Choose a later one."),
            )
        ),
    ]
    for fields, errors in refused:
        page = write(boss, **fields)
        assert (page.status, page.errors) == (422, errors)
        kept = page.form(NEW).fields
        written = {name.replace("_", "-", 1): text for name, text in fields.items() if name.startswith("text")}
        assert {name: kept[name][0].strip() for name in written} == {name: one.strip() for name, one in written.items()}
    with open_session(site.engine, write=False) as session:
        assert (announcements.newest(session), [one.deed for one in audit.latest(session)]) == ([], [])


def test_it_is_text_whatever_was_written(site: Site) -> None:
    boss = site.administrator()
    write(boss, title_en="<i>x</i> {{7*7}}", text_en=EVIL)
    for page in (site.visitor().get("/"), boss.get("/"), boss.get("/admin/announcements")):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.html
        assert [
            one for one in ("<script>alert", "<b onclick", 'href="javascript', "\x07", "<i>x") if one in page.html
        ] == []
        assert "**no** [link](javascript:alert(1))" in page.main
        assert "<i>x</i> {{7*7}}" in page.main
        assert 'href="https://example.org/a?b=1&amp;c=2"' in page.html


def test_changing_withdrawing_and_two_administrators(site: Site) -> None:
    boss, other = site.administrator(), site.administrator()
    page = write(boss, title_en="First", text_en="One.")
    path = next(one for one in page.links() if re.search(r"announcements/[0-9a-f-]{36}$", one))
    mine, theirs = boss.get(path), other.get(path)
    site.later(minutes=1)
    assert "First" not in boss.submit(mine, path, **{"title-en": "Second"}).main
    lost = other.submit(theirs, path, **{"title-en": "Third"})
    assert (lost.status, lost.errors[0][:36]) == (409, "Somebody changed or withdrew this an")
    assert lost.form(path).fields["title-en"] == ["Third"]
    assert "Second" in site.visitor().get("/").main
    pages = [one.get("/admin/announcements") for one in (boss, other)]
    for one, seen in zip((boss, other), pages, strict=True):
        assert "is withdrawn; nobody sees it" in one.submit(seen, "/withdraw").main
    assert "Second" not in site.visitor().get("/").main
    assert (boss.get(path, status=404).status, boss.post(f"{path}/withdraw".replace(path[-4:], "0000"), {
        "csrf_token": mine.form(path).fields["csrf_token"]}).status) == (404, 404)  # fmt: skip
    with open_session(site.engine, write=False) as session:
        noted = [(one.deed, one.detail) for one in reversed(audit.latest(session))]
    assert noted == [("announce", "made"), ("announce", "changed"), ("announce", "withdrawn")]
    assert "Announcement made, changed or withdrawn" in boss.get("/admin/audit").main


def test_the_home_page_stays_small_with_the_longest_ones(site: Site) -> None:
    boss, words = site.administrator(), random.Random(7)
    letters = "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវសហឡអ"
    for _ in range(4):
        text = "".join(words.choice(letters) for _ in range(1000))
        write(boss, title_en=text[:120], text_en=text)
    home = site.visitor().get("/")
    assert len(re.findall("<details(?! class)", home.html)) == announcements.AT_ONCE
    assert len(gzip.compress(home.body)) < 9000


def test_the_home_page_needs_no_announcements(site: Site) -> None:
    from tests.databases import create_engine

    assert announcements.current_or_none(create_engine("sqlite:////nowhere/at/all.sqlite"), site.now.date()) == ()
