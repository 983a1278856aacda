"""From the folders to the library: what it holds, how it is hashed, and how files that mean harm are stopped."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import msgspec
import pytest

from app.core.compiled import program, read_library, write_library
from app.core.content import DrawRule, digest
from app.core.load import kept_in, load
from app.core.shared import Shared, contexts
from app.core.worker import Task, Worker
from tests.core.contents import TINY, TODAY, Content


def test_the_tiny_course_becomes_a_library(worker: Worker) -> None:
    library, problems = load(TINY, today=TODAY, worker=worker)
    assert [(one.path, one.severity, one.code) for one in problems] == [
        ("modules/two.fr.md", "warning", "translation-missing"),
        ("quizzes/tiny-final.fr.md", "warning", "translation-missing"),
        ("quizzes/two.fr.md", "warning", "translation-missing"),
    ]
    assert library
    course = library.courses["tiny"]
    assert (course.title, course.modules, course.final) == (
        {"en": "A tiny course", "fr": "Un tout petit cours"},
        ("one", "two"),
        "tiny-final",
    )
    assert course.participation == {"every_section_read": True}
    assert course.completion == {"every_quiz_passed": True, "final_passed": True, "valid_years": None}
    module = library.modules["one"]
    assert (module.actions, module.quiz, list(module.texts)) == (("A1",), "one", ["en", "fr"])
    assert module.texts["fr"].objectives[0] == ("dire ce qu'est une prestation", "remember")
    assert [(one.id, one.minutes, one.figures) for one in module.sections] == [
        ("first", 4, ("covered-2023", "spending-2022")),
        ("second", 4, ("covered-2023",)),
    ]
    assert library.figures["spending-2022"].shown == {
        "en": "1,200\u00a0million shells",
        "fr": "1200\u00a0millions de coquillages",
    }
    assert library.terms["benefit"].text["en"] == (
        'Money or help that a person receives from a <a class="term" href="/glossary#scheme">scheme</a>.'
    )
    assert library.countries["FJ"].name == {"en": "Fiji", "fr": "Fidji"}
    assert (library.countries["MN"].lldc, library.countries["MN"].ldc) == (True, False)


def test_a_quiz_has_its_settings_and_items(worker: Worker) -> None:
    library, _ = load(TINY, today=TODAY, worker=worker)
    assert library
    quiz = library.quizzes["one"]
    assert (quiz.pass_mark, quiz.draw, quiz.attempts, quiz.wait_after, quiz.wait_minutes) == (
        70,
        (DrawRule(n=5),),
        None,
        3,
        60,
    )
    assert [item.kind for item in quiz.items if not item.practice] == [
        "single", "true-false", "multiple", "numeric", "short", "match", "order", "cloze", "scenario", "reflection",
    ]  # fmt: skip
    scenario = library.item("one-scenario")
    assert scenario
    assert (scenario.points, [one.module for one in scenario.questions]) == (2, ["one", "one"])
    assert {one.quiz for one in (*quiz.items, *scenario.questions)} == {"one"}
    assert library.quizzes["two"].attempts == 2
    assert library.quizzes["tiny-final"].draw[0] == DrawRule(n=1, module="one", level=("remember",))


def test_hashes_follow_what_learners_see(content: Content) -> None:
    before, _ = content.load()
    content.change("modules/one.md", "Someone pays.", "Somebody pays.")
    content.change("quizzes/one.md", "- [ ] A tax office", "- [ ] One tax office")
    content.change("quizzes/two.md", "- [x] Ask\n", "- [ ] Ask\n")
    content.change("quizzes/two.md", "- [ ] Answer\n- [ ] Report\n- [ ] Rest", "- [x] Answer\n- [ ] Report\n- [ ] Rest")
    after, problems = content.load()
    assert before
    assert after, problems
    assert before.release != after.release
    changed = [
        one.id for module in before.modules for one in before.modules[module].sections
        if one.version != getattr(after.section(module, one.id), "version", "")
    ]  # fmt: skip
    assert changed == ["second"]
    old = {item.id: item for quiz in before.quizzes.values() for item in quiz.items}
    new = {item.id: item for quiz in after.quizzes.values() for item in quiz.items}
    assert [id for id in old if old[id].version != new[id].version] == ["one-single", "two-first"]
    assert [id for id in old if old[id].key_hash != new[id].key_hash] == ["two-first"]
    assert [id for id in before.quizzes if before.quizzes[id].version != after.quizzes[id].version] == ["one", "two"]


def test_a_figure_in_the_ledger_is_part_of_the_section(content: Content) -> None:
    before, _ = content.load()
    content.change("course/figures.yml", "53.6", "54.1")
    after, _ = content.load()
    assert before
    assert after
    changed = [one.id for one in before.modules["one"].sections if one not in after.modules["one"].sections]
    assert changed == ["first", "second"]
    section = after.section("one", "first")
    assert section
    assert "54.1\u00a0% (2023)" in section.original.source


def test_the_library_survives_the_way_through_a_file(worker: Worker, tmp_path: Path) -> None:
    library, _ = load(TINY, today=TODAY, worker=worker)
    assert library
    path = write_library(library, tmp_path / "compiled")
    assert path.name == f"{library.release}.json"
    assert read_library(path) == library
    assert write_library(library, path.parent) == path
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert digest(library) == digest(read_library(path))


def test_windows_line_ends_and_byte_order_marks_change_nothing(content: Content) -> None:
    before, _ = content.load()
    for path in content.root.glob("*/*.*"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    after, _ = content.load()
    assert before == after


def test_a_module_that_no_course_lists_is_left_out(content: Content) -> None:
    content.change("course/tiny.yml", "[one, two]", "[one]")
    content.change("quizzes/tiny-final.md", "  - {module: two, n: 2}\n", "")
    content.change("modules/one.md", " and [the other module](modules/two)", "")
    library, problems = content.load()
    assert {(one.path, one.code) for one in problems if one.path == "modules/two.md"} == {("modules/two.md", "unused")}
    assert library
    assert list(library.modules) == ["one"]


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("modules/one.md", b"---\ntitle: a\n---\n\xff", (4, "encoding")),
        ("modules/one.md", "---\ntitle: à\n---\n".encode("utf-16"), (1, "encoding")),
        ("modules/one.md", b"---\ntitle: a\n---\nb\x00", (4, "character")),
        ("quizzes/one.md", "---\ntitle: a\n---\n\ue000".encode(), (4, "character")),
        ("course/figures.yml", b"#" * ((1 << 20) + 1), (0, "file-size")),
        ("modules/One.md", b"", (0, "file-name")),
        ("modules/one.txt", b"", (0, "file-name")),
        ("modules/one.md.fr", b"", (0, "file-name")),
        ("modules/one.en.md", b"---\ntitle: a\n---", (0, "file-name")),
        ("quizzes/one.yml", b"", (0, "file-name")),
    ],
)
def test_files_that_cannot_be_read_are_named(content: Content, name: str, data: bytes, found: tuple[int, str]) -> None:
    content.path(name).write_bytes(data)
    assert (name, *found) in content.said()
    assert content.load()[0] is None


def test_editors_leftovers_are_passed_over(content: Content) -> None:
    for name in ("modules/.one.md.swp", "modules/one.md~", "quizzes/.DS_Store", "course/.figures.yml"):
        content.path(name).write_text("x")
    assert content.said() == []


def test_links_and_devices_are_not_followed(content: Content, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("---\ntitle: secret\n---\n")
    content.path("modules/three.md").symlink_to(secret)
    os.mkfifo(content.path("quizzes/three.md"))
    content.path("quizzes/four.md").mkdir()
    assert content.said() == [
        ("modules/three.md", 0, "symlink"),
        ("quizzes/four.md", 0, "file-name"),
        ("quizzes/three.md", 0, "file-name"),
    ]


def test_a_folder_must_be_there_and_be_no_link(content: Content, tmp_path: Path) -> None:
    content.path("quizzes").rename(tmp_path / "elsewhere")
    content.path("quizzes").symlink_to(tmp_path / "elsewhere")
    assert ("quizzes", 0, "folder") in content.said()
    assert [one.code for one in load(tmp_path / "none", today=date(2026, 1, 1), worker=content.worker)[1]] == [
        "course", "folder", "folder", "folder",
    ]  # fmt: skip


HOSTILE = {
    "brackets": "[" * 60_000,
    "lists": "\n".join("    " * depth + "- x" for depth in range(900)),
    "quotes": "> " * 5_000 + "x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_stopped_and_the_others_are_read(content: Content, name: str) -> None:
    """Some are read in time on a fast machine; none holds up the others."""
    content.change("modules/one.md", "", f"---\ntitle: a\n---\n\nb\n\n## A {{#first}}\n\n{HOSTILE[name]}\n")
    said = content.said()
    assert {path for path, _, code in said if code == "render-limit"} <= {"modules/one.md"}
    assert not [code for _, _, code in said if code == "engine"]
    assert not [path for path, _, _ in said if path == "modules/two.md"]


def test_a_file_that_hangs_is_named_and_the_next_one_is_read() -> None:
    slow = Task(path="slow.md", kind="snippets", language="en", snippets={"a": (1, "[" * 100_000)})
    good = Task(path="good.md", kind="snippets", language="en", snippets={"a": (1, "*b*")})
    with Worker() as worker:
        (nothing, problems), (draft, none) = worker.run([slow, good], contexts(Shared(), {}))
    assert (nothing, draft, none) == (None, {"a": "<em>b</em>"}, [])
    assert [str(one) for one in problems] == [
        "slow.md:0: error[render-limit]: Reading this file took over 2 seconds. "
        "Look for very long runs of brackets or deep nesting."
    ]


def test_a_large_file_gets_more_time() -> None:
    assert [Task(path="a", kind="quiz", text="a" * size).seconds for size in (0, 32_767, 32_768, 100_000)] == [
        2,
        2,
        4,
        8,
    ]


def test_files_that_did_not_change_are_not_read_again(content: Content, tmp_path: Path) -> None:
    """What was kept gives the same library; a changed word, figure or program reads again what depends on it."""
    file = tmp_path / "kept"
    first = load(content.root, today=TODAY, kept=file)
    kept = file.read_bytes()
    with Worker(kept_in(file), program()) as worker:
        again = load(content.root, today=TODAY, worker=worker)
        assert worker._child is None
    assert again == first
    content.change("quizzes/one.md", "title: The first module", "title: The first")
    assert load(content.root, today=TODAY, kept=file) == load(content.root, today=TODAY)
    assert (len(kept_in(file)), file.read_bytes() == kept) == (len(msgspec.msgpack.decode(kept)), False)


def test_a_changed_figure_reads_again_the_pages_that_show_it(content: Content, tmp_path: Path) -> None:
    file = tmp_path / "kept"
    load(content.root, today=TODAY, kept=file)
    content.change("course/figures.yml", "value: 1,200", "value: 1,300")
    library, _ = load(content.root, today=TODAY, kept=file)
    assert library
    assert library == load(content.root, today=TODAY)[0]
    assert "1,300" in str(library.modules["one"].sections[0])


@pytest.mark.parametrize("spoilt", [b"", b"no msgpack", b"\x81\xa1a\xc4\x01b"])
def test_a_spoilt_file_of_kept_drafts_is_written_again(content: Content, tmp_path: Path, spoilt: bytes) -> None:
    file = tmp_path / "kept"
    file.write_bytes(spoilt)
    assert load(content.root, today=TODAY, kept=file) == load(content.root, today=TODAY)
    assert load(content.root, today=TODAY, kept=tmp_path / "no folder" / "kept")[0]


def test_the_child_gets_no_more_than_its_memory() -> None:
    script = "from app.core import worker; worker._limit(); bytearray(worker.MEGABYTES << 20)"
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, cwd=TINY.parents[2])
    assert child.stderr.endswith(b"MemoryError\n")


def test_a_fault_of_the_engine_is_named_and_the_worker_goes_on(worker: Worker) -> None:
    unknown = Task(path="a.md", kind="quiz", text="", language="no such language")
    outline = Task(path="b.yml", kind="outline", text="- a")
    (nothing, problems), (draft, misfits) = worker.run([unknown, outline], {})
    assert (nothing, [(one.path, one.line, one.code) for one in problems]) == (None, [("a.md", 0, "engine")])
    assert (draft.entries, [(one.line, one.code) for one in misfits]) == (None, [(1, "value")])
