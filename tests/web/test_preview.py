"""The author's working copy in a browser: always the files as they are, or the last ones that had no errors."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core import beginning
from app.ops.watching import Checker
from app.web import preview
from config import Config
from tests.web.conftest import TINY
from tests.web.visitor import Visitor

QUIZ = "quizzes/one.md"
ELSEWHERE = [
    ("/", "/author"),
    ("/account", "/author"),
    ("/courses/tiny/", "/author"),
    ("/courses/tiny/one/", "/author/preview/one"),
    ("/courses/tiny/one/first", "/author/preview/one/first"),
    ("/courses/tiny/quizzes/one", "/author/quizzes/one"),
]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder whose kept drafts all tests share."""
    return tmp_path_factory.mktemp("instance")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "copy"))


@pytest.fixture
def config(content: Path, instance: Path) -> Config:
    return preview.settings(Config(content=content, instance=instance, languages=("en", "fr", "ar-XB")), 8100)


@pytest.fixture
def author(config: Config) -> Iterator[Visitor]:
    with Checker(config) as checker:
        yield Visitor(preview.build(config, checker), config.base_url)


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_pages_of_a_preview(author: Visitor, content: Path, instance: Path) -> None:
    for path in ("", "/preview/one", "/preview/one/first", "/quizzes/one", "/quizzes/one/draws", "/items/one-single"):
        page = author.get(f"/author{path}")
        assert ("Preview of copy" in page.html, "Sign in" in page.html) == (True, False)
    for path in ("/glossary", "/sources", "/courses/tiny/tools/cost", "/author?lang=ar-XB", "/author?lang=fr"):
        assert author.get(path).status == 200
    assert [author.get(path, follow=False, status=303).headers["Location"] for path, _ in ELSEWHERE] == [
        where for _, where in ELSEWHERE
    ]
    assert author.post("/sign-in", {"login": "a"}, status=405).status == 405
    assert author.get("/nowhere", status=404).status == 404
    assert author.get("/author", status=421, Host="example.org").status == 421
    assert not list(instance.glob("*.sqlite"))


def test_a_question_is_answered_on_the_spot_in_each_language(author: Visitor) -> None:
    page = author.get("/author/items/check-second")
    told = author.submit(page, "/author/items/check-second", answer="1").main
    assert ("Right." in told) != ("Not right." in told)
    french = author.get("/author/items/one-single?lang=fr")
    assert french.html.startswith('<!DOCTYPE html>\n<html lang="fr"')


def test_pages_follow_the_files_and_keep_the_last_good_ones(author: Visitor, content: Path) -> None:
    first = author.get("/author/quizzes/one")
    state = author.get("/preview/state").body.decode()
    assert f'data-seen="{state}"' in first.html
    edit(content / QUIZ, "pass: 70", "pass: 80")
    assert author.get("/preview/state").body.decode() != state
    assert "80 %" in author.get("/author/quizzes/one").main
    edit(content / QUIZ, "pass: 80", "pass: a lot")
    broken = author.get("/author/quizzes/one").main
    assert ("the last version that had none" in broken, "80 %" in broken, "value" in broken) == (True, True, True)
    assert "1 error" in author.get("/author").main
    edit(content / QUIZ, "pass: a lot", "pass: 60")
    assert "60 %" in author.get("/author/quizzes/one").main


def test_a_copy_that_was_never_good_shows_its_problems(config: Config, content: Path) -> None:
    (content / "course/tiny.yml").write_text("title: a\n")
    with Checker(config) as checker:
        author = Visitor(preview.build(config, checker), config.base_url)
        page = author.get("/author")
        assert ("nothing to show yet" in page.main, "key-missing" in page.main) == (True, True)
        assert author.get("/author/quizzes/one", status=404).status == 404


def test_a_language_without_a_catalogue_is_shown_in_english_words(author: Visitor, content: Path) -> None:
    edit(content / "course/tiny.yml", "[en, fr]", "[en, fr, km]")
    original = (content / "modules/one.md").read_text(encoding="utf-8")
    (content / "modules/one.km.md").write_text(beginning.translated_page(original), encoding="utf-8")
    author.get("/author")
    page = author.get("/author/preview/one?lang=km")
    assert page.html.startswith('<!DOCTYPE html>\n<html lang="km"')


def test_ten_draws(author: Visitor) -> None:
    page = author.get("/author/quizzes/one/draws").main
    assert [page.count(f"Draw {number}") for number in (1, 10)] == [2, 1]
    for path in ("nowhere", "nowhere/draws"):
        assert author.get(f"/author/quizzes/{path}", status=404).status == 404
