"""Word documents in: opens what `core.exchange.word` reads, writes the module, and reads it as the check does."""

from dataclasses import dataclass
from pathlib import Path

from app.core.exchange.bank import picture
from app.core.exchange.model import Refused
from app.core.exchange.word import Found, read
from app.core.worker import Task, Worker
from app.ops.checking import Stopped
from app.ops.exchanging import look_around, page
from config import Config

LARGEST = 64 << 20  # bytes of a file


@dataclass(frozen=True)
class Imported:
    """The module that was written; what was lost, and what the check says of it, line by line."""

    found: Found
    file: Path
    problems: tuple[tuple[int, str], ...]


def import_document(config: Config, file: Path, into: str, title: str | None) -> Imported:
    """Write a document as a new module. Raises Stopped, and then nothing is written."""
    target = page(config.content, into, "modules", "a document becomes a module of the folder")
    if any(one.exists() or one.is_symlink() for one in (target, target.with_suffix(""))):
        raise Stopped(f"{target.name} is there already; choose another name, or take that file away first")
    if file.stat().st_size > LARGEST:
        raise Stopped(f"{file.name} is over {LARGEST >> 20} MB; take its pictures out, or divide it")
    known, language = look_around(config.content, config.base_url)
    try:
        found = read(file.read_bytes(), file.stem, title, known)
    except Refused as refused:
        raise Stopped(f"{file.name}: {refused}") from refused
    with Worker() as worker:
        shown = {name: picture(data) for name, data in found.pictures.items()}
        task = Task(path=f"modules/{target.name}", kind="module", text=found.text, language=language, pictures=shown)
        [(_, problems)] = worker.run([task], {language: known.context(language)})
    for name, data in found.pictures.items():
        target.with_suffix("").mkdir(exist_ok=True)
        (target.with_suffix("") / name).write_bytes(data)
    with target.open("x", encoding="utf-8", newline="\n") as opened:
        opened.write(found.text)
    return Imported(found, target, tuple(sorted((one.line, one.message) for one in problems)))
