"""Question banks in and out: opens the files that `core.exchange` reads and writes."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from app.core.content import ID, Library
from app.core.exchange import READERS, guess, write
from app.core.exchange.bank import Bank, Known, make
from app.core.exchange.decoding import decode
from app.core.exchange.embedded import Find, Shown
from app.core.exchange.model import LeftOut, Refused
from app.core.files import read_files
from app.core.scan import Faults, section_ids
from app.core.worker import Worker
from app.ops import serving
from app.ops.serving import Stopped
from config import Config

LARGEST = 64 << 20  # bytes of a file
ITEM = re.compile(r"\{#([a-z0-9-]+)")
ACTION = re.compile(r"^(A\d{1,2}):", re.MULTILINE)
LANGUAGES = re.compile(r"^languages:\s*\[\s*[\"']?([A-Za-z-]+)", re.MULTILINE)

Bar = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True)
class Imported:
    """What was read, and the files that were written."""

    bank: Bank
    files: tuple[Path, ...]


def import_bank(config: Config, file: Path, into: str, format: str | None, title: str | None, bar: Bar) -> Imported:
    """Write the questions of a file as new quiz files. Raises Stopped, and then nothing is written."""
    target = page(config.content, into, "quizzes", "quiz files stand in the folder")
    known, language = look_around(config.content, config.base_url)
    try:
        text, notes = decode(_bytes(file))
        format = format or guess(file.name, text)
        with Worker() as worker, bar("Questions", text.count("\n") + 1) as step:
            found = READERS[format](text, language)
            bank = make(found, title or file.stem, language, known, worker, _moving(step))
    except Refused as refused:
        raise Stopped(f"{file.name}: {refused}") from refused
    bank.notes = notes
    return Imported(bank, tuple(_store(target, bank.files, bank.pictures)))


def page(root: Path, into: str, folder: str, reason: str) -> Path:
    """The path of a new page in this folder of the content root, named from there or from where the command runs.

    Raises Stopped, with the reason for the folder, for one elsewhere, or under a name that the check does not take.
    """
    path, home = Path(into), (root / folder).resolve()
    if path.suffix != ".md" or not re.match(ID, path.stem) or len(path.stem) > 60:
        raise Stopped(f"{into}: name it {folder}/name.md, in lower-case letters, digits and hyphens")
    if home not in ((root / path).parent.resolve(), path.parent.resolve()) or not home.is_dir():
        raise Stopped(f"{into}: {reason} {home}; write --into {folder}/name.md")
    return home / path.name


def _bytes(file: Path) -> bytes:
    if not file.is_file():
        raise Stopped(f"{file} is no file")
    if file.stat().st_size > LARGEST:
        raise Stopped(f"{file} is over {LARGEST >> 20} MB; export a part of the questions at a time")
    return file.read_bytes()


def _moving(step: Callable[[int], None]) -> Callable[[int], None]:
    """Turns "line reached" into steps of a bar."""
    reached = 0

    def move(line: int) -> None:
        nonlocal reached
        step(max(0, line - reached))
        reached = max(reached, line)

    return move


def _store(target: Path, texts: list[str], albums: list[dict[str, bytes]]) -> Iterator[Path]:
    """New files only, each with its pictures in a folder of its name: one that exists is never changed."""
    paths = [
        target if number == 1 else target.with_stem(f"{target.stem}-{number}") for number in range(1, len(texts) + 1)
    ]
    folders = [path.with_suffix("") for path, album in zip(paths, albums, strict=True) if album]
    if there := next((path for path in (*paths, *folders) if path.exists() or path.is_symlink()), None):
        raise Stopped(f"{there.name} is there already; choose another name, or take that file away first")
    for path, text, album in zip(paths, texts, albums, strict=True):
        for name, data in album.items():
            path.with_suffix("").mkdir(exist_ok=True)
            (path.with_suffix("") / name).write_bytes(data)
        with path.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
        yield path


def look_around(root: Path, site: str) -> tuple[Known, str]:
    """What the content root holds, as far as it can be read, and the language of its originals."""
    files = [one for one in read_files(root, Faults("")) if not one.language]
    texts = {folder: [one.text for one in files if one.folder == folder] for folder in ("course", "modules", "quizzes")}
    found = next((match[1] for text in texts["course"] if (match := LANGUAGES.search(text))), "en")
    return Known(
        ids=frozenset(id for text in texts["quizzes"] for id in ITEM.findall(text)),
        modules={one.stem: section_ids(one.text) for one in files if one.folder == "modules"},
        actions=frozenset(id for one in files if one.stem == "actions" for id in ACTION.findall(one.text)),
        site=site,
    ), found


def _finder(root: Path, library: Library) -> Find:
    """Opens the pictures of the course by their hash."""
    paths = {hash: path for path, hash in library.pictures.items()}

    def find(hash: str) -> Shown | None:
        path = paths.get(hash)
        return Shown(path.rpartition("/")[2], (root / path).read_bytes()) if path else None

    return find


@dataclass(frozen=True)
class Exported:
    """The file's text, how many questions are in it, and what is said of the others and of these."""

    text: str
    written: int
    remarks: tuple[LeftOut, ...]


def export_quiz(config: Config, name: str, format: str, language: str | None) -> Exported:
    """A quiz of the content root in another format. Raises Stopped."""
    library, _problems = serving.check(config)
    if library is None:
        raise Stopped("the course has errors, so nothing is exported; see `lontar check`")
    quiz = library.quizzes.get(name)
    if quiz is None:
        raise Stopped(f"there is no quiz {name}; there are: {', '.join(sorted(library.quizzes))}")
    language = language or next(iter(quiz.title))
    if language not in quiz.title:
        raise Stopped(f"quizzes/{name}.md is not translated into {language}")
    pieces = list(write(quiz, format, language, config.base_url, _finder(config.content, library)))
    remarks = tuple(piece for piece in pieces if isinstance(piece, LeftOut))
    texts = [piece for piece in pieces if isinstance(piece, str)]
    frame = {"moodle-xml": 2, "csv": 1}.get(format, 0)
    return Exported("".join(texts), len(texts) - frame, remarks)
