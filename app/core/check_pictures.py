"""Pictures that nobody shows, that belong to no file, or that take long on a slow link."""

from collections.abc import Sequence

from app.core.files import File
from app.core.pictures import HEAVY, Picture, as_bytes, picture_of
from app.core.scan import Faults

SLOW = 6250  # bytes a second: 50 kbit/s


def albums(files: Sequence[File]) -> dict[str, dict[str, Picture]]:
    """The pictures of each module and quiz: "modules/why" -> name -> picture."""
    found: dict[str, dict[str, Picture]] = {}
    for one in files:
        if one.folder == "pictures":
            folder, _, name = one.path.rpartition("/")
            found.setdefault(folder, {})[name] = picture_of(one.text)
    return found


def check(files: Sequence[File], faults: Faults) -> None:
    """Names them as warnings: a course is shown with them all the same."""
    pages: dict[str, list[str]] = {}
    for one in files:
        pages.setdefault(f"{one.folder}/{one.stem}", []).append(one.text)
    for one in files:
        if one.folder != "pictures":
            continue
        folder, _, name = one.path.rpartition("/")
        fault, texts = Faults(one.path, faults.found), pages.get(folder)
        if not texts:
            fault(0, "unused", f"There is no file {folder}.md that could show this picture.", "warning")
        elif not any(f"]({name})" in text for text in texts):
            fault(0, "unused", f"{folder}.md does not show this picture. Write ![what it shows]({name}).", "warning")
        size = len(as_bytes(one.text))
        if size > HEAVY:
            advice = f"{size // 1000} kB take {size // SLOW} seconds on a slow link. Make the picture smaller."
            fault(0, "page-weight", advice, "warning")
