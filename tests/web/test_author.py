"""The authors' pages: what the check says, what things weigh, previews of the files as they are now."""

import re
import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.content import Library
from app.web import guide
from app.web.weights import BUDGET
from tests.web.conftest import TINY, Build, Site
from tests.web.visitor import Page, Visitor, X, words

PAGES = (
    "/author",
    "/author/preview/one",
    "/author/preview/one/first",
    "/author/quizzes/one",
    "/author/items/one-single",
)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A content root that the test may edit."""
    return Path(shutil.copytree(TINY, tmp_path / "content"))


@pytest.fixture
def site(build: Build, tiny: Library) -> Site:
    return build(tiny, content=TINY)


@pytest.fixture
def author(site: Site) -> Visitor:
    return site.staff("author")


@pytest.fixture
def editing(build: Build, tiny: Library, content: Path) -> Visitor:
    """An author whose files the test may edit."""
    return build(tiny, content=content).staff("author")


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def rows(page: Page, label: str) -> list[list[str]]:
    """The words of each row's cells in the table of this region."""
    assert page.tree is not None
    region = next(one for one in page.tree.iterfind(f".//{X}div[@role='region']") if one.get("aria-label") == label)
    return [[words(cell) for cell in row] for row in region.iterfind(f".//{X}tbody/{X}tr")]


def facts(page: Page) -> dict[str, str]:
    """The first list of facts on the page."""
    assert page.tree is not None
    found = page.tree.find(f".//{X}dl[@class='facts']")
    assert found is not None
    told = [words(one) for one in found]
    return dict(zip(told[::2], told[1::2], strict=True))


def test_authors_alone_open_their_pages(site: Site, author: Visitor) -> None:
    nobody, learner, boss = site.visitor(), site.learner(), site.administrator()
    for path in PAGES:
        assert nobody.get(path, status=401).h1 == "Sign in"
        assert learner.get(path, status=403).status == 403
        assert [one.get(path).status for one in (author, boss)] == [200, 200]


def test_what_no_file_holds_is_not_found(author: Visitor) -> None:
    for path in ("preview/nowhere", "preview/nowhere/first", "preview/one/nowhere", "quizzes/nowhere", "items/nowhere"):
        assert author.get(f"/author/{path}", status=404).status == 404


# The check report


def test_the_report_says_what_the_check_says(author: Visitor) -> None:
    page = author.get("/author")
    assert "0 errors, 3 warnings" in page.main
    assert "modules/two.fr.md 1 finding Warning, whole file, translation-missing" in page.main
    assert "This is what the files say now, and what learners get." in page.main


def test_an_error_is_named_at_its_line_and_learners_keep_the_version_before(editing: Visitor, content: Path) -> None:
    edit(content / "quizzes" / "one.md", "- [x] An older person", "- [ ] An older person")
    page = editing.get("/author")
    line = (content / "quizzes" / "one.md").read_text().splitlines().index(
        "## Who receives a pension? {#one-single .single module=one level=remember actions=A1}"
    ) + 1  # fmt: skip
    assert f"Error, line {line}, no-right-answer No option is marked [x]." in page.main
    assert "The files have errors, so this page shows the version that learners get." in page.main
    assert "The first module" in editing.get("/author/preview/one").main
    assert "No option is marked [x]" in editing.get("/author/quizzes/one").main


def test_a_report_without_findings_says_so(editing: Visitor, content: Path) -> None:
    for file in content.rglob("*.fr.*"):
        file.unlink()
    edit(content / "course" / "tiny.yml", "languages: [en, fr]", "languages: [en]")
    page = editing.get("/author")
    assert "0 errors, 0 warnings" in page.main
    assert "The check has nothing to say about the files." in page.main


# Modules and quizzes in numbers


def test_sections_are_listed_with_words_minutes_and_bytes(site: Site, author: Visitor) -> None:
    table = rows(author.get("/author"), "Modules with words, minutes and weight")
    assert [row[0] for row in table] == [
        "The first module",
        "What a benefit is",
        "Who pays",
        "The second module",
        "A plan",
        "A report",
    ]
    module = site.library.modules["one"]
    assert [row[1:3] for row in table[:3]] == [
        [str(sum(one.original.words for one in module.sections)), str(module.minutes)],
        *([str(one.original.words), str(one.minutes)] for one in module.sections),
    ]


def test_the_weight_is_that_of_a_first_visit(site: Site, author: Visitor) -> None:
    cell = rows(author.get("/author"), "Modules with words, minutes and weight")[1][3]
    told = int(cell.partition(" ")[0].replace(",", ""))
    stranger = site.visitor(**{"Accept-Encoding": "gzip"})
    page = stranger.client.get("/courses/tiny/one/first", base_url=site.config.base_url, headers=stranger.headers)
    beside = re.findall(r"/static/(?:site|icon)\.\w+\.(?:js|svg)", site.visitor().get("/courses/tiny/one/first").html)
    replies = [page] + [
        stranger.client.get(path, base_url=site.config.base_url, headers=stranger.headers)
        for path in dict.fromkeys(beside)
    ]
    assert len(replies) == 3
    sent = sum(len(reply.get_data()) + len(str(reply.headers)) + len("HTTP/1.1 200 OK\r\n") for reply in replies)
    assert abs(told - sent) < 300
    assert cell.endswith(f"({told * 100 // BUDGET} %)")


def test_quizzes_are_listed_with_their_chances(author: Visitor) -> None:
    table = rows(author.get("/author"), "Quizzes with items, pass mark and chances")
    assert [row[:5] for row in table] == [
        ["one", "9", "3", "5", "70 %"],
        ["tiny-final", "8", "0", "4", "70 %"],
        ["two", "4", "1", "2", "60 %"],
    ]


def test_a_quiz_lists_its_items_by_type_and_level(author: Visitor) -> None:
    page = author.get("/author/quizzes/one")
    assert page.h1 == "Questions: The first module"
    told = facts(page)
    assert told["One try asks"] == "5 of 9"
    assert told["Tries"] == "not limited; after 3 failed tries a wait of 60 minutes"
    assert told["By type"] == (
        "gaps 1, matching 1, several answers 1, number 1, order 1, scenario 1, short answer 1, one answer 1, "
        "true or false 1"
    )
    assert told["By level"] == "remember 4, understand 3, apply 1, analyse 1"
    assert page.links()["/author/items/one-numeric"] == "How many of 100 people receive nothing?"


# Previews


def test_a_preview_shows_the_file_as_it_is_now(editing: Visitor, content: Path) -> None:
    edit(content / "modules" / "one.md", "In the islands", "On the far islands")
    page = editing.get("/author/preview/one/first")
    assert "On the far islands" in page.main
    assert "Learners still get the version before it" in page.main
    assert "In the islands" in editing.get("/courses/tiny/one/first").main


def test_a_preview_is_what_learners_get(author: Visitor) -> None:
    def parts(page: Page) -> str:
        article = re.search(r"</h1>(.*?)(?:<div|<p) class=\"onward", page.html, re.DOTALL)
        assert article
        return re.sub(r"(?s)<form.*?</form>|<p class=\"soft\">Learners write.*?</p>", "", article[1])

    learner, preview = author.get("/courses/tiny/one/first"), author.get("/author/preview/one/first")
    assert "".join(parts(preview).split()) == "".join(parts(learner).split())
    assert preview.h1 == learner.h1


def test_a_preview_speaks_the_language_of_the_page(author: Visitor) -> None:
    author.get("/author?lang=fr")
    assert author.get("/author/preview/one/first").h1 == "Ce qu'est une prestation"


def test_a_new_module_can_be_seen_before_it_is_served(editing: Visitor, content: Path) -> None:
    (content / "modules" / "three.md").write_text("---\ntitle: The third module\nactions: []\n---\n\nOne more.\n\n"
        "## A word {#word}\n\nA word is a word.\n")  # fmt: skip
    edit(content / "course" / "tiny.yml", "modules: [one, two]", "modules: [one, two, three]")
    assert editing.get("/author/preview/three/word").h1 == "A word"
    editing.get("/courses/tiny/three/word", status=404)


# Items


def test_an_item_shows_key_and_all_feedback(author: Visitor) -> None:
    page = author.get("/author/items/one-single")
    assert page.h1 == "Question one-single"
    assert page.tree is not None
    assert [words(one) for one in page.tree.iterfind(f".//{X}ul[@class='found']/{X}li")] == [
        "A tax office wrong It collects.",
        "An older person right Right.",
        "A bank wrong No feedback",
        "Nobody wrong No feedback",
    ]
    assert "25 % of the points on average" in page.main


def test_parameters_are_drawn_ten_times_with_the_key_of_each(author: Visitor) -> None:
    table = rows(author.get("/author/items/one-numeric"), "Ten draws with their keys")
    assert len(table) == 10
    assert len({tuple(row[1:3]) for row in table}) > 1
    for _number, people, paid, key in table:
        told = re.match(r"[\d.,]+", key)
        assert told
        everyone, receive = (Fraction(one.replace(",", "")) for one in (people, paid))
        assert abs(Fraction(told[0].replace(",", "")) - (everyone - receive) / everyone * 100) <= Fraction(1, 2)


def test_an_answer_can_be_tried(author: Visitor) -> None:
    page = author.get("/author/items/check-second")
    tried = author.submit(page, "/author/items/check-second", answer="1")
    assert ("Right." in tried.main) != ("Not right." in tried.main)
    numeric = author.get("/author/items/one-numeric?part=one-numeric&answer=many")
    assert "could not read “many” as a number" in numeric.main


def test_a_scenario_shows_its_story_and_each_question(author: Visitor) -> None:
    page = author.get("/author/items/one-scenario")
    assert "The island of Pala has no sickness fund." in page.main
    assert "Who bears the cost of an illness?" in page.main
    assert "How many funds does Pala have?" in page.main
    tried = author.get("/author/items/one-scenario?part=one-scenario-many&answer=0")
    assert "Right." in tried.main


def test_every_item_can_be_seen(site: Site, author: Visitor) -> None:
    for quiz in site.library.quizzes.values():
        for item in quiz.items:
            assert author.get(f"/author/items/{item.id}").h1 == f"Question {item.id}"


# The guide


def test_findings_are_explained_by_the_guide(author: Visitor) -> None:
    page = author.get("/author")
    told = (
        "a file, section, question or entry is not translated (docs/authoring.md, “What the check says”, Translations)"
    )
    assert page.main.count(f"In the guide: {told}") == 3


def test_the_guide_is_read_code_by_code() -> None:
    found = guide.explained()
    assert found["short"] == found["cloze"]
    assert found["yaml-tag"].section == "YAML and front matter"
    assert found["yaml-tag"].meaning == "<code>!tag</code>, <code>&amp;anchor</code> or <code>*alias</code>"
    assert len(found) > 80
