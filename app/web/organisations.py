"""The lists of organisations, for administrators and focal points: listing, naming, merging what people wrote."""

import uuid
from collections.abc import Mapping

from flask import abort, current_app, request
from flask.typing import ResponseReturnValue

from app.records import listings
from app.records.listings import Listed
from app.web import db
from app.web.areas import Area, area, on_both
from app.web.fields import country_choices, trimmed
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.languages import PSEUDO, Language

LONGEST = 200
MOST_AT_ONCE = 500
KINDS = {
    "ministry": N_("Ministry"),
    "agency": N_("Agency"),
    "local-government": N_("Local government"),
    "other": N_("Other"),
}
DONE = {
    "listed": N_("The list has changed."),
    "merged": N_("What was ticked now counts as the organisation of the list."),
    "unlisted": N_("The organisation is off the list. Who named it keeps it, as written."),
}


def languages() -> list[Language]:
    """The languages in which an organisation may have a name."""
    return [one for one in current_app.extensions["interface"].languages if one.tag != PSEUDO]


@on_both("/organisations")
def organisations() -> str:
    return list_page(area(), request.args.get("country", ""))


def list_page(here: Area, country: str, problems: Mapping[str, str] | None = None) -> str:
    chosen = here.country or (country if country in library_countries() else "")
    session = db.reading()
    return here.page(
        "cohorts/organisations.html",
        countries=listings.countries(session) if here.country is None else {},
        names=library_countries(),
        country=chosen,
        listed=listings.of_country(session, chosen),
        written=listings.written(session, chosen) if chosen else [],
        kinds=KINDS,
        errors=problems or {},
        done=_(DONE[done]) if (done := request.args.get("done", "")) in DONE else "",
    )


def library_countries() -> dict[str, str]:
    return {code: name for code, name in country_choices().items() if code}


@on_both("/organisations/add", methods=("POST",))
def add_organisations() -> ResponseReturnValue:
    """List organisations of one kind, one name a line; names that are listed already change nothing."""
    here, country, kind = area(), country_of_form(), request.form.get("kind", "")
    names = [trimmed(line)[:LONGEST] for line in request.form.get("names", "").splitlines()]
    wanted = [name for name in dict.fromkeys(names) if any(one.isalnum() for one in name)]
    problems = {}
    if not wanted or len(wanted) > MOST_AT_ONCE:
        problems["names"] = _("Write the names, one on each line.")
    if kind not in KINDS:
        problems["kind"] = _("Choose a kind.")
    if problems:
        return list_page(here, country, problems), 422
    for name in wanted:
        try:
            id = listings.put(db.writing(), country, kind, {languages()[0].tag: name}, db.now())
        except listings.Conflict:
            continue
        here.note("organisation", id, f"listed in {country}")
    db.commit()
    return here.go("organisations", country=country, done="listed")


def country_of_form() -> str:
    """The country that a form is about, if this person may change its list."""
    country = request.form.get("country", "")
    if country not in library_countries() or not area().allows(country):
        abort(404)
    return country


@on_both("/organisations/merge", methods=("POST",))
def merge_organisations() -> ResponseReturnValue:
    """Let what people wrote count as an organisation of the list: asked once more first, since it stays so."""
    here, country, sure = area(), country_of_form(), "sure" in request.form
    session = db.writing() if sure else db.reading()
    into = db.as_id(request.form.get("into", ""))
    target = listings.find(session, into) if into else None
    ticked = {db.as_id(text) or abort(404) for text in request.form.getlist("written")}
    if target is None or target.country != country or not ticked:
        return not_merged(country, _("Tick what people wrote, and choose the organisation that they meant."))
    try:
        written = listings.chosen(session, country, ticked)
    except LookupError:
        abort(404)
    except listings.Gone:
        return not_merged(country, _("Some of it was merged or listed meanwhile. Nothing was changed: look again."))
    if not sure:
        return here.page("cohorts/merging.html", country=country, target=target, written=written)
    for one in written:
        here.note("merge", one.id, f"{target.id} {listings.merge(session, one.id, target.id, db.now())}")
    db.commit()
    return here.go("organisations", country=country, done="merged")


def not_merged(country: str, words: str) -> ResponseReturnValue:
    db.rollback()
    return list_page(area(), country, {"into": words}), 422


@on_both("/organisations/<uuid:organisation>", methods=("GET", "POST"))
def organisation(organisation: uuid.UUID) -> ResponseReturnValue:
    """One organisation of the list: its names in each language and its kind."""
    here, found = area(), listed_or_404(organisation)
    if request.method != "POST":
        return organisation_page(here, found)
    if "unlist" in request.form:
        listings.unlist(db.writing(), found.id)
        here.note("organisation", found.id, "off the list")
        db.commit()
        return here.go("organisations", country=found.country, done="unlisted")
    names = {one.tag: trimmed(request.form.get(f"name-{one.tag}"))[:LONGEST] for one in languages()}
    kind = request.form.get("kind", "")
    try:
        listings.put(db.writing(), found.country, kind, names, db.now(), found.id)
    except ValueError:
        db.rollback()
        return organisation_page(here, found, _("Write at least one name and choose a kind.")), 422
    except listings.Conflict as conflict:
        db.rollback()
        words = _("Another organisation of the list has the name “%(name)s”.", name=conflict)
        return organisation_page(here, found, words), 422
    here.note("organisation", found.id, f"changed in {found.country}")
    db.commit()
    return here.go("organisations", country=found.country, done="listed")


def organisation_page(here: Area, found: Listed, problem: str = "") -> str:
    first = f"name-{languages()[0].tag}"
    values = {"languages": languages(), "kinds": KINDS, "errors": {first: problem} if problem else {}}
    merged = listings.merged(db.reading(), found)
    return here.page("cohorts/organisation.html", found=found, merged=merged, **values)


def listed_or_404(id: uuid.UUID) -> Listed:
    found = listings.find(db.reading(), id)
    if found is None or not area().allows(found.country):
        abort(404)
    return found
