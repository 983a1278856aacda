"""Rows of a table -> people to invite, or why not: which column is which, and what each cell must hold."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.core.cells import guard
from app.core.names import clean_name
from app.core.profile import MINISTRY_TYPES
from app.core.tables import Refusal, Unreadable

LONGEST = 200
# What a header may say, in English and French; spaces, hyphens and capitals don't matter.
COLUMNS = {
    "name": ("name", "fullname", "nom", "nomcomplet"),
    "name_latin": ("namelatin", "nameinlatinletters", "latinname", "nomlatin"),
    "email": ("email", "emailaddress", "mail", "courriel", "adresseelectronique"),
    "language": ("language", "langue"),
    "country": ("country", "countrycode", "pays"),
    "sex": ("sex", "sexe"),
    "ministry_type": ("ministrytype", "kindofministry", "typedeministere"),
    "organisation": ("organisation", "organization"),
    "key": ("key", "staffnumber", "staffno", "id", "matricule", "cle"),
}
ONE_LINE = ("name", "name_latin", "email", "key")  # several lines may be several people
SEXES = {
    **dict.fromkeys(("woman", "female", "f", "femme"), "woman"),
    **dict.fromkeys(("man", "male", "m", "homme", "h"), "man"),
    **dict.fromkeys(("other", "autre"), "other"),
}


class Bounds(NamedTuple):
    """What a site knows: `countries`: compared name -> code; `own`: the one country that is allowed, or None."""

    countries: Mapping[str, str]
    languages: Sequence[str]
    own: str | None


class Row(NamedTuple):
    """A row that can be invited."""

    name: str
    name_latin: str
    email: str
    language: str
    about: dict[str, str]
    key: str


def compared(text: str) -> str:
    """A header or a country's name without capitals, accents, spaces and hyphens."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in parts if one.isalnum())


def columns_of(header: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Which column stands where, and the headers that are not used. Raises Unreadable: name, twice."""
    places: dict[str, int] = {}
    unused = []
    known = {words: column for column, several in COLUMNS.items() for words in several}
    for place, words in enumerate(header):
        column = known.get(compared(words))
        if column is None:
            unused += [words] if words else []
        elif column in places:
            raise Unreadable("twice")
        else:
            places[column] = place
    if "name" not in places:
        raise Unreadable("name")
    return places, unused


def judge(cells: Sequence[str] | Refusal, places: Mapping[str, int], bounds: Bounds) -> Row | Refusal:
    """A row as somebody to invite, or the first reason why not: what the table says, or lines, long, formula, name,
    email, country, another-country, sex, ministry or language."""
    if isinstance(cells, Refusal):
        return cells
    said = {column: cells[place] if place < len(cells) else "" for column, place in places.items()}
    for column, text in said.items():
        if "\n" in text and column in ONE_LINE:
            return Refusal("lines", column)
        said[column] = text = text.replace("\n", " ")
        if len(text) > LONGEST:
            return Refusal("long", column)
        if guard(text) != text:
            return Refusal("formula", column)
    name, email = clean_name(said["name"]), said.get("email", "")
    if not any(one.isalpha() for one in name):
        return Refusal("name", "")
    if email and ("@" not in email[1:-1] or set(email) & set(" ,;<>")):
        return Refusal("email", email)
    about = _about(said, bounds)
    if isinstance(about, Refusal):
        return about
    language = said.get("language", "") or bounds.languages[0]
    if language not in bounds.languages:
        return Refusal("language", language)
    return Row(name, clean_name(said.get("name_latin", "")), email, language, about, said.get("key", ""))


def _about(said: Mapping[str, str], bounds: Bounds) -> dict[str, str] | Refusal:
    """The profile of a row, without what it leaves open."""
    about = {"country": bounds.own or ""}
    if country := said.get("country", ""):
        about["country"] = bounds.countries.get(compared(country), "")
        if not about["country"]:
            return Refusal("country", country)
        if bounds.own and about["country"] != bounds.own:
            return Refusal("another-country", country)
    if sex := said.get("sex", ""):
        about["sex"] = SEXES.get(sex.casefold(), "")
        if not about["sex"]:
            return Refusal("sex", sex)
    if ministry := said.get("ministry_type", ""):
        about["ministry_type"] = ministry.casefold().replace(" ", "-")
        if about["ministry_type"] not in MINISTRY_TYPES:
            return Refusal("ministry", ministry)
    about["organisation"] = said.get("organisation", "")
    return {name: value for name, value in about.items() if value}
