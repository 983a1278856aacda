"""How many officials are to be trained: what lines of several sources say together, and rows of a file as lines."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from app.core.cells import guard
from app.core.invitees import SEXES, compared
from app.core.tables import Refusal, Unreadable

MOST = 100_000_000  # people: more is a slip of the keyboard
LONGEST = 300
ALL = ""  # of whatever sex
COLUMNS = {
    "country": ("country", "countrycode", "pays"),
    "organisation": ("organisation", "organization"),
    "sex": ("sex", "sexe"),
    "n": ("n", "number", "officials", "people", "nombre", "effectif"),
    "source": ("source",),
    "day": ("day", "date", "asof", "jour"),
}
NEEDED = ("n", "source", "day")
EVERYBODY = ("", "all", "both", "total", "tous", "ensemble")


class Line(NamedTuple):
    """`n` officials of a country, or of one of its organisations (an id, "": the country as a whole)."""

    country: str
    organisation: str
    sex: str
    n: int
    source: str
    day: date


class Row(NamedTuple):
    """A row of a file that can be taken over; `organisation` is its name."""

    country: str
    organisation: str
    sex: str
    n: int
    source: str
    day: date


def meant(lines: Collection[Line], sexes: Collection[str] = ()) -> int | None:
    """How many officials of one place its lines name, of these sexes (of all, where none is asked for); None where
    they do not say. A line for everybody wins over the sum of women, men and others, of whom there need be no line."""
    by_sex = {one.sex: one.n for one in lines}
    if not sexes and ALL in by_sex:
        return by_sex[ALL]
    wanted = set(sexes or ("woman", "man", "other"))
    needed = wanted - {"other"} or wanted
    return sum(by_sex.get(sex, 0) for sex in wanted) if needed <= by_sex.keys() - {ALL} else None


def meant_of_country(lines: Collection[Line], sexes: Collection[str] = ()) -> int | None:
    """The same for a country: what is said of it as a whole, or else the sum of its organisations."""
    whole = meant([one for one in lines if not one.organisation], sexes)
    if whole is not None:
        return whole
    of_each = [meant([line for line in lines if line.organisation == id], sexes)
               for id in {one.organisation for one in lines if one.organisation}]  # fmt: skip
    said = [n for n in of_each if n is not None]
    return sum(said) if said else None


def of_one_sex(lines: Collection[Line]) -> int:
    """How many places have a number for one sex only, so that nothing can be said of them where no sex is asked for."""
    places: dict[tuple[str, str], list[Line]] = {}
    for one in lines:
        places.setdefault((one.country, one.organisation), []).append(one)
    return sum(meant(several) is None for several in places.values())


def number(text: str) -> int | None:
    """How many officials a cell says, spaces and commas between thousands left out; None for anything else."""
    digits = "".join(one for one in text if one not in " ,\u00a0\u202f")
    n = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 12 else None
    return n if n is not None and n <= MOST else None


def day(text: str, today: date) -> date | None:
    """The day of a cell, `YYYY-MM-DD`, or `YYYY` for the last of December; None for anything else, or for one that is
    yet to come."""
    try:
        found = (
            date(int(text), 12, 31)
            if text.isascii() and text.isdigit() and len(text) == 4
            else date.fromisoformat(text)
        )
    except ValueError:
        return None
    if len(text) == 4 and found.year == today.year:
        return today
    return found if found <= today else None


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """Which column stands where. Raises Unreadable: columns (one that is needed lacks), twice."""
    known = {words: column for column, several in COLUMNS.items() for words in several}
    places: dict[str, int] = {}
    for place, words in enumerate(header):
        column = known.get(compared(words))
        if column in places:
            raise Unreadable("twice")
        if column:
            places[column] = place
    if any(name not in places for name in NEEDED):
        raise Unreadable("columns")
    return places


def judge(
    cells: Sequence[str] | Refusal,
    places: Mapping[str, int],
    countries: Mapping[str, str],
    own: str | None,
    today: date,
) -> Row | Refusal:
    """A row of a file, or the first reason why not: what the table says, or country, another-country, sex, number,
    source, day, formula.

    `countries`: compared name or code -> code; `own`: the one country that is allowed, which a row may leave out.
    """
    if isinstance(cells, Refusal):
        return cells
    said = {column: cells[at].replace("\n", " ") if at < len(cells) else "" for column, at in places.items()}
    country = countries.get(compared(said["country"]), "") if said.get("country") else own or ""
    if not country:
        return Refusal("country", said.get("country", ""))
    if own and country != own:
        return Refusal("another-country", said["country"])
    sex_said = said.get("sex", "").casefold()
    sex = ALL if sex_said in EVERYBODY else SEXES.get(sex_said)
    if sex is None:
        return Refusal("sex", said["sex"])
    n = number(said["n"])
    if n is None:
        return Refusal("number", said["n"])
    for column in ("organisation", "source"):
        if guard(said.get(column, "")) != said.get(column, ""):
            return Refusal("formula", column)
    if not said["source"] or len(said["source"]) > LONGEST:
        return Refusal("source", said["source"][:40])
    when = day(said["day"], today)
    if when is None:
        return Refusal("day", said["day"])
    return Row(country, said.get("organisation", ""), sex, n, said["source"], when)
