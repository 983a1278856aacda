"""New files for authors, written where there are none, with what to do next."""

import re
from dataclasses import dataclass
from pathlib import Path

from app.core import beginning
from app.core.check import RESERVED_MODULES
from app.core.content import FOLDERS, ID
from app.core.drafts import SHARED
from app.core.files import File, read_files
from app.core.scan import Faults
from app.ops.checking import Stopped, existing
from config import Config

LONGEST = 50  # characters of an id, since ids of questions are made from it
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
LANGUAGES = re.compile(r"^languages:\s*\[([^\]]*)\]", re.MULTILINE)


@dataclass(frozen=True)
class Begun:
    """The files that were written, and the next steps in words."""

    files: tuple[Path, ...]
    next: tuple[str, ...]


def course(config: Config, id: str, title: str, language: str | None) -> Begun:
    """An outline with a first module and its quiz. Raises Stopped, and then nothing is written."""
    _id(id, SHARED)
    config.content.mkdir(parents=True, exist_ok=True)
    first = f"{id}-start"
    original = _languages(config.content)[:1] or [language or "en"]
    files = {
        f"course/{id}.yml": beginning.outline(id, title, language or original[0]),
        f"modules/{first}.md": beginning.module(title, quiz=first),
        f"quizzes/{first}.md": beginning.quiz(first, title, module=first),
    }
    if language and [language] != original:
        raise Stopped(f"the courses of this folder are written in {original[0]} first; write --language {original[0]}")
    return _write(config.content, files, (f"write modules/{first}.md and quizzes/{first}.md in your own words",))


def module(config: Config, id: str, title: str) -> Begun:
    _id(id, RESERVED_MODULES)
    steps = (f"add {id} to `modules:` of an outline in course/", f"lontar new quiz {id} --module {id}")
    return _write(existing(config), {f"modules/{id}.md": beginning.module(title)}, steps)


def quiz(config: Config, id: str, title: str, module: str | None) -> Begun:
    root = existing(config)
    _id(id, ())
    if module and not (root / f"modules/{module}.md").is_file():
        raise Stopped(f"there is no modules/{module}.md; write it first: lontar new module {module}")
    steps = (f"write `quiz: {id}` into the front matter of modules/{module or 'NAME'}.md",)
    return _write(root, {f"quizzes/{id}.md": beginning.quiz(id, title, module or "")}, steps)


def translation(config: Config, file: str, language: str) -> Begun:
    """The translation of one file, in the words of the original until somebody writes over them."""
    root = existing(config)
    if not LANGUAGE.fullmatch(language):
        raise Stopped(f"{language} is no language tag; write one like fr, vi or zh-Hans")
    original = _original(root, file)
    path = original.path.replace(".", f".{language}.", 1)
    if original.folder == "course":
        kind = original.stem if original.stem in SHARED else "outline"
        text = beginning.translated_file(kind, original.text)
    else:
        text = beginning.translated_page(original.text)
    languages = _languages(root)
    if languages[:1] == [language]:
        raise Stopped(f"{original.path} is written in {language} already")
    steps = [f"translate what stands in {path}"]
    if language not in languages:
        steps.insert(0, f"add {language} to `languages:` of every outline in course/")
    return _write(root, {path: text}, tuple(steps))


def _original(root: Path, file: str) -> File:
    """The original that is meant: named within the content root, or as a file of it."""
    given, home = Path(file).resolve(), root.resolve()
    name = given.relative_to(home).as_posix() if given.is_file() and given.is_relative_to(home) else file
    found = next((one for one in read_files(root, Faults("")) if one.path == name), None)
    if found is None or found.language:
        raise Stopped(f"{file} is no original that can be read; name one like modules/who-pays.md")
    return found


def _languages(root: Path) -> list[str]:
    """The languages of the first outline; none where there is no course yet."""
    outlines = [one.text for one in read_files(root, Faults("")) if one.folder == "course" and one.stem not in SHARED]
    found = next((match[1] for text in outlines if (match := LANGUAGES.search(text))), "")
    return [one.strip(" \"'") for one in found.split(",") if one.strip()]


def _id(id: str, taken: object) -> None:
    if not re.match(ID, id) or len(id) > LONGEST:
        raise Stopped(f"“{id}” is no id; use up to {LONGEST} lower-case letters a-z, digits and single hyphens")
    if isinstance(taken, dict | frozenset) and id in taken:
        raise Stopped(f"the name {id} is taken by Lontar itself; choose another")


def _write(root: Path, files: dict[str, str], steps: tuple[str, ...]) -> Begun:
    """All files or none; one that is there is never changed."""
    paths = {root / name: text for name, text in files.items()}
    if there := next((path for path in paths if path.exists() or path.is_symlink()), None):
        raise Stopped(f"{there.relative_to(root)} is there already; choose another name, or take that file away first")
    for folder in FOLDERS:
        (root / folder).mkdir(exist_ok=True)
    for path, text in paths.items():
        with path.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    return Begun(tuple(paths), steps)
