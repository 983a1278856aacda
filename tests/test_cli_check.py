"""`lontar check` for editors, for those who ask what a code means, and while files change."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from app.core.compiled import KEPT
from app.core.load import load
from app.ops.watching import Checker, changes
from config import Config
from tests.core.contents import TODAY
from tests.serving import LONTAR
from tests.test_cli import TINY, instance, lontar

__all__ = ["instance"]
MATCHER = r"^(.+?):(\d+):(\d+):(\d+):(\d+): (error|warning)\[([a-z-]+)\]: (.+)$"  # as in docs/authoring.md
GUIDE = (Path(__file__).parents[1] / "docs" / "authoring.md").read_text(encoding="utf-8")


@pytest.fixture
def content(tmp_path: Path, instance: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tiny course in which the first module names a term that there is not."""
    root = tmp_path / "content"
    shutil.copytree(TINY, root)
    text = (root / "modules/one.md").read_text(encoding="utf-8")
    (root / "modules/one.md").write_text(text.replace("Two short sections about", "About [[nothing]] and"), "utf-8")
    monkeypatch.setenv("LONTAR_CONTENT", str(root))
    instance.mkdir()
    load(root, today=TODAY, kept=instance / KEPT)
    return root


def test_the_forms_for_editors(content: Path) -> None:
    result = lontar("check", "--format", "json")
    rows = {row["code"]: row for row in json.loads(result.stdout)}
    assert (result.exit_code, rows["term"]["severity"], rows["term"]["path"]) == (1, "error", "modules/one.md")
    line = rows["term"]["line"] - 1
    assert rows["term"]["range"] == {
        "start": {"line": line, "character": 8},
        "end": {"line": line, "character": 15},
    }
    lines = [re.match(MATCHER, one) for one in lontar("check", "--format", "lines").stdout.splitlines()]
    assert [found.groups() for found in lines if found and found[7] == "term"] == [
        ("modules/one.md", str(line + 1), "9", str(line + 1), "16", "error", "term", rows["term"]["message"])
    ]
    assert all(lines)
    assert MATCHER.replace("\\", "\\\\") in GUIDE


def test_the_first_check_remembers_for_the_second(
    tmp_path: Path, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LONTAR_CONTENT", str(TINY))
    lontar("check")
    assert (instance / KEPT).stat().st_size > 10_000


def test_a_code_is_explained(instance: Path) -> None:
    assert lontar("check", "--explain", "objective").stdout == (
        "objective: an objective does not end in its verb\n"
        "What to do: … (understand)\n"
        "\n"
        "Bad (in modules/who-pays.md):\n"
        "\n"
        "      - say who pays for a scheme\n"
        "\n"
        "Good:\n"
        "\n"
        "      - say who pays for a scheme (remember)\n"
    )
    refused = lontar("check", "--explain", "objectiv")
    assert (refused.exit_code, refused.stderr) == (1, "lontar: there is no code objectiv; did you mean: objective\n")


def test_only_changed_files_are_read_again(content: Path, instance: Path) -> None:
    config = Config.from_environment()
    file = content / "modules/two.md"
    edits = iter(["\n", None, ""])

    def sleep(seconds: float) -> None:
        edit = next(edits)
        if edit is not None:
            file.write_text(file.read_text(encoding="utf-8") + edit + "\n", encoding="utf-8")

    with Checker(config) as checker:
        seen = changes(content, sleep)
        assert next(seen) == ()
        assert [one.code for one in checker.check()[1] if one.severity == "error"] == ["term"]
        assert checker.worker._child is None
        before = set(checker.worker._kept)
        assert [next(seen), next(seen)] == [("modules/two.md",)] * 2
        checker.check()
        assert len(set(checker.worker._kept) - before) == 1


def test_watching_tells_each_change_and_ends_with_ctrl_c(content: Path) -> None:
    with (
        subprocess.Popen(
            [LONTAR, "check", "--watch"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ,
            # Whoever runs tests in the background has SIGINT ignored, and every child with it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as running,
        ended(running),
    ):
        assert running.stdout
        told = until_checked(running.stdout)
        text = (content / "modules/one.md").read_text(encoding="utf-8")
        (content / "modules/one.md").write_text(text.replace("[[nothing]]", "nothing"), encoding="utf-8")
        again = until_checked(running.stdout)
        running.send_signal(signal.SIGINT)
        assert (running.wait(20), running.stdout.read()) == (0, "\n")
    assert told[0] == f"Checking {content} …\n"
    assert [any("error[term]" in line for line in lines) for lines in (told, again)] == [True, False]
    assert again[0] == "Checking modules/one.md …\n"


@contextmanager
def ended(running: "subprocess.Popen[str]") -> Iterator[None]:
    """Without this a test that fails would wait for its child for ever."""
    try:
        yield
    finally:
        running.kill()


def until_checked(output: IO[str]) -> list[str]:
    lines = [output.readline()]
    while lines[-1] and not lines[-1].startswith("Checked."):
        lines.append(output.readline())
    return lines


def test_watching_nothing_is_refused(instance: Path, tmp_path: Path) -> None:
    refused = lontar("check", "--watch", "--content", str(tmp_path / "none"))
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
