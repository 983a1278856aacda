"""The words of filters of reports, lists and exports: what each asks, what it offers in the reader's language."""

from collections.abc import Mapping

from app.core.filters import BLOCS, NOT_STATED, members_of, subregions
from app.web.db import settings
from app.web.fields import AGE_BANDS, MINISTRY_TYPES, SEXES, country_choices
from app.web.i18n import N_, spoken
from app.web.i18n import gettext as _
from app.web.languages import LANGUAGES
from app.web.library import library

LABELS = {
    "course": N_("Course"),
    "period": N_("Period"),
    "status": N_("How far"),
    "group": N_("Group of countries"),
    "country": N_("Country or area"),
    "sex": N_("Sex"),
    "ministry_type": N_("Kind of ministry"),
    "organisation": N_("Organisation"),
    "age_band": N_("Age"),
    "language": N_("Language"),
}
SUBREGIONS = {
    "East and North-East Asia": N_("East and North-East Asia"),
    "North and Central Asia": N_("North and Central Asia"),
    "Pacific": N_("Pacific"),
    "South and South-West Asia": N_("South and South-West Asia"),
    "South-East Asia": N_("South-East Asia"),
    "non-regional": N_("Members outside the region"),
}
BLOC_NAMES = {
    "ldc": N_("Least developed countries"),
    "lldc": N_("Landlocked developing countries"),
    "sids": N_("Small island developing States"),
}
STATED = {"sex": SEXES, "ministry_type": MINISTRY_TYPES, "age_band": AGE_BANDS}


def not_stated() -> dict[str, str]:
    """The choice of those who left a question open, as an address writes it."""
    return {NOT_STATED: _("Not stated")}


def offered(name: str) -> dict[str, str]:
    """What a filter of this name offers, value in the address -> words; organisations and periods depend on more."""
    if name == "course":
        return {id: str(spoken().shown(course.title).value) for id, course in library().courses.items()}
    if name == "country":
        return {code: words for code, words in country_choices().items() if code} | not_stated()
    if name == "group":
        return groups()
    if name == "language":
        return {tag: LANGUAGES[tag].autonym for tag in settings().languages if tag in LANGUAGES}
    return translated(STATED[name]) | not_stated()


def groups() -> dict[str, str]:
    """Subregions by their names, then the blocs that have members."""
    named = {name: group_words(name) for name in subregions(library())}
    blocs = {name: group_words(name) for name in BLOCS if members_of(library(), name)}
    return dict(sorted(named.items(), key=lambda one: one[1])) | blocs


def group_words(name: str) -> str:
    """A subregion or bloc in the reader's language; one that only this course has stays as its file names it."""
    words = SUBREGIONS.get(name) or BLOC_NAMES.get(name)
    return _(words) if words else name


def translated(words: Mapping[str, str]) -> dict[str, str]:
    return {value: _(text) for value, text in words.items() if value}
