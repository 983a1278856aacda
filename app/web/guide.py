"""What the authors' guide says of each code of the check; the guide itself is read, so that nothing is said twice."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

GUIDE = Path(__file__).parents[2] / "docs" / "authoring.md"
CHAPTER = "What the check says"
SECTION = re.compile(r"### (.+)")
ROW = re.compile(r"\| ((?:`[a-z-]+`(?:, )?)+) \| (.+?) \| (.+?) \|")
CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Explained:
    """A code of the check: the section of the guide that explains it, and what it means, as HTML."""

    section: str
    meaning: Markup


@cache
def explained() -> dict[str, Explained]:
    """Every code that the guide explains; empty where the guide was not installed with the application."""
    if not GUIDE.exists():
        return {}
    chapter = GUIDE.read_text(encoding="utf-8").partition(f"## {CHAPTER}\n")[2].partition("\n## ")[0]
    found, section = {}, CHAPTER
    for line in chapter.splitlines():
        if title := SECTION.fullmatch(line):
            section = title[1]
        elif row := ROW.fullmatch(line):
            for code in CODE.findall(row[1]):
                found[code] = Explained(section, html(row[2]))
    return found


def html(text: str) -> Markup:
    """Markdown of one table cell, which knows no other mark than code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))
