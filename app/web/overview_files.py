"""A page of the overview as a file: what its numbers are about, and a name that tells it from others."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from app.web.filter_words import LABELS
from app.web.i18n import gettext as _
from app.web.i18n import spoken
from app.web.overview_tables import About
from app.web.report import Named

LONGEST = 80  # letters of a file's name that say what was chosen
OTHERS = re.compile("[^A-Za-z0-9_]+")


class Chosen(NamedTuple):
    """A filter that is asked for: its values as in `Filters`, and the same in words."""

    name: str
    values: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def label(self) -> str:
        return _(LABELS[self.name])


def about_rows(about: About, chosen: Sequence[Chosen]) -> list[Named]:
    """Course, filters, moment, time zone and release, each with its name. The period is always said."""
    found = [(_("Course"), str(spoken().shown(about.course.title).value))]
    if not about.bounded:
        found.append((_("Period"), _("Since the beginning")))
    found += [(one.label, ", ".join(one.words)) for one in chosen]
    found.append((_("As of"), about.now.astimezone(about.zone).isoformat(timespec="seconds")))
    return [*found, (_("Time zone"), about.zone.key), (_("Release"), about.library.release)]


def file_name(about: About, part: str, chosen: Sequence[Chosen]) -> str:
    """ASCII letters, digits, "-" and "_" alone, and of a bounded length: page, course, filters, day."""
    said = "-".join(
        _short(one, value, words) for one in chosen for value, words in zip(one.values, one.words, strict=True)
    )
    if len(said) > LONGEST:
        said = said[:LONGEST].rpartition("-")[0] + "-and-more"
    day = about.now.astimezone(about.zone).strftime("%Y-%m-%d")
    return "-".join(filter(None, (part, _plain(about.course.id)[:LONGEST], said, day))) + ".csv"


def _short(one: Chosen, value: str, words: str) -> str:
    if not value:
        return f"{one.name}-not-stated"
    if one.name == "organisation":  # its id says nothing; a name in another script is written with few of its letters
        return _plain(words) or value[-8:]
    return _plain(value.replace("..", "-to-"))


def _plain(text: str) -> str:
    """The text without accents, in place of all else a hyphen."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return OTHERS.sub("-", bare).strip("-")
