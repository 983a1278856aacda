"""The problems of a check as text for people, as lines for editors, and as JSON for programs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.core.content import Problem
from app.core.ranges import Range, range_of

FORMATS = ("text", "lines", "json")


def told(problems: list[Problem], root: Path, style: str) -> Iterator[str]:
    """What a check prints: a line for each problem, or one JSON array."""
    if style == "text":
        yield from map(str, problems)
        return
    places = dict(zip(problems, ranges(problems, root), strict=True))
    if style == "lines":
        yield from (in_a_line(one, place) for one, place in places.items())
    else:
        yield json.dumps([as_row(one, place) for one, place in places.items()], ensure_ascii=False, indent=1)


def summary(problems: list[Problem]) -> str:
    errors = sum(one.severity == "error" for one in problems)
    return f"{errors} error(s), {len(problems) - errors} warning(s)"


def ranges(problems: list[Problem], root: Path) -> Iterator[Range]:
    texts: dict[str, str] = {}
    for one in problems:
        if one.path not in texts:
            texts[one.path] = _text(root / one.path)
        yield range_of(one, texts[one.path])


def _text(path: Path) -> str:
    """A file as editors show it; "" for folders, links and what can't be read."""
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open("rb") as file:
        return file.read(1 << 20).decode("utf-8-sig", "replace")


def in_a_line(one: Problem, place: Range) -> str:
    """`path:line:column:line:column: severity[code]: message`, counted from 1 as problem matchers do."""
    (line, column), (last, end) = place
    where = f"{line + 1}:{column + 1}:{last + 1}:{end + 1}"
    return f"{one.path}:{where}: {one.severity}[{one.code}]: {one.message}"


def as_row(one: Problem, place: Range) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(one, name) for name in one.__struct_fields__}
    return {**row, "range": {"start": place.start._asdict(), "end": place.end._asdict()}}
