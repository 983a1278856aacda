"""Certificates after they were issued: a holder asks for a corrected name, administrators decide, confirm, revoke."""

import uuid
from datetime import date
from typing import Any

import wtforms
from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import validators

from app.core.certificates import normalise_number
from app.records import audit, certificates, editions, identities, people
from app.records.editions import Refused
from app.web import admin, db, forms
from app.web.account import confirmed
from app.web.fields import Confirming, needed, text
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.library import library
from app.web.sessions import required

blueprint = Blueprint("editions", __name__)

BY_HAND = {  # reasons for which an administrator revokes; `certificates.REASONS` has the corrected name besides
    "mistake": N_("It was issued by mistake"),
    "rules": N_("The rules of the assessment were broken"),
    "holder": N_("Its holder asked for it"),
}
REFUSALS = {
    "same": N_("This is how your name stands on them already."),
    "empty": N_("Write your name. It will be printed on your certificate."),
    "gone": N_("This request was taken back, changed or decided meanwhile."),
    "own": N_("This is your own name. Another administrator decides."),
    "second": N_("You agreed already. Another administrator decides now."),
}
DONE = {
    "agreed": N_("The name is corrected and its certificates are issued anew."),
    "first": N_("You agreed. The request waits for a second administrator."),
    "refused": N_("The request is refused. The certificates stay as they are."),
    **REFUSALS,
}


class Asking(Confirming):
    name = text(N_("Your name, as you write it in your own script"), needed(REFUSALS["empty"]))
    name_latin = text(N_("Your name in Latin letters (optional)"))
    note = text(N_("What is wrong, and which paper shows it (optional)"), most=500)

    def validate_name(self, field: wtforms.Field) -> None:
        if not any(one.isalpha() for one in field.data):
            raise validators.ValidationError(_(REFUSALS["empty"]))


class Identity(forms.Form):
    """Who confirmed who a learner is; an empty office takes it back."""

    office = text(N_("Office"), most=identities.LONGEST)
    day = text(N_("Day of the confirmation"))

    @property
    def date(self) -> date:
        """Raises ValueError for a day that is none."""
        return date.fromisoformat(self["day"].data or "")

    def validate_day(self, field: wtforms.Field) -> None:
        try:
            fits = not self["office"].data or self.date <= db.now().date()
        except ValueError:
            fits = False
        if not fits:
            raise validators.ValidationError(_("Give the day on which it was confirmed; it cannot be yet to come."))


# The holder


@blueprint.route("/account/name", methods=["GET", "POST"])
def ask() -> ResponseReturnValue:
    """Ask for another name on certificates; an open session on a shared computer is not enough."""
    session = db.reading()
    person = people.get(session, required().id)
    if not people.name_fixed(session, person):
        return redirect(url_for("account.profile"), 303)
    form = Asking(request.form, obj=person)
    if request.method != "POST" or not form.validate():
        return asking(form)
    if not confirmed(person, form["password"], _("This is not your password.")):
        return asking(form)
    name, name_latin, note = (form[field].data or "" for field in ("name", "name_latin", "note"))
    try:
        editions.ask(db.writing(), person.id, name, name_latin, note, db.now())
    except Refused as refusal:
        db.rollback()
        form["name"].errors = [_(REFUSALS[refusal.reason])]
        return asking(form)
    audit.record(db.writing(), person.id, "name asked", str(person.id), "", db.now())
    db.commit()
    return redirect(url_for("editions.ask"), 303)


def asking(form: forms.Form) -> Response:
    session = db.reading()
    person = people.get(session, required().id)
    values = {"account": person, "wish": editions.wish_of(session, person.id), "problems": form.problems}
    body = render_template("account/name.html", form=form, **values)
    return make_response(body, 422 if form.errors else 200)


@blueprint.post("/account/name/take-back")
def take_back() -> ResponseReturnValue:
    wish = editions.wish_of(db.writing(), required().id)
    if wish is not None:
        editions.close(db.writing(), wish.id)
        audit.record(db.writing(), required().id, "name taken back", str(required().id), "", db.now())
    db.commit()
    return redirect(url_for("editions.ask"), 303)


# Administrators


@blueprint.get("/admin/names")
def names() -> str:
    """The corrections of names that wait, the oldest first."""
    done = request.args.get("done", "")
    said = _(DONE[done]) if done in DONE else ""
    return render_template("admin/names.html", waiting=editions.waiting(db.reading()), done=said)


@blueprint.post("/admin/names/<uuid:wish>")
def decide(wish: uuid.UUID) -> ResponseReturnValue:
    session, me = db.writing(), required().id
    reason = " ".join(request.form.get("reason", "").split())[:500]
    try:
        if "refuse" in request.form:
            done = refuse(wish)
        elif not reason:
            db.rollback()
            return unexplained(wish)
        else:
            decided = editions.agree(session, wish, me, reason, db.now())
            deed, done = ("name agreed", "first") if decided.second else ("name", "agreed")
            audit.record(session, me, deed, str(decided.person_id), " ".join(decided.numbers), db.now())
    except Refused as refusal:
        db.rollback()
        return redirect(url_for("editions.names", done=refusal.reason), 303)
    db.commit()
    return redirect(url_for("editions.names", done=done), 303)


def unexplained(wish: uuid.UUID) -> ResponseReturnValue:
    waiting = editions.waiting(db.reading())
    if wish not in {one.wish.id for one in waiting}:
        return redirect(url_for("editions.names", done="gone"), 303)
    said = _("Say why: which paper you saw, and when.")
    return make_response(render_template("admin/names.html", waiting=waiting, wrong=wish, problem=said), 422)


def refuse(wish: uuid.UUID) -> str:
    person = editions.close(db.writing(), wish)
    if person is None:
        raise Refused("gone")
    audit.record(db.writing(), required().id, "name refused", str(person), "", db.now())
    return "refused"


@blueprint.post("/admin/learners/<uuid:person>/identity/<course>")
def identity(person: uuid.UUID, course: str) -> ResponseReturnValue:
    """Remember who confirmed a learner's identity, for the certificates that are issued from now on."""
    form = Identity(request.form)
    if course not in library().courses:
        abort(404)
    if not form.validate():
        return make_response(admin.learner_page(person, identity=(course, form)), 422)
    admin.account_to_change(person)
    office, session = form["office"].data, db.writing()
    if office:
        new = identities.confirm(session, person, course, office, form.date, required().id, db.now())
    else:
        new = identities.take_back(session, person, course, required().id, db.now())
    if new:
        audit.record(session, required().id, "identity" if office else "identity back", str(person), course, db.now())
    db.commit()
    return admin.back(person, "identity" if office else "identity back")


@blueprint.post("/admin/certificates/<number>/revoke")
def revoke(number: str) -> ResponseReturnValue:
    """Say for all to see that a certificate no longer counts, and why. It cannot be undone."""
    wanted, reason = normalise_number(number), request.form.get("reason", "")
    session = db.writing()
    person = certificates.holder(session, wanted) if wanted else None
    if person is None or reason not in BY_HAND:
        db.rollback()
        abort(404 if person is None else 422)
    if certificates.revoke(session, str(wanted), reason, required().id, db.now()):
        audit.record(session, required().id, "revoke", str(wanted), reason, db.now())
    db.commit()
    return admin.back(person, "revoked")


def identity_form(course: str) -> Any:
    """An empty form for a course; the names of its fields are the same in each, their ids are not."""
    form = Identity()
    for field in form:
        field.id = f"{field.name}-{course}"
    return form
