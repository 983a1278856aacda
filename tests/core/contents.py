"""The tiny course with some of its files changed, for tests of loading and checking."""

import shutil
from datetime import date
from pathlib import Path

from app.core.content import Library, Problem
from app.core.load import load
from app.core.worker import Worker

TINY = Path(__file__).parents[1] / "courses" / "tiny"
TODAY = date(2026, 11, 22)


class Content:
    """A copy of the tiny course that a test may spoil; English alone, so that only what it spoils is said."""

    def __init__(self, root: Path, worker: Worker) -> None:
        self.root = root
        self.worker = worker
        shutil.copytree(TINY, root, dirs_exist_ok=True)
        for translation in root.glob("*/*.fr.*"):
            translation.unlink()
        self.change("course/tiny.yml", "[en, fr]", "[en]")

    def path(self, name: str) -> Path:
        return self.root / name

    def change(self, name: str, old: str, new: str) -> None:
        """Puts `new` in the place of `old`, which must stand in the file once; "" means the whole file."""
        text = self.path(name).read_text(encoding="utf-8") if old else ""
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.path(name).write_text(text.replace(old, new), encoding="utf-8")

    def translate(self, *names: str) -> None:
        """Brings back the French files of these names, and French itself."""
        for name in names:
            shutil.copy(TINY / name, self.path(name))
        self.change("course/tiny.yml", "[en]", "[en, fr]")

    def load(self, today: date = TODAY) -> tuple[Library | None, list[Problem]]:
        return load(self.root, today=today, worker=self.worker)

    def said(self, today: date = TODAY) -> list[tuple[str, int, str]]:
        return [(one.path, one.line, one.code) for one in self.load(today)[1]]
