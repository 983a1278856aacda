"""For administrators: the list of people, searched in any script, filtered by what they state and how far they are."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import filters, progress
from app.core.filters import Filters, Unfit
from app.records import learners, listings, people
from app.records.filtering import check
from app.web import db
from app.web.admin import A_PAGE, blueprint
from app.web.db import settings
from app.web.fields import trimmed
from app.web.filter_words import LABELS, not_stated, offered, translated
from app.web.i18n import N_, spoken
from app.web.i18n import gettext as _
from app.web.library import library

OTHERS = ("q", "after", "done")  # of the address, beside filters
LONGEST = 100  # letters of a search
ASKED = ("country", "group", "sex", "ministry_type", "age_band", "language")
CONTRADICTIONS = {
    "country": N_("This country is not in the group."),
    "organisation": N_("This organisation is in a country that is not chosen."),
}
STATUSES = {
    "not-started": N_("Not started"),
    "started": N_("In progress"),
    "completed": N_("Completed"),
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
        return check(db.reading(), filters.read(given, library(), settings().languages), library()), {}
    except Unfit as error:
        return everybody, {name: problem_words(name, why) for name, why in error.problems.items()}


def problem_words(name: str, why: str) -> str:
    if why == "contradiction":
        return _(CONTRADICTIONS[name])
    return _("Choose one.") if why == "several" else _("There is no such choice.")


def page(wanted: str, chosen: Filters, found: learners.Page, problems: dict[str, str]) -> str:
    there = choices(chosen)
    narrowed = {name: values for name, values in chosen.as_args().items() if name != "course"}
    asked = narrowed | ({"course": [chosen.course]} if len(library().courses) > 1 else {})
    return render_template(
        "admin/learners.html",
        query=wanted,
        later="after" in request.args,
        found=found,
        filters=asked,
        narrowed=narrowed,
        choices=there,
        chosen=[values.get(one, one) for name, _label, values in there for one in narrowed.get(name, ())],
        problems=problems,
        first=dict.fromkeys(problems.keys() - {name for name, *_rest in there}, "q"),
        done=_("The account is erased.") if request.args.get("done") == "erased" else "",
        courses=library().courses.values(),
        trace=lambda course, facts: progress.assess(library(), course, facts, db.now()),
        library=library(),
    )


def choices(chosen: Filters) -> list[tuple[str, str, dict[str, str]]]:
    """The filters that are offered: name, label, value -> words. Organisations are those of the one chosen country."""
    asked: dict[str, dict[str, str]] = {"status": translated(STATUSES)}
    if len(library().courses) > 1:
        asked = {"course": offered("course")} | asked
    asked |= {name: offered(name) for name in ASKED}
    if len(chosen.country) == 1 and (listed := listings.of_country(db.reading(), chosen.country[0])):
        tag = spoken().language.tag
        asked["organisation"] = {one.id.hex: one.in_language(tag) for one in listed} | not_stated()
    everybody = {"": _("All")}
    return [(name, _(LABELS[name]), there if name == "course" else everybody | there) for name, there in asked.items()]
