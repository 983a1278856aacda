"""For administrators: the list of people, searched in any script, filtered by what they state and how far they are."""

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import filters, progress
from app.core.content import in_language
from app.core.filters import NOT_STATED, Filters, Unfit
from app.records import learners, listings, people
from app.web import db
from app.web.admin import A_PAGE, blueprint
from app.web.db import settings
from app.web.fields import AGE_BANDS, MINISTRY_TYPES, SEXES, country_choices, trimmed
from app.web.i18n import N_, spoken
from app.web.i18n import gettext as _
from app.web.languages import LANGUAGES
from app.web.library import library

OTHERS = ("q", "after", "done")  # of the address, beside filters
LONGEST = 100  # letters of a search
STATUSES = {
    "not-started": N_("Not started"),
    "started": N_("In progress"),
    "completed": N_("Completed"),
}
GROUPS = {
    "ldc": N_("Least developed countries"),
    "lldc": N_("Landlocked developing countries"),
    "sids": N_("Small island developing states"),
}


@blueprint.get("/learners", endpoint="learners")
def list_learners() -> ResponseReturnValue:
    """People by name, in any script; pages by key, so that the last is as fast as the first. An id finds a person."""
    session = db.reading()
    wanted = trimmed(request.args.get("q"))[:LONGEST]
    id = db.as_id(wanted)
    if id and people.find(session, id):
        return redirect(url_for("admin.learner", person=id), 303)
    chosen, problems = read_filters()
    if problems:
        return make_response(page(wanted, chosen, learners.Page([], None), problems), 422)
    found = learners.search(session, wanted, request.args.get("after") or None, A_PAGE, chosen, library())
    return page(wanted, chosen, found, {})


def read_filters() -> tuple[Filters, dict[str, str]]:
    """What is asked for, and what is wrong with it, by filter. A period says nothing of a list of people."""
    given = {name: request.args.getlist(name) for name in request.args if name not in OTHERS}
    everybody = Filters(course=next(iter(library().courses)))
    if any(given.pop("period", ())):
        return everybody, {"period": _("A list of people has no period.")}
    if not given.get("course"):
        given["course"] = [everybody.course]
    try:
        return filters.read(given, library(), settings().languages), {}
    except Unfit as error:
        words = {"contradiction": _("This country is not in the group."), "several": _("Choose one.")}
        return everybody, {name: words.get(why, _("There is no such choice.")) for name, why in error.problems.items()}


def page(wanted: str, chosen: Filters, found: learners.Page, problems: dict[str, str]) -> str:
    offered = choices(chosen)
    narrowed = {name: values for name, values in chosen.as_args().items() if name != "course"}
    asked = narrowed | ({"course": [chosen.course]} if len(library().courses) > 1 else {})
    return render_template(
        "admin/learners.html",
        query=wanted,
        later="after" in request.args,
        found=found,
        filters=asked,
        narrowed=narrowed,
        choices=offered,
        chosen=[values.get(one, one) for name, _label, values in offered for one in narrowed.get(name, ())],
        problems=problems,
        first=dict.fromkeys(problems.keys() - {name for name, *_rest in offered}, "q"),
        done=_("The account is erased.") if request.args.get("done") == "erased" else "",
        courses=library().courses.values(),
        trace=lambda course, facts: progress.assess(library(), course, facts, db.now()),
        library=library(),
    )


def choices(chosen: Filters) -> list[tuple[str, str, dict[str, str]]]:
    """The filters that are offered: name, label, value -> words. Organisations are those of the one chosen country."""
    tag = spoken().language.tag
    not_stated = {NOT_STATED: _("Not stated")}
    several = {"": _("All")}
    offered: list[tuple[str, str, dict[str, Any]]] = [
        ("status", _("State"), translated(STATUSES)),
        ("country", _("Country"), {code: name for code, name in country_choices().items() if code} | not_stated),
        ("group", _("Group of countries"), groups()),
        ("sex", _("Sex"), translated(SEXES) | not_stated),
        ("ministry_type", _("Kind of ministry"), translated(MINISTRY_TYPES) | not_stated),
        ("age_band", _("Age"), translated(AGE_BANDS) | not_stated),
        ("language", _("Language"), {one: LANGUAGES[one].autonym for one in settings().languages}),
    ]
    if len(chosen.country) == 1 and (listed := listings.of_country(db.reading(), chosen.country[0])):
        names = {one.id.hex: one.in_language(tag) for one in listed}
        offered.append(("organisation", _("Organisation"), names | not_stated))
    if len(library().courses) > 1:
        titles = {one.id: in_language(one.title, tag)[1] for one in library().courses.values()}
        offered.insert(0, ("course", _("Course"), titles))
    return [(name, label, values if name == "course" else several | values) for name, label, values in offered]


def translated(words: dict[str, str]) -> dict[str, str]:
    return {name: _(one) for name, one in words.items()}


def groups() -> dict[str, str]:
    """Subregions as the list of countries calls them, then the blocs."""
    named = {one: one for one in filters.subregions(library())}
    blocs = {name: _(words) for name, words in GROUPS.items() if filters.members_of(library(), name)}
    return named | blocs
