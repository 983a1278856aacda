"""Cohorts and their keys, for administrators and, in their own country, for focal points."""

import uuid

from flask import abort, make_response, request
from flask.typing import ResponseReturnValue

from app.records import cohorts as records
from app.records import imports, invitations, listings
from app.records.cohort_tables import Cohort
from app.web import db, mail
from app.web.areas import Area, area, on_both
from app.web.cohort_forms import CohortForm, KeyForm
from app.web.i18n import N_, spoken
from app.web.i18n import gettext as _
from app.web.sessions import required

A_PAGE = 50
LISTS = {
    imports.READING: N_("is being read"),
    imports.READ: N_("waits for your yes"),
    imports.BROKEN: N_("was not read to its end, nothing is imported"),
}
STATES = {
    "invited": N_("Invited, no answer yet"),
    "registered": N_("Registered, not started"),
    "started": N_("Started"),
    "completed": N_("Completed"),
}
DONE = {
    "made": N_("The cohort is made. Now make a key, or invite people."),
    "changed": N_("Your changes are saved."),
    "closed": N_("The cohort is closed: nobody can join any more. Its members go on learning."),
    "opened": N_("The cohort is open again."),
    "key": N_("The key is made. Give it to the people who shall join."),
    "revoked": N_("The key lets nobody in any more. Who came in stays."),
    "invited": N_("The person is invited. Send the invitations, or print slips."),
    "known": N_("This person is invited already."),
    "mailed": N_("The mails are on their way."),
    "nobody": N_("There was nobody to write to."),
    "withdrawn": N_("The invitation is withdrawn."),
    "imported": N_("The list is imported. Send the invitations, or print slips."),
}


@on_both("/cohorts")
def cohorts() -> str:
    here = area()
    return here.page("cohorts/cohorts.html", cohorts=records.listed(db.reading(), here.country))


def cohort_or_404(id: uuid.UUID, here: Area | None = None) -> Cohort:
    """The cohort, if it belongs to what this person looks after."""
    found = records.find(db.reading(), id)
    if found is None or not (here or area()).allows(found.country):
        abort(404)
    return found


def to_change(id: uuid.UUID) -> tuple[Area, Cohort]:
    """The same, read again within a transaction that may write."""
    here = area()
    db.writing()
    found = records.find(db.writing(), id)
    if found is None or not here.allows(found.country):
        db.rollback()
        abort(404)
    return here, found


@on_both("/cohorts/new", methods=("GET", "POST"))
def new_cohort() -> ResponseReturnValue:
    here = area()
    form = CohortForm(here, request.form)
    if request.method != "POST" or not form.validate():
        return form_page(here, form, None)
    cohort = records.make(db.writing(), form.values, required().id, db.now())
    here.note("cohort", cohort.id, "made")
    db.commit()
    return here.go("cohort", cohort=cohort.id, done="made")


@on_both("/cohorts/<uuid:cohort>/change", methods=("GET", "POST"))
def change_cohort(cohort: uuid.UUID) -> ResponseReturnValue:
    here = area()
    found = cohort_or_404(cohort, here)
    given = {name: getattr(found, name) or "" for name in ("name", "course", "country", "office", "confirmed")}
    given |= {"organisation": str(found.organisation_id or ""), "wished_for": str(found.wished_for or "")}
    form = CohortForm(here, request.form, **given)
    if request.method != "POST" or not form.validate():
        return form_page(here, form, found)
    here, found = to_change(cohort)
    records.change(db.writing(), found, form.values, db.now())
    here.note("cohort", cohort, "changed")
    db.commit()
    return here.go("cohort", cohort=cohort, done="changed")


def form_page(here: Area, form: CohortForm, cohort: Cohort | None) -> ResponseReturnValue:
    status = 422 if form.errors else 200
    body = here.page("cohorts/form.html", form=form, cohort=cohort, problems=form.problems)
    return make_response(body, status)


@on_both("/cohorts/<uuid:cohort>")
def cohort(cohort: uuid.UUID) -> str:
    here = area()
    return cohort_page(here, cohort_or_404(cohort, here))


def cohort_page(here: Area, found: Cohort, form: KeyForm | None = None) -> str:
    """One cohort: what it is, its keys, its people and how far each has come."""
    session, form = db.reading(), form or KeyForm()
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    organisation = listings.find(session, found.organisation_id) if found.organisation_id else None
    people, after = records.people_of(
        session, found.id, here.country, state, sound_place(request.args.get("after", "")), A_PAGE
    )
    return here.page(
        "cohorts/cohort.html",
        cohort=found,
        organisation=organisation.in_language(spoken().language.tag) if organisation else "",
        counts=records.counted(session, found.id, here.country),
        keys=[(key, records.why_not(key, found, db.now())) for key in records.keys_of(session, found.id)],
        readable=records.readable,
        people=people,
        after=after,
        state=state,
        states=STATES,
        lists=[(one, _(LISTS[imports.state_of(one, db.now())])) for one in imports.waiting(session, found.id)],
        mails=mail.enabled(),
        waiting=invitations.waiting(session, found.id, db.now()) if mail.enabled() else (0, 0),
        form=form,
        problems=form.problems,
        done=_(DONE[done]) if (done := request.args.get("done", "")) in DONE else "",
    )


def sound_place(after: str) -> str:
    """Where a page of a list begins, if it is one that this site wrote."""
    return after if db.as_id(after.rpartition("|")[2]) else ""


@on_both("/cohorts/<uuid:cohort>/close", methods=("POST",))
def close_cohort(cohort: uuid.UUID) -> ResponseReturnValue:
    """Let nobody in any more, or open it again; members lose nothing."""
    here, found = to_change(cohort)
    closing = "open" not in request.form
    if closing is (found.closed_at is None):
        found.closed_at = db.now() if closing else None
        here.note("cohort", cohort, "closed" if closing else "opened")
    db.commit()
    return here.go("cohort", cohort=cohort, done="closed" if closing else "opened")


@on_both("/cohorts/<uuid:cohort>/keys", methods=("POST",))
def make_key(cohort: uuid.UUID) -> ResponseReturnValue:
    here, form = area(), KeyForm(request.form)
    if not form.validate():
        return cohort_page(here, cohort_or_404(cohort, here), form), 422
    here, found = to_change(cohort)
    key = records.make_key(db.writing(), found.id, required().id, db.now(), form.until, form.uses)
    here.note("enrolment key", cohort, f"made {key.id}")
    db.commit()
    return here.go("cohort", cohort=cohort, done="key", _anchor="keys")


@on_both("/cohorts/<uuid:cohort>/keys/<uuid:key>/revoke", methods=("POST",))
def revoke_key(cohort: uuid.UUID, key: uuid.UUID) -> ResponseReturnValue:
    here, _found = to_change(cohort)
    if key not in {one.id for one in records.keys_of(db.writing(), cohort)}:
        db.rollback()
        abort(404)
    if records.revoke_key(db.writing(), key, db.now()):
        here.note("enrolment key", cohort, f"revoked {key}")
    db.commit()
    return here.go("cohort", cohort=cohort, done="revoked", _anchor="keys")
