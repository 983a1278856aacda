"""Pictures: told by their content, shown with their size and words, named where they are no pictures for a course."""

from pathlib import Path

import pytest

from app.core import pictures
from app.core.pictures import Unfit
from app.core.questions._shared import plain_text
from app.core.worker import Worker
from tests.core.contents import Content
from tests.core.pictures import GIF, JPEG, SVG, WEBP, png

MODULE, TEXT = "modules/alpha.md", "modules/alpha/"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (png(), ("png", 3, 2)),
        (GIF, ("gif", 5, 4)),
        (JPEG, ("jpg", 9, 7)),
        (WEBP["lossy"], ("webp", 8, 6)),
        (WEBP["lossless"], ("webp", 8, 6)),
        (WEBP["extended"], ("webp", 8, 6)),
    ],
)
def test_a_picture_is_told_by_its_content(data: bytes, found: tuple[str, int, int]) -> None:
    assert pictures.look(data) == found
    text = pictures.as_text(data, found[0])
    assert (pictures.as_bytes(text), pictures.type_of(text)) == (data, pictures.TYPES[found[0]])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (SVG, "it is SVG, which can hold scripts; save it as PNG"),
        (b"", "it is no PNG, JPEG, GIF or WebP, or it is broken; save it again as one of these"),
        (b"<html><script>", "it is no PNG, JPEG, GIF or WebP, or it is broken; save it again as one of these"),
        (JPEG[:12], "it is no PNG, JPEG, GIF or WebP, or it is broken; save it again as one of these"),
        (WEBP["lossy"][:20], "it is no PNG, JPEG, GIF or WebP, or it is broken; save it again as one of these"),
        (png()[:20], "it is no PNG, JPEG, GIF or WebP, or it is broken; save it again as one of these"),
        (png(5001), "it measures 5001 x 2 pixels; make each side 1 to 5000"),
        (b"GIF89a\0\0\0\0", "it measures 0 x 0 pixels; make each side 1 to 5000"),
        (png(more=b"x" * 300_000), "it has over 300 kB; make it smaller, or save it as JPEG or WebP"),
    ],
)
def test_what_is_no_picture_for_a_course_is_told_why(data: bytes, why: str) -> None:
    with pytest.raises(Unfit) as caught:
        pictures.look(data)
    assert str(caught.value) == why


def test_text_of_other_files_stays_text() -> None:
    assert (pictures.as_bytes("# data:image/png;base64,"), pictures.type_of("x")) == (b"# data:image/png;base64,", "")


@pytest.fixture
def content(tmp_path: Path, worker: Worker) -> Content:
    made = Content(tmp_path, worker)
    first = next(iter(sorted((made.root / "modules").glob("*.md"))))
    (made.root / "modules" / first.stem).mkdir()
    made.page, made.folder = f"modules/{first.name}", made.root / "modules" / first.stem
    return made


def test_a_module_shows_a_picture_with_its_size_and_words(content: Content) -> None:
    page, folder = content.page, content.folder
    (folder / "map.png").write_bytes(png(30, 20))
    text = content.path(page).read_text().rstrip()
    content.path(page).write_text(f'{text}\n\nSee ![A map & "more" of **Pala**](map.png) and `![x](y.png)`.\n')
    library, problems = content.load()
    assert [one for one in problems if one.severity == "error"] == []
    assert library
    hash = library.pictures[page.removesuffix(".md") + "/map.png"]
    html = library.modules[folder.name].sections[-1].original.parts[-1].html
    assert (
        f'See <img src="/pictures/{hash}.png" alt="A map &amp; &quot;more&quot; of **Pala**" width="30" height="20"'
        ' loading="lazy"> and <code>![x](y.png)</code>.'
    ) in html
    before = library.modules[folder.name].sections[-1].version
    (folder / "map.png").write_bytes(png(30, 21))
    after, _ = content.load()
    assert after
    assert after.modules[folder.name].sections[-1].version != before  # another picture is another page


@pytest.mark.parametrize(
    ("files", "text", "said"),
    [
        ({}, "![A map](map.png)", ("{page}", "image", "There is no picture “map.png” for this file.")),
        ({"map.png": png()}, "![](map.png)", ("{page}", "image", "The picture “map.png” has no words.")),
        (
            {"map.png": png()},
            "![A](../map.png)",
            ("{page}", "image", "There is no picture “../map.png” for this file."),
        ),
        ({"map.png": png()}, '![A](map.png "T")', ("{page}", "image", "The picture “map.png” is not shown.")),
        (
            {"map.png": png()},
            "![A](https://x.org/a.png)",
            ("{page}", "image", "There is no picture “https://x.org/a.png”"),
        ),
        (
            {"map.png": png()},
            "### ![A](map.png)",
            ("{page}", "image", "The picture “map.png” stands where only words can."),
        ),
        ({"map.svg": SVG}, "", ("{folder}/map.svg", "file-name", "This is not read.")),
        ({"map.png": SVG}, "", ("{folder}/map.png", "image", "This picture can't be shown: it is SVG")),
        ({"My map.png": png()}, "", ("{folder}/My map.png", "file-name", "This is not read.")),
        ({"map.png": png()}, "", ("{folder}/map.png", "unused", "{folder}.md does not show this picture.")),
        ({"map.png": png(more=b"x" * 200_000)}, "![A](map.png)", ("{folder}/map.png", "page-weight", "200 kB take 32")),
    ],
)
def test_pictures_that_cannot_be_shown_are_named(
    content: Content, files: dict[str, bytes], text: str, said: tuple[str, str, str]
) -> None:
    page, folder = content.page, content.folder
    for name, data in files.items():
        (folder / name).write_bytes(data)
    content.path(page).write_text(f"{content.path(page).read_text().rstrip()}\n\n{text}\n")
    path, code, message = (one.format(page=page, folder=f"modules/{folder.name}") for one in said)
    _, problems = content.load()
    found = [one for one in problems if (one.path, one.code) == (path, code)]
    assert [one.message.startswith(message) for one in found] == [True], [str(one) for one in problems]


def test_links_and_folders_of_nobody_are_named(content: Content) -> None:
    folder = content.folder
    (folder / "map.png").symlink_to("/etc/passwd")
    (content.root / "course" / "pics").mkdir()
    said = {(path, code) for path, _, code in content.said()}
    assert {(f"modules/{folder.name}/map.png", "symlink"), ("course/pics", "file-name")} <= said
    (folder / "map.png").unlink()
    (content.root / "course" / "pics").rmdir()
    (content.root / "quizzes" / "nobody").mkdir()
    (content.root / "quizzes" / "nobody" / "map.png").write_bytes(png())
    assert ("quizzes/nobody/map.png", 0, "unused") in content.said()


def test_the_words_of_a_picture_stand_for_it() -> None:
    assert plain_text('A <img src="/pictures/x.png" alt="map &amp; key" width="1" height="1">!') == "A map & key!"
