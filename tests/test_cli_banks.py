"""`lontar import` and `lontar export quiz`: files in and out of a content root, and every refusal in one line."""

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from tests.core.exchange.test_word import FULL

TINY = Path(__file__).parent / "courses" / "tiny"
GIFT = "::Old age:: Who receives a pension? {=An older person ~A bank ~%50%A map}\n\n::Open:: {~a ~b}\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("LONTAR_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LONTAR_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("LONTAR_CONTENT", str(tmp_path / "root"))
    monkeypatch.chdir(tmp_path)
    shutil.copytree(TINY, tmp_path / "root")
    (tmp_path / "bank.gift").write_text(GIFT)
    return tmp_path / "root"


def lontar(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_bank_comes_in_and_passes_the_check(root: Path) -> None:
    result = lontar("import", "bank.gift", "--into", "quizzes/new.md", "--title", "Old: and new")
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "bank.gift:1: changed: “Old age”: options that earn a part of the points, or cost some, earn nothing here\n"
        "bank.gift:3: left out: “Open”: no option earns anything\n",
        "1 question(s) written to quizzes/new.md; 1 left out. Run: lontar check\n",
    )
    assert (root / "quizzes" / "new.md").read_text() == (
        '---\ntitle: "Old: and new"\n---\n\n## Who receives a pension? {#old-age .single}\n\n'
        "- [x] An older person\n- [ ] A bank\n- [ ] A map\n"
    )
    assert lontar("check").exit_code == 0
    assert lontar("import", "bank.gift", "--into", "root/quizzes/newer.md").exit_code == 0  # as the shell completes it
    assert (root / "quizzes" / "newer.md").is_file()


REFUSED = {
    ("bank.gift", "../outside.md"): "../outside.md: quiz files stand in the folder",
    ("bank.gift", "quizzes/../../outside.md"): "quizzes/../../outside.md: quiz files stand in the folder",
    ("bank.gift", "/tmp/outside.md"): "/tmp/outside.md: quiz files stand in the folder",
    ("bank.gift", "quizzes/New Quiz.md"): "quizzes/New Quiz.md: name it quizzes/name.md",
    ("bank.gift", "quizzes/one.fr.md"): "quizzes/one.fr.md: name it quizzes/name.md",
    ("bank.gift", "quizzes/one.md"): "one.md is there already",
    ("empty.txt", "quizzes/new.md"): "empty.txt: This is neither GIFT, Moodle XML nor Aiken",
    ("none.gift", "quizzes/new.md"): "none.gift: no question could be imported, so nothing was written",
    ("packed.zip", "quizzes/new.md"): "packed.zip: This is no text file: unpack an archive first",
    ("bomb.xml", "quizzes/new.md"): "bomb.xml: Line 1: the file declares a document type",
}


@pytest.mark.parametrize(("file", "into"), REFUSED)
def test_what_can_not_be_is_refused_in_one_line_and_changes_nothing(root: Path, file: str, into: str) -> None:
    (root.parent / "empty.txt").write_text("")
    (root.parent / "none.gift").write_text("Q {~a ~b}")
    (root.parent / "packed.zip").write_bytes(b"PK\x03\x04" + b"\0" * 100)
    (root.parent / "bomb.xml").write_text('<!DOCTYPE q [<!ENTITY a "b">]><quiz><question/></quiz>')
    before = sorted(path.name for path in root.rglob("*"))
    result = lontar("import", file, "--into", into)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"lontar: {REFUSED[file, into]}")
    assert result.stderr.count("\n") == 1
    assert sorted(path.name for path in root.rglob("*")) == before


@pytest.mark.parametrize("format", ["gift", "moodle-xml", "aiken"])
def test_a_quiz_goes_out_and_comes_back(root: Path, format: str) -> None:
    result = lontar("export", "quiz", "one", "--format", format, "--output", "out")
    assert result.exit_code == 0
    assert result.stderr.splitlines()[-1].endswith("left out")
    back = lontar("import", "out", "--into", "quizzes/back.md", "--format", format)
    assert back.exit_code == 0
    assert "none left out" in back.stderr
    assert lontar("check").exit_code == 0


def test_a_table_goes_to_standard_output_in_a_translation(root: Path) -> None:
    result = lontar("export", "quiz", "one", "--format", "csv", "--language", "fr")
    assert result.stdout.startswith("\ufeffid,kind,practice,")
    assert result.stderr == "14 question(s) written, 0 left out\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "there is no quiz nowhere; there are: one, tiny-final, two"),
        (("two", "--language", "fr"), "quizzes/two.md is not translated into fr"),
    ],
)
def test_no_such_quiz_or_translation(root: Path, arguments: tuple[str, ...], said: str) -> None:
    result = lontar("export", "quiz", *arguments)
    assert (result.exit_code, result.stderr) == (1, f"lontar: {said}\n")


def test_nothing_is_exported_from_a_course_with_errors(root: Path) -> None:
    (root / "quizzes" / "one.md").write_text("no quiz")
    result = lontar("export", "quiz", "one")
    assert (result.exit_code, result.stderr) == (
        1,
        "lontar: the course has errors, so nothing is exported; see `lontar check`\n",
    )


def test_a_word_document_becomes_a_module(root: Path, tmp_path: Path) -> None:
    document = tmp_path / "draft.docx"
    document.write_bytes(FULL)
    done = lontar("import", str(document), "--into", "modules/draft.md")
    assert (done.exit_code, done.stderr) == (0, "4 section(s) written to modules/draft.md. Run: lontar check\n")
    assert "draft.docx: a footnote is left out: “See the law.”\n" in done.stdout
    assert (root / "modules/draft.md").read_text(encoding="utf-8").startswith('---\ntitle: "Who pays?"\n')
    assert [row["path"] for row in problems("error")] == []
    for into, told in [
        ("modules/draft.md", "draft.md is there already; choose another name, or take that file away first"),
        ("quizzes/draft.md", "quizzes/draft.md: a document becomes a module of the folder"),
        ("modules/../draft.md", "modules/../draft.md: a document becomes a module of the folder"),
        ("modules/Draft.md", "modules/Draft.md: name it modules/name.md, in lower-case letters, digits and hyphens"),
    ]:
        refused = lontar("import", str(document), "--into", into)
        assert (refused.exit_code, refused.stderr.startswith(f"lontar: {told}")) == (1, True)


def problems(severity: str) -> list[dict[str, str]]:
    rows = json.loads(lontar("check", "--format", "json").stdout)
    return [row for row in rows if row["severity"] == severity]
