"""Accounts: the profile, passwords and codes, one's own data, erasing oneself."""

import json
from typing import Any

import wtforms
from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for

from app.core.surveys import FOLLOW_UP
from app.ops import backup
from app.ops.serving import Stopped
from app.records import audit, certificates, cohorts, focal_posts, people, sign_ins, standing, wishes
from app.records.engine import Unavailable, empty_log
from app.records.passwords import hash_password, verify
from app.web import db, forms, sessions, throttle
from app.web.fields import Confirming, Erasing, NewPassword, Profile
from app.web.i18n import gettext as _
from app.web.library import library

blueprint = Blueprint("account", __name__)


def page(template: str, form: forms.Form, status: int = 0, **values: Any) -> Response:
    body = render_template(template, form=form, problems=form.problems, **values)
    return make_response(body, status or (422 if form.errors else 200))


def confirmed(person: Any, field: wtforms.Field, problem: str) -> bool:
    """Whether the field holds this person's password; where not, it says so, and the failure counts."""
    limits = throttle.keys(person.login)
    if throttle.too_many(limits):
        field.errors = [throttle.too_many_words()]
        return False
    if verify(person.password_hash, field.data):
        return True
    throttle.add_failure(limits)
    db.commit()
    field.errors = [problem]
    return False


@blueprint.get("/account")
def overview() -> str:
    from app.web.second_step import offered

    session = db.reading()
    person = people.get(session, sessions.required().id)
    return render_template(
        "account/overview.html",
        second_step=offered(sessions.required()),
        account=person,
        certificates=certificates.of_person(session, person.id, db.now()),
        asked_later=asked_later(session, person.id),
    )


def asked_later(session: Any, id: Any) -> list[tuple[Any, Any]]:
    """The courses, with her facts, about which this person wants to be asked later."""
    found = [(course, standing.facts(session, id, course.id)) for course in library().courses.values()]
    return [(course, facts) for course, facts in found if facts.ask_at and FOLLOW_UP not in facts.surveys]


@blueprint.route("/account/profile", methods=["GET", "POST"])
def profile() -> Any:
    person = people.get(db.reading(), sessions.required().id)
    organisation = people.organisation_name(db.reading(), person)
    given = {"organisation": organisation, "listed": str(person.organisation_id or "")}
    form = Profile(request.form, obj=person, **given, **wishes.of_person(db.reading(), person.id)._asdict())
    shown: dict[str, Any] = {
        "groups": cohorts.of_person(db.reading(), person.id),
        "watched": focal_posts.of_country(db.reading(), person.country),
        "country": library().countries.get(person.country or ""),
    }
    if request.method != "POST" or not form.validate():
        told = {"saved": "saved" in request.args, "to_choose": "list" in request.args}
        return page("account/profile.html", form, **shown, **told)
    changes = form.profile | {name: form[name].data for name in ("name", "name_latin", "language")}
    try:
        people.change_profile(db.writing(), person.id, changes | {"email": form["email"].data or None}, db.now())
    except people.NameFixed:
        db.rollback()
        form["name"].errors = [_("A certificate carries this name. Ask for a correction on a page of its own.")]
        return page("account/profile.html", form, **shown, saved=False, to_choose=False, fixed=True)
    wishes.keep(db.writing(), person.id, wishes.Wishes(form["remind"].data, form["seen"].data), db.now())
    db.commit()
    another = form.offered and (person.country or "") != changes["country"] and not changes["organisation"]
    return redirect(url_for("account.profile", saved=1, list=1 if another else None), 303)


@blueprint.route("/account/password", methods=["GET", "POST"], endpoint="password")
def password_page() -> Any:
    form = NewPassword(request.form)
    if request.method != "POST" or not form.validate():
        return page("account/password.html", form, saved="saved" in request.args)
    person = people.get(db.reading(), sessions.required().id)
    if not confirmed(person, form["old"], _("This is not your present password.")):
        return page("account/password.html", form, saved=False)
    secret = hash_password(form["password"].data)
    session = db.writing()
    people.set_password_hash(session, person.id, secret)
    sign_ins.end_all(session, person.id)
    token = sessions.begin(person.id, sessions.required().kind)
    db.commit()
    response = redirect(url_for("account.password", saved=1), 303)
    sessions.set_cookie(response, token, sessions.required().kind)
    return response


@blueprint.route("/account/recovery", methods=["GET", "POST"])
def recovery() -> Any:
    """A new recovery code, shown once; the old one ends. It could take an account over, so it needs the password."""
    form = Confirming(request.form)
    if request.method != "POST" or not form.validate():
        return page("account/recovery.html", form)
    person = people.get(db.reading(), sessions.required().id)
    if not confirmed(person, form["password"], _("This is not your password.")):
        return page("account/recovery.html", form)
    code = sign_ins.make_code(db.writing(), sessions.required().id, "recovery", db.now(), None)
    db.commit()
    return render_template("account/recovery_code.html", code=code, target=url_for("account.overview"))


@blueprint.route("/account/data", methods=["GET", "POST"])
def data() -> Any:
    if request.method != "POST":
        return render_template("account/my_data.html")
    body = json.dumps(people.export_data(db.reading(), sessions.required().id), ensure_ascii=False, indent=2)
    response = current_app.response_class(body, mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="lontar-my-data.json"'
    return response


@blueprint.route("/account/erase", methods=["GET", "POST"])
def erase() -> Any:
    form = Erasing(request.form)
    if request.method != "POST" or not form.validate():
        return page("account/erase.html", form)
    person = people.get(db.reading(), sessions.required().id)
    if not confirmed(person, form["password"], _("This is not your password.")):
        return page("account/erase.html", form)
    session = db.writing()
    try:
        people.erase(session, person.id, db.now(), keep_certificates=form["certificates"].data == "keep")
    except people.LastAdministrator:
        db.rollback()
        form["password"].errors = [_("You are the last administrator. Give this role to another person first.")]
        return page("account/erase.html", form)
    audit.record(session, None, "erase", str(person.id), "", db.now())
    db.commit()
    forget_traces()
    g.signed_in = None
    response = make_response(render_template("account/erased.html"))
    sessions.clear_cookie(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def forget_traces() -> None:
    """Empty the database's log, and write the list beside the backups, so that none brings her back.

    What fails here is made up for by `lontar mail`.
    """
    try:
        empty_log(db.engine())
        backup.note_erasures(db.engine(), db.settings())
    except (OSError, Stopped, Unavailable) as error:
        current_app.logger.error("traces of an erased person wait: %s", type(error).__name__)
