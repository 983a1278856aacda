"""`lontar items` and `lontar regrade`: what the answers say, and a corrected key, as the operator meets them."""

import csv
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.grading import item_of
from app.records import attempts, people
from app.records.engine import create_engine, migrate, open_session
from tests import learners
from tests.test_cli_banks import TINY, lontar, root
from tests.web.conftest import load_course

__all__ = ["root"]
ITEM, PEOPLE = "one-single", 60


def populate(instance: Path) -> None:
    """Learners who all choose A, a wrong option, where `one-single` is asked, and else what is right."""
    library = load_course(TINY)
    instance.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{instance / 'lontar.sqlite'}")
    migrate(engine)
    with open_session(engine, write=True) as session:
        for number in range(PEOPLE):
            now = datetime.now(UTC)
            who = people.register(session, login=f"l{number}", password_hash="x", name="Ana", now=now).id
            attempt = attempts.open_attempt(session, library, who, "one", 1, f"seed {number}", now)
            paper = attempts.paper_of(attempt)
            items = attempts.items_of(session, library, paper)
            asked = [item_of(question, items).id for question in paper.questions]
            values = learners.right_values(session, library, attempt)
            learners.save(session, attempt, {n: "A" if asked[n - 1] == ITEM else v for n, v in values.items()})
            attempts.hand_in(session, library, who, attempt.id, now, "en", learners.ISSUER)
        session.commit()
    engine.dispose()


def swap(file: Path, right: str, wrong: str) -> None:
    """Mark one option as right and the other as wrong."""
    text = file.read_text()
    for option, before, after in ((right, " ", "x"), (wrong, "x", " ")):
        assert f"- [{before}] {option}\n" in text
        text = text.replace(f"- [{before}] {option}\n", f"- [{after}] {option}\n")
    file.write_text(text)


def test_answers_are_read_and_a_key_is_corrected(root: Path, tmp_path: Path) -> None:
    populate(tmp_path / "instance")
    shown = lontar("items", "one").stdout
    line = next(
        n for n, text in enumerate((root / "quizzes/one.md").read_text().splitlines(), 1) if f"#{ITEM} " in text
    )
    assert f"### {ITEM} (quizzes/one.md:{line})" in shown
    assert "- **Learners do no better than by guessing: 0 % of the points.**" in shown
    rows = {row["item"]: row for row in json.loads(lontar("items", "one", "--format", "json").stdout)}
    found = rows[ITEM]
    asked = found["answers"]
    assert asked >= 30
    assert (found["facility"], found["line"]) == (0.0, line)
    assert [(one["option"], one["right"], one["n"]) for one in found["options"]] == [
        ("A", False, asked),
        ("B", True, 0),
        ("C", False, 0),
        ("D", False, 0),
    ]
    lontar("items", "one", "--format", "csv", "--output", "cards.csv")
    with Path("cards.csv").open(encoding="utf-8", newline="") as file:
        assert {row["item"]: int(row["answers"]) for row in csv.DictReader(file)} == {
            id: row["answers"] for id, row in rows.items()
        }

    corrected = tmp_path / "corrected"
    shutil.copytree(root / "quizzes", corrected / "quizzes")
    swap(corrected / "quizzes" / "one.md", "A tax office", "An older person")
    swap(corrected / "quizzes" / "one.fr.md", "Un bureau des impôts", "Une personne âgée")
    (corrected / "quizzes" / "one.md").write_text(
        (corrected / "quizzes" / "one.md").read_text().replace("\n## ", "\n\n## ", 1)
    )
    assert lontar("publish", str(corrected), "--yes").exit_code == 0  # the content root keeps the old key
    assert lontar("regrade", "one").stderr == 'lontar: give the reason: --reason "…" (or look first: --dry-run)\n'
    look = lontar("regrade", "one", "--dry-run")
    assert (look.exit_code, look.stderr) == (0, "Nothing was changed.\n")
    sums = f"{PEOPLE} attempt(s) looked at: {asked} result(s) of {asked} learner(s) change,"
    assert sums in look.stdout
    assert look.stdout.startswith(f"quizzes/one.md:{line + 1}: {ITEM}: another key")
    done = lontar("regrade", "one", "--reason", "the key was wrong")
    assert done.stderr == f"Done: {asked} attempt(s) judged anew, {asked} result(s) changed.\n"
    assert (
        sums.replace(f"{asked} result(s) of {asked}", "0 result(s) of 0")
        in lontar("regrade", "one", "--dry-run").stdout
    )
    rows = {row["item"]: row for row in json.loads(lontar("items", "one", "--format", "json").stdout)}
    assert (rows[ITEM]["facility"], rows[ITEM]["answers"], rows[ITEM]["line"]) == (1.0, asked, line + 1)
    assert "counts" not in [
        line.split()[1] for line in lontar("doctor").stdout.splitlines() if line.startswith("error")
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("items", "none"), "there is no quiz none; there are: "),
        (("regrade", "none", "--dry-run"), "there is no quiz none; there are: "),
        (("regrade", "one", "--dry-run", "--void", "one-none"), "one-none was never asked in one"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(root: Path, arguments: tuple[str, ...], said: str) -> None:
    refused = lontar(*arguments)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"lontar: {said}")
    assert refused.stderr.count("\n") == 1
