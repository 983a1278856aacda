"""The counts of a course as lines of tables: one a country, sex or kind of ministry, "not stated" always last."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.records.reports import Overview
from app.web.fields import MINISTRY_TYPES, SEXES, country_choices
from app.web.i18n import gettext as _

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Line:
    """The counts of one group. Shares of the enrolled are hundredths of a per cent, cut to tenths of a per cent."""

    words: str
    enrolled: int
    started: int
    completed: int
    certificates: int

    @property
    def share(self) -> int | None:
        """Completed of enrolled; None where nobody is enrolled."""
        return self.completed * 1000 // self.enrolled * 10 if self.enrolled else None

    @property
    def begun(self) -> int:
        """Started of enrolled."""
        return self.started * 1000 // self.enrolled * 10 if self.enrolled else 0


def line(words: str, counts: Counts) -> Line:
    return Line(words, *(counts.get(measure, 0) for measure in ("enrolled", "started", "completion", "certificate")))


def total(overview: Overview) -> Line:
    return line(_("All"), overview.totals)


def by_country(overview: Overview) -> list[Line]:
    """The countries that somebody stated, by their names in the reader's language, "other" behind them: no ranking."""
    found = overview.by["country"]
    names = {code: name for code, name in country_choices().items() if code in found}
    unknown = {code: code for code in sorted(found) if code not in names}
    return lines(found, names | unknown)


def by_sex(overview: Overview) -> list[Line]:
    return lines(overview.by["sex"], {value: _(words) for value, words in SEXES.items()})


def by_ministry_type(overview: Overview) -> list[Line]:
    return lines(overview.by["ministry_type"], {value: _(words) for value, words in MINISTRY_TYPES.items()})


def lines(found: Mapping[str, Counts], named: Mapping[str, str]) -> list[Line]:
    """One line for each value in this order; "not stated" stands last even where nobody left it open."""
    stated = [line(words, found.get(value, {})) for value, words in named.items() if value]
    return [*stated, line(_("Not stated"), found.get("", {}))]
