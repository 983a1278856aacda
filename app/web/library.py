"""The compiled course in this process's memory, and what pages look up in it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from flask import Flask, abort, current_app, request

from app.core.compiled import KEPT, read_library
from app.core.content import FOLDERS, Course, Item, Library, Module, Quiz, Section, flatten
from config import Config

POINTER = "library.current"


class BrokenContent(RuntimeError):
    """The course files have errors; the message lists them."""


@dataclass
class Shelf:
    """The library that is served, with an index by item; in debug mode it looks at the files before each request."""

    library: Library
    items: Mapping[str, Item] = field(default_factory=dict)
    seen: float = 0.0

    def __post_init__(self) -> None:
        self.put(self.library)

    def put(self, library: Library) -> None:
        self.library = library
        self.items = {item.id: item for quiz in library.quizzes.values() for item in flatten(quiz.items)}


def init(app: Flask, config: Config, given: Library | None) -> None:
    shelf = Shelf(given or compiled(config) or checked(config))
    app.extensions["shelf"] = shelf
    if config.debug:
        shelf.seen = newest(config.content)
        app.before_request(lambda: look_again(shelf, config))


def library() -> Library:
    found: Library = current_app.extensions["shelf"].library
    return found


def compiled(config: Config) -> Library | None:
    """What `lontar serve` or `lontar reload` compiled last, or None if nothing was."""
    pointer = config.instance / POINTER
    if config.debug or not pointer.exists():
        return None
    return read_library(config.instance / pointer.read_text().strip())


def checked(config: Config) -> Library:
    """The library straight from the files; raises BrokenContent."""
    from app.core.load import load  # a server that reads what was compiled has no use for it

    found, problems = load(
        config.content, figure_months=config.figure_months, today=date.today(), kept=config.instance / KEPT
    )
    if found is None:
        raise BrokenContent("\n".join(str(problem) for problem in problems if problem.severity == "error"))
    return found


def newest(root: Path) -> float:
    """When a content file was last written, added or taken away; what an editor makes and drops meanwhile is passed."""
    folders = [root / name for name in FOLDERS]
    latest = 0.0
    for path in (one for folder in folders for one in (folder, *folder.rglob("*"))):
        with suppress(FileNotFoundError):
            latest = max(latest, path.stat().st_mtime)
    return latest


def look_again(shelf: Shelf, config: Config) -> None:
    """Debug mode: an edited file shows at this request; a broken one says where, and the last good course stays."""
    if request.endpoint in ("pages.asset", "pages.icon") or (stamp := newest(config.content)) == shelf.seen:
        return
    shelf.seen = stamp
    try:
        shelf.put(checked(config))
    except BrokenContent as error:
        current_app.logger.error("the course was not reloaded:\n%s", error)


def modules_of(course: Course) -> list[Module]:
    return [library().modules[id] for id in course.modules]


def course_or_404(course: str) -> Course:
    return library().courses.get(course) or abort(404)


def module_or_404(course: Course, module: str) -> Module:
    return library().modules[module] if module in course.modules else abort(404)


def section_or_404(module: Module, section: str) -> Section:
    return next((one for one in module.sections if one.id == section), None) or abort(404)


def quiz_or_404(course: Course, quiz: str) -> Quiz:
    found = library().quizzes.get(quiz)
    owner = library().course_of_quiz(quiz)
    return found if found and found.graded and owner == course else abort(404)


def item_or_404(item: str) -> Item:
    found: Item | None = current_app.extensions["shelf"].items.get(item)
    return found or abort(404)
