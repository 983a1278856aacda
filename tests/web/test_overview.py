"""The overview under filters, its file, and the officials who are to be trained."""

import csv
import io
import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from app.core.profile import MINISTRY_TYPES
from app.records import denominators, interventions, listings, organisations, people
from app.records.engine import open_session
from app.web.overview import PARTS
from tests.web.conftest import Site
from tests.web.test_admin import complete, person, read_one, rows
from tests.web.visitor import Page, Visitor, X, words

FIJI = {"country": "FJ", "sex": "woman", "ministry_type": "labour", "organisation": "Ministry of Employment"}
TUVALU = {"country": "TV", "sex": "man", "ministry_type": "health"}
OTHERS = [f"/admin/overview/{part}" for part in PARTS if part != "completed"]


@pytest.fixture
def boss(site: Site) -> Visitor:
    site.now = datetime.now(UTC)  # the clock of those who learn
    return site.administrator()


@pytest.fixture
def four(site: Site, boss: Visitor) -> None:
    for login, act, profile in (
        ("ana", complete, FIJI),
        ("ben", read_one, FIJI | {"sex": "man"}),
        ("carl", read_one, TUVALU),
        ("dora", read_one, {}),
    ):
        person(site, login, act=act, **profile)


def tiles(page: Page) -> dict[str, list[str]]:
    assert page.tree is not None
    shown = page.tree.find(f".//{X}dl[@class='tiles']")
    assert shown is not None
    return {words(one[0]): [words(part) for part in one[1:-1]] for one in shown}


def lines_of(page: Page) -> list[list[str]]:
    return list(csv.reader(io.StringIO(page.body.decode("utf-8-sig"))))[1:]


def file(page: Page) -> list[list[str]]:
    """The figures, as a program reads them: it skips what the unit says is a note."""
    return [line for line in lines_of(page) if line[4] != "note"]


def notes(page: Page) -> dict[str, list[str]]:
    """The words of a file, by the table that they are about."""
    found: dict[str, list[str]] = {}
    for id, row, figure, value, unit in lines_of(page):
        if unit == "note":
            assert (row, figure) == ("note", "") or (id, figure) == ("about", "")
            found.setdefault(id, []).append(value)
    return found


def name_of(page: Page) -> str:
    return page.headers["Content-Disposition"].removeprefix('attachment; filename="').removesuffix('"')


def figures(page: Page, label: str, id: str) -> list[list[str]]:
    """A table of the page, as the file has it."""
    assert page.tree is not None
    region = next(one for one in page.tree.iterfind(f".//{X}div[@role='region']") if one.get("aria-label") == label)
    heads, *lines = [[words(cell) for cell in row] for row in region.iter(f"{X}tr")]
    return [
        [id, line[0], head, "" if cell == "–" else cell.replace("\u00a0%", "").replace(" %", "").replace(",", "")]
        for line in lines
        for head, cell in zip(heads[1:], line[1:], strict=True)
    ]


def test_an_empty_course_says_that_nobody_has_joined(boss: Visitor) -> None:
    page = boss.get("/admin")
    assert page.h1 == "Overview"
    assert "Nobody who fits these filters has joined this course." in page.main
    assert [boss.get(path).status for path in (*OTHERS, "/admin/overview/print")] == [200] * 4
    assert boss.get("/admin/overview/nothing", status=404).status == 404
    assert boss.get("/admin/overview/nothing/numbers.csv", status=404).status == 404


@pytest.mark.usefixtures("four")
def test_the_last_share_of_a_row_has_a_bar_as_long_as_it_says(boss: Visitor) -> None:
    shares = []
    for path in ("/admin", *OTHERS):
        tree = boss.get(path).tree
        assert tree is not None
        for row in tree.iterfind(f".//{X}table//{X}tr"):
            *before, last = row
            assert [one for one in before if one.findall(".//{*}rect")] == []
            bar = [one.get("width") for one in last.findall(".//{*}rect")][1:]
            share, sign, _ = words(last).replace("\u00a0", "").partition("%")
            assert bar == ([str(int(float(share)))] if sign else [])
            shares += bar
    assert {"0", "100"} < set(shares)


@pytest.mark.usefixtures("four")
def test_the_pages_count_people_with_their_denominators(boss: Visitor) -> None:
    page = boss.get("/admin")
    assert "Days and months are those of the time zone UTC." in page.main
    assert tiles(page) == {
        "Enrolled": ["4", "4 new in the period"],
        "Active": ["4"],
        "Started": ["4", "4 new in the period"],
        "Completed": ["1", "1 new in the period"],
        "Every section read": ["1", "1 new in the period"],
        "Certificates": ["2", "2 new in the period"],
    }
    assert rows(page, "By country") == [
        ["Fiji", "2", "2", "2", "1", "1", "50 %"],
        ["Tuvalu", "1", "1", "1", "0", "0", "0 %"],
        ["Not stated", "1", "1", "1", "0", "0", "0 %"],
        ["All", "4", "4", "4", "1", "1", "25 %"],
    ]
    stops = rows(page, "Where people stop")
    assert [(row[1], row[2]) for row in stops] == [("1", "3")]
    by_people = boss.get("/admin/overview/people?period=")
    assert rows(by_people, "By sex") == [
        ["Woman", "1", "1", "1", "100 %"],
        ["Man", "2", "2", "0", "0 %"],
        ["Other", "0", "0", "0", "–"],
        ["Not stated", "1", "1", "0", "0 %"],
        ["All", "4", "4", "1", "25 %"],
    ]
    assert rows(by_people, "By kind of ministry")[-2:] == [
        ["Not stated", "1", "1", "0", "0 %"],
        ["All", "4", "4", "1", "25 %"],
    ]
    assert rows(by_people, "By group of countries")[2] == ["Small island developing States", "3", "3", "1", "33.3 %"]
    learning = boss.get("/admin/overview/learning")
    assert [row[1:3] for row in rows(learning, "Section by section")] == [
        ["4", "0"],
        ["1", "3"],
        ["1", "0"],
        ["1", "0"],
    ]
    assert rows(learning, "Who passes what")[0][1:] == ["1", "1", "–", "–"]


@pytest.mark.usefixtures("four")
def test_filters_of_the_address_choose_and_stay(site: Site, boss: Visitor) -> None:
    page = boss.get("/admin?sex=woman&ministry_type=labour&period=")
    assert tiles(page)["Completed"] == ["1"]
    assert rows(page, "By country") == [
        ["Fiji", "1", "1", "1", "100 %"],
        ["Not stated", "0", "0", "0", "–"],
        ["All", "1", "1", "1", "100 %"],
    ]
    assert any("sex=woman" in path and "period=" in path for path in page.links() if "/overview/people" in path)
    none = boss.get("/admin?country=FJ&country=TV&sex=-&period=2020")
    assert (none.status, tiles(none)["Enrolled"]) == (200, ["0", "0 new in the period"])
    fiji = boss.get("/admin?country=FJ&period=")
    assert rows(fiji, "By organisation") == [
        ["Not listed, as learners wrote it", "2", "2", "1", "50 %"],
        ["Not stated", "0", "0", "0", "–"],
        ["All", "2", "2", "1", "50 %"],
    ]
    with open_session(site.engine, write=True) as session:
        id = listings.put(session, "FJ", "ministry", {"en": "Ministry of Employment"}, site.now)
        session.commit()
    named = boss.get(f"/admin?country=FJ&organisation={id.hex}&period=")
    assert rows(named, "By organisation") == [["Ministry of Employment", "2", "2", "1", "50 %"]]
    assert tiles(named)["Active"] == ["2"]


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("query", "open"),
    [
        ("ministry_type=labour", "Kind of ministry"),
        ("age_band=-&sex=woman", "Age"),
        ("language=en&ministry_type=labour&age_band=-", "Kind of ministry, Age, Language"),
    ],
)
def test_where_organisations_cannot_be_told_apart_the_page_says_why(boss: Visitor, query: str, open: str) -> None:
    why = f"Organisations are counted by country and sex alone. To see them, choose “All” under: {open}."
    for path in ("/admin", "/admin/overview/people"):
        page = boss.get(f"{path}?country=FJ&period=&{query}")
        assert page.tree is not None
        headings = [words(one) for one in page.tree.iter(f"{X}h2")]
        assert headings.count("By organisation") == 1
        assert why in page.main
        assert rows(page, "By country")[0][0] == "Fiji"
        assert why not in boss.get(f"{path}?country=FJ&period=&sex=woman").main
        assert why not in boss.get(f"{path}?period=&{query}").main
    assert notes(boss.get(f"/admin/overview/people/numbers.csv?country=FJ&{query}"))["organisation"] == [why]
    assert boss.get(f"/admin/overview/print?country=FJ&{query}").main.count(why) == 1


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("query", "readers", "tried"),
    [
        ("", "4", "1"),
        ("&ministry_type=labour", "2", "1"),
        ("&ministry_type=health&sex=man", "1", "0"),
        ("&country=FJ&ministry_type=labour&sex=woman", "1", "1"),
        ("&group=sids&language=en&age_band=-", "3", "1"),
        ("&organisation=-", "2", "0"),
        ("&country=TV&ministry_type=labour", "0", "0"),
    ],
)
def test_learning_follows_every_filter_but_the_period(boss: Visitor, query: str, readers: str, tried: str) -> None:
    for period, unheard in (("", []), ("2026-11", ["Period"] * 4)):  # quizzes, gain, days, sections
        page = boss.get(f"/admin/overview/learning?period={period}{query}")
        assert rows(page, "Section by section")[0][1:3] == [readers, "0"]
        assert rows(page, "Who passes what")[0][1] == tried
        assert re.findall(r"Not narrowed by what you chose under: ([^.]*)\.", page.main) == unheard


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("sex=cat", "This is not in the list. Choose again."),
        ("country=FJ&group=lldc", "This country is not in the group that is chosen. Change one of the two."),
        ("period=2026-13", "This is no period."),
        ("period=2026..2025", "This period ends before it begins."),
        ("group=ldc&group=sids", "Choose one."),
        ("contry=FJ", "There is no filter called “contry”. Take it out of the address."),
        ("status=started", "There is no filter called “status”. Take it out of the address."),
        ("organisation=1%22", "This is not in the list. Choose again."),
        (f"organisation={'ab' * 16}", "This is not in the list. Choose again."),
    ],
)
def test_filters_that_cannot_be_are_refused_in_words(boss: Visitor, query: str, words: str) -> None:
    for path in ("/admin", "/admin/overview/people/numbers.csv"):
        page = boss.get(f"{path}?{query}", status=422)
        assert words in page.main
        assert "By country" not in page.main


def test_an_organisation_of_another_country_is_refused_in_words(site: Site, boss: Visitor) -> None:
    with open_session(site.engine, write=True) as session:
        fiji = listings.put(session, "FJ", "ministry", {"en": "Ministry of Employment"}, site.now).hex
        nowhere = organisations.named(session, "Pacific Community", None, site.now)
        assert nowhere
        session.commit()
    words = "This organisation is in a country that is not chosen. Change one of the two."
    for query in ("country=MN", "country=-", "country=TV&country=MN", "group=lldc", "country=FJ&country=TV&group=ldc"):
        page = boss.get(f"/admin?{query}&organisation={fiji}", status=422)
        assert page.errors == [words], query
        assert (
            boss.get(f"/admin/overview/completed/numbers.csv?{query}&organisation={fiji}", status=422).h1 == "Overview"
        )
        learners = boss.get(f"/admin/learners?{query}&organisation={fiji}", status=422)
        assert learners.errors == ["This organisation is in a country that is not chosen."]
        assert boss.get(f"/admin/exports?{query}&organisation={fiji}", status=422).errors == [
            "Organisation: this contradicts another filter, so nothing is left. Open one of them."
        ]
    for query in ("", "country=FJ&", "country=FJ&country=MN&", "group=sids&"):
        assert boss.get(f"/admin?{query}organisation={fiji}&organisation=-&organisation={nowhere.hex}").errors == []


@pytest.mark.usefixtures("four")
def test_screen_and_file_agree_to_the_last_digit(boss: Visitor) -> None:
    """Two choices and one press: how many women of one ministry completed this quarter."""
    page = boss.get("/admin")
    form = page.form("/admin")
    fields = {name: values for name, values in form.fields.items() if values[0]} | {
        "sex": ["woman"],
        "ministry_type": ["labour"],
    }
    query = "&".join(f"{name}={value}" for name, values in fields.items() for value in values)
    found = boss.get(f"/admin/overview/completed/numbers.csv?{query}")
    assert found.headers["Content-Disposition"].startswith('attachment; filename="completed-tiny-')
    said = {tuple(line[:3]): line[3] for line in file(found)}
    assert said["all", "Completed", "New in the period"] == "1"
    for part, label, id in (
        ("completed", "By country", "country"),
        ("completed", "Where people stop", "stops"),
        ("people", "By age", "age_band"),
        ("people", "Month by month", "month"),
        ("learning", "Section by section", "sections"),
    ):
        path = "/admin" if part == "completed" else f"/admin/overview/{part}"
        lines = [line[:4] for line in file(boss.get(f"/admin/overview/{part}/numbers.csv")) if line[0] == id]
        assert lines == figures(boss.get(path), label, id)


@pytest.mark.usefixtures("four")
def test_a_file_says_what_its_numbers_are_about(site: Site, boss: Visitor) -> None:
    query = "period=2026-Q4&sex=woman&sex=-&ministry_type=labour&age_band=under-25&group=sids"
    found = boss.get(f"/admin/overview/completed/numbers.csv?{query}")
    lines = lines_of(found)
    about = [line for line in lines if line[0] == "about"]
    assert lines[: len(about)] == about
    moment = about.pop(-3)
    assert moment[:3] + moment[4:] == ["about", "As of", "", "note"]
    assert datetime.fromisoformat(moment[3]).utcoffset() == timedelta(0)
    assert [(line[1], line[3]) for line in about] == [
        ("Course", "A tiny course"),
        ("Period", "Quarter 4 of 2026"),
        ("Group of countries", "Small island developing States"),
        ("Sex", "Not stated, Woman"),
        ("Kind of ministry", "Labour"),
        ("Age", "Under 25"),
        ("Time zone", "UTC"),
        ("Release", site.library.release),
    ]
    assert {len(line) for line in lines} == {5}
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    assert name_of(found) == f"completed-tiny-2026-Q4-sids-sex-not-stated-woman-labour-under-25-{day}.csv"


def test_the_choice_is_written_as_the_language_writes_it(boss: Visitor) -> None:
    query = "period=2026-Q4&sex=woman"
    assert "Period: Quarter 4 of 2026; Sex: Woman." in boss.get(f"/admin?{query}").main
    boss.get("/admin?lang=fr")
    french = boss.get(f"/admin?{query}").tree
    assert french is not None
    assert any("; Sexe\u00a0: Femme." in "".join(one.itertext()) for one in french.iter(f"{X}p"))


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize("part", PARTS)
def test_a_file_has_the_notes_that_stand_on_the_page(boss: Visitor, part: str) -> None:
    query = "period=2026-11&sex=woman"
    page = boss.get(f"/admin{'' if part == 'completed' else f'/overview/{part}'}?{query}")
    said = notes(boss.get(f"/admin/overview/{part}/numbers.csv?{query}"))
    assert ("Period", "November 2026") in zip(("Period",), said.pop("about")[1:2], strict=True)
    told = [note for several in said.values() for note in several]
    assert [note for note in told if note not in page.main] == []
    unheard = re.findall(r"Not narrowed by what you chose under: [^.]*\.", page.main)
    assert [note for note in told if note.startswith("Not narrowed by")] == unheard
    if part == "learning":
        assert said["sections"][0] == "Not narrowed by what you chose under: Period."
        assert said["hardest"] == ["No question has ten answers yet."]


@pytest.mark.usefixtures("four")
def test_the_name_of_a_file_is_short_and_plain(site: Site, boss: Visitor) -> None:
    with open_session(site.engine, write=True) as session:
        names = "Ministère de l’Emploi / “Fiji” ", "ក្រសួងការងារ"
        plain, other = (listings.put(session, "FJ", "ministry", {"en": name}, site.now) for name in names)
        session.commit()
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    several = "&".join(f"ministry_type={name}" for name in MINISTRY_TYPES)
    for query, name in (
        ("period=", f"completed-tiny-{day}.csv"),
        ("period=2026-Q1..2026-11", f"completed-tiny-2026-Q1-to-2026-11-{day}.csv"),
        (f"country=FJ&period=2026&organisation={plain.hex}",
         f"completed-tiny-2026-FJ-Ministere-de-l-Emploi-Fiji-{day}.csv"),
        (f"country=FJ&period=2026&organisation={other.hex}", f"completed-tiny-2026-FJ-{other.hex[-8:]}-{day}.csv"),
    ):  # fmt: skip
        assert name_of(boss.get(f"/admin/overview/completed/numbers.csv?{query}")) == name
    long = name_of(boss.get(f"/admin/overview/completed/numbers.csv?period=2026&{several}"))
    assert re.fullmatch(rf"completed-tiny-2026-education-finance-planning-[a-z-]+-and-more-{day}\.csv", long)
    assert len(long) <= 130


def test_accounts_of_one_person_count_once(site: Site, boss: Visitor) -> None:
    first, second = (person(site, login, act=read_one, **FIJI) for login in ("ana", "ana2"))
    assert tiles(boss.get("/admin"))["Enrolled"][0] == "2"
    with open_session(site.engine, write=True) as session:
        interventions.link(session, second, first, "one passport", first, site.now)
        session.commit()
    shown = tiles(boss.get("/admin"))
    assert (shown["Enrolled"][0], shown["Started"][0]) == ("1", "1")
    assert tiles(boss.get("/admin?country=TV"))["Enrolled"][0] == "0"


def section_shares(page: Page, label: str) -> list[tuple[str, str, str]]:
    return [(row[1], row[2], row[3].replace("\u00a0", " ")) for row in rows(page, label)]


def test_sections_are_compared_with_accounts_where_accounts_are_linked(site: Site, boss: Visitor) -> None:
    """Readers of a section are accounts, so those who enrolled are counted as accounts, too: never above 100 %."""
    first, second = (person(site, login, act=read_one, **FIJI) for login in ("ana", "ana2"))
    third = person(site, "ana3", act=complete, **TUVALU)
    with open_session(site.engine, write=True) as session:
        for other in (second, third):
            interventions.link(session, other, first, "one passport", first, site.now)
        session.commit()
    assert tiles(boss.get("/admin"))["Enrolled"][0] == "1"
    first_rows = {
        "": ("3", "0", "100 %"),
        "&country=FJ": ("2", "0", "100 %"),
        "&country=TV": ("1", "0", "100 %"),
        "&sex=woman&ministry_type=labour": ("2", "0", "100 %"),
        "&organisation=-": ("1", "0", "100 %"),
        "&country=TV&sex=woman": ("0", "0", "–"),
    }
    for query, row in first_rows.items():
        assert section_shares(boss.get(f"/admin/overview/learning?period={query}"), "Section by section")[0] == row
    assert section_shares(boss.get("/admin"), "Where people stop") == [("1", "2", "33.3 %")]
    with open_session(site.engine, write=True) as session:
        people.erase(session, second, site.now, keep_certificates=False)
        session.commit()
    shares = [share for *_ns, share in section_shares(boss.get("/admin/overview/learning"), "Section by section")]
    assert shares == ["100 %", "33.3 %", "33.3 %", "33.3 %"]  # what she read stays counted


# Denominators


@pytest.mark.usefixtures("four")
def test_who_was_meant_to_and_did_not(site: Site, boss: Visitor) -> None:
    page = boss.get("/admin/denominators?country=FJ")
    token = page.form("/sign-out").fields["csrf_token"]
    good = {
        "csrf_token": token,
        "country": "FJ",
        "n": "200",
        "source": "Public Service Commission",
        "day": "2026-03-31",
        "sex": "",
    }
    saved = boss.post("/admin/denominators", good, status=200)
    assert "The number is kept." in saved.main
    boss.post("/admin/denominators", good | {"sex": "woman", "n": "80"}, status=200)
    assert rows(boss.get("/admin"), "Who was meant to, and did not") == [
        ["Fiji", "200", "2", "1", "199", "1 %", "0.5 %"]
    ]
    assert rows(boss.get("/admin?sex=woman"), "Who was meant to, and did not") == [
        ["Fiji", "80", "1", "1", "79", "1.2 %", "1.2 %"]
    ]
    assert "Open the other filters" in boss.get("/admin?sex=woman&ministry_type=labour").main
    for change, told in (
        ({"n": "many"}, "Write a whole number of people."),
        ({"source": ""}, "Write where the number is from"),
        ({"day": "2099-01-01"}, "not later than today"),
        ({"sex": "cat"}, "Choose one of the list."),
        ({"organisation": uuid.uuid4().hex}, "Choose one of the list."),
    ):
        assert told in boss.post("/admin/denominators", good | change, status=422).main
    assert boss.post("/admin/denominators", good | {"country": "Atlantis"}).status == 404
    with open_session(site.engine, write=False) as session:
        women = next(one for one in denominators.of_course(session, "tiny") if one.line.sex == "woman")
    kept = boss.submit(boss.get("/admin/denominators?country=FJ"), f"{women.id}/remove", status=200)
    assert "The number is taken back." in kept.main
    with open_session(site.engine, write=False) as session:
        assert [one.line.n for one in denominators.of_course(session, "tiny")] == [200]


@pytest.mark.usefixtures("four")
def test_places_that_know_one_sex_alone_are_told_of(site: Site, boss: Visitor) -> None:
    label, note = "Who was meant to, and did not", "give a number for one sex only: choose it under Sex."
    with open_session(site.engine, write=True) as session:
        for name in ("Labour", "Health"):
            listings.put(session, "FJ", "ministry", {"en": name}, site.now)
        session.commit()
    header = "country,organisation,sex,n,source,day\n"
    send(boss, "admin", header + "Fiji,Labour,woman,40,List,2026\n", 200)
    alone = boss.get("/admin")
    assert "1 place gives a number for one sex only: choose it under Sex." in alone.main
    assert "No denominators are entered" not in alone.main
    lines = (
        "Fiji,Health,,20,List,2026\nTuvalu,,man,30,List,2026\nMongolia,,woman,5,List,2026\nMongolia,,man,5,List,2026\n"
    )
    send(boss, "admin", header + lines, 200)
    page = boss.get("/admin")
    assert [row[:2] for row in rows(page, label)] == [["Fiji", "20"], ["Mongolia", "10"]]
    assert f"2 places {note}" in page.main
    assert f"2 places {note}" in notes(boss.get("/admin/overview/completed/numbers.csv"))["meant"]
    fiji = boss.get("/admin?country=FJ")
    assert [row[:2] for row in rows(fiji, label)] == [["Fiji", "20"], ["Health", "20"]]
    assert "1 place gives a number for one sex only: choose it under Sex." in fiji.main
    women = boss.get("/admin?country=FJ&sex=woman")
    assert [row[:2] for row in rows(women, label)] == [["Fiji", "40"], ["Labour", "40"]]
    assert "for one sex only" not in women.main
    send(boss, "admin", header + "Fiji,,,300,List,2026\n", 200)
    assert "1 place gives" in boss.get("/admin").main  # Tuvalu; of Fiji its own number is taken
    assert "1 place gives" in boss.get("/admin?country=FJ").main  # the ministry of labour has no line


def send(visitor: Visitor, area: str, data: str, status: int) -> Page:
    token = visitor.get(f"/{area}/denominators").form("/sign-out").fields["csrf_token"][0]
    fields = {"csrf_token": token, "file": (io.BytesIO(data.encode()), "numbers.csv")}
    return visitor.post(f"/{area}/denominators/import", fields, status=status)


def test_a_file_is_taken_over_whole_or_not_at_all(site: Site, boss: Visitor) -> None:
    header = "country,organisation,sex,n,source,day\n"
    bad = send(
        boss,
        "admin",
        header + "Fiji,,woman,90,List,2026\nFiji,,cat,1,List,2026\nFiji,Nobody,,1,List,2026\nFJ,,f,2,List,2026\n",
        422,
    )
    assert "Nothing was taken over." in bad.main
    for told in (
        "Row 3: write woman, man or other",
        "Row 4: this organisation is not on the list",
        "Row 5: an earlier row is about",
    ):
        assert told in bad.main
    for data in ("", "\x00\x01", "country,n\nFiji,1\n", header):
        assert send(boss, "admin", data, 422).status == 422
    shifted = 'Fiji,,woman,1,200,List,2026\nFiji,,man,"1\nTuvalu,,man,2,List,2026\nTuvalu",,man,3,List,2026\n'
    bad = send(boss, "admin", header + shifted, 422)
    assert "Row 2: this row has more cells than the first row: 2026" in bad.main
    assert "Row 3: a cell runs over several lines" in bad.main
    assert (
        "In row 3, a cell opens with a quotation mark"
        in send(boss, "admin", header + "Fiji,,man,1,List,2026\n" + 'Fiji,"FN,man\n', 422).main
    )
    send(boss, "admin", header + "Fiji,,woman,90,List,2026\nTuvalu,,,50,List,2025-12-31\n", 200)
    with open_session(site.engine, write=False) as session:
        found = [(one.line.country, one.line.sex, one.line.n) for one in denominators.of_course(session, "tiny")]
    assert found == [("FJ", "woman", 90), ("TV", "", 50)]


def test_a_focal_point_sees_and_changes_the_own_country_alone(site: Site, boss: Visitor) -> None:
    send(boss, "admin", "country,n,source,day\nFiji,90,List of Fiji,2026\nTuvalu,50,List of Tuvalu,2026\n", 200)
    focal = site.staff("focal")
    page = focal.get("/focal/denominators?country=TV")
    assert "List of Fiji" in page.main
    assert "List of Tuvalu" not in page.main
    with open_session(site.engine, write=False) as session:
        tuvalu = next(one for one in denominators.of_course(session, "tiny") if one.line.country == "TV")
    token = page.form("/sign-out").fields["csrf_token"]
    good = {"csrf_token": token, "country": "TV", "n": "7", "source": "x", "day": "2026", "sex": ""}
    assert focal.post(f"/focal/denominators/{tuvalu.id}/remove", {"csrf_token": token}).status == 404
    assert focal.post("/focal/denominators", good).status == 404
    focal.post("/focal/denominators", good | {"country": "FJ"}, status=200)
    assert "another country than yours" in send(focal, "focal", "country,n,source,day\nTuvalu,1,List,2026\n", 422).main
    with open_session(site.engine, write=False) as session:
        found = [(one.line.country, one.line.n) for one in denominators.of_course(session, "tiny")]
    assert found == [("FJ", 7), ("TV", 50)]
