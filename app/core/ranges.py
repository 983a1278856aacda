"""Where in its line a problem stands, as editors count: lines and characters from 0, characters in UTF-16 units.

That is the form of the diagnostics of the Language Server Protocol.
"""

import re
from typing import NamedTuple

from app.core.content import Problem

QUOTED = re.compile(r"“([^”]+)”")


class Place(NamedTuple):
    line: int
    character: int


class Range(NamedTuple):
    """From `start` up to, without it, `end`."""

    start: Place
    end: Place


def range_of(problem: Problem, text: str) -> Range:
    """The words that the message quotes first, where its line holds them; else the line; the first one for a file.

    `text` is the file as it was read, "" where it can't be.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    row = min(max(problem.line, 1), len(lines)) - 1
    line = lines[row]
    quoted = next((words for words in QUOTED.findall(problem.message) if words in line), "") if problem.line else ""
    first = line.index(quoted) if quoted else len(line) - len(line.lstrip())
    last = first + len(quoted) if quoted else len(line.rstrip())
    return Range(Place(row, units(line[:first])), Place(row, units(line[: max(first, last)])))


def units(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
