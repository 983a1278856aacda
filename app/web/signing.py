"""Coming in and going out: register, sign in, sign out, a new password for a lost one.

What a person had posted when the session ran out comes along through the sign-in page and is saved afterwards.
"""

import json
from typing import Any

from flask import Response, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from app.records import audit, cohorts, invitations, people, second_steps, sign_ins
from app.records.models import Person
from app.records.passwords import hash_password, is_outdated, verify
from app.web import db, errors, forms, joining, mail, notes, quiz, second_step, sessions, surveys, throttle
from app.web.account import blueprint, page
from app.web.fields import Registration, Reset, SignIn, trimmed
from app.web.i18n import gettext as _
from app.web.i18n import spoken


def after(target: str | None) -> str:
    return forms.local_path(target) or url_for("learn.home")


@blueprint.route("/register", methods=["GET", "POST"])
def register() -> Any:
    if sessions.person():
        return redirect(after(request.values.get("next")), 303)
    form = Registration(request.form, **known_before())
    target = forms.local_path(request.values.get("next")) or ""
    if request.method != "POST" or not form.validate():
        return page("account/register.html", form, target=target)
    if form["group"].data and (wrong := joining.why_not(db.reading(), form["group"].data)):
        form["group"].errors = [wrong]
        return page("account/register.html", form, target=target)
    limits = {"register:" + throttle.network(): throttle.PER_NETWORK_NEW}
    if throttle.too_many(limits):
        return page("account/too_many.html", form, status=429)
    secret = hash_password(form["password"].data)
    session = db.writing()
    throttle.add_failure(limits)
    try:
        person = people.register(
            session,
            login=form["login"].data,
            password_hash=secret,
            name=form["name"].data,
            now=db.now(),
            name_latin=form["name_latin"].data,
            email=form["email"].data or None,
            language=spoken().language.tag,
            **form.profile,
        )
    except people.Taken:
        db.rollback()
        throttle.add_failure(limits)
        db.commit()
        form["login"].errors = [_("This sign-in name is taken. Choose another, or sign in if it is yours.")]
        return page("account/register.html", form, target=target)
    try:
        if form["group"].data:
            target = joining.joined_url(joining.enter(session, form["group"].data, person.id))
    except cohorts.Refused as refused:
        db.rollback()
        form["group"].errors = [_(joining.WHY_NOT[str(refused)])]
        return page("account/register.html", form, target=target)
    code = sign_ins.make_code(session, person.id, "recovery", db.now(), None)
    kind = form["device"].data
    token = sessions.begin(person.id, kind)
    db.commit()
    g.signed_in = sessions.find(token, "")
    response = make_response(render_template("account/recovery_code.html", code=code, target=after(target)))
    return signed_in(response, token, kind, form["login"].data)


def known_before() -> dict[str, str]:
    """What an invitation, or the key of a group, says of who registers now: she may change all of it."""
    code = trimmed(request.args.get("group"))[:40]
    door = joining.find(db.reading(), code) if code else None
    if door is None or door.reason:
        return {"group": code}
    known = {"group": code, "country": door.cohort.country or ""}
    if invited := door.invitation:
        names = {"name": invited.name, "name_latin": invited.name_latin, "email": invited.email or ""}
        return known | invitations.about(invited) | names
    return known


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Any:
    if request.method != "POST":
        return redirect(after(request.args.get("next")), 303) if sessions.person() else sign_in_page()
    form = SignIn(request.form)
    if not form.validate():
        return sign_in_page(form, status=422)
    login, secret = form["login"].data, form["password"].data
    limits = throttle.keys(login)
    if throttle.too_many(limits):
        return sign_in_page(form, status=429, problem=throttle.too_many_words())
    person = people.find_login(db.reading(), login)
    known_hash = person.password_hash if person else None
    fits = verify(known_hash, secret)
    session = db.writing()
    if not fits or person is None or person.disabled_at:
        throttle.add_failure(limits)
        db.commit()
        problem = _("The sign-in name or the password is not right. Check both and try again.")
        if fits:
            problem = _("This account is closed for now. Ask the contact below.")
        return sign_in_page(form, status=422, problem=problem)
    if known_hash and is_outdated(known_hash):
        people.set_password_hash(session, person.id, hash_password(secret))
    kind = form["device"].data
    if second_steps.asked_of(session, person.id):
        person = people.get(session, person.id)  # with today's hash
        db.commit()
        return second_step.ask(person, kind, carry(), after_form())
    return come_in(person, kind)


def come_in(person: Person, kind: str) -> Response:
    """Open a session for somebody who has proven who she is, and go on with what she wanted."""
    session = db.writing()
    old = request.cookies.get(sessions.cookie_name())
    if old:
        sign_ins.end(session, sessions.hash_of(old))
    login = person.login
    token = sessions.begin(person.id, kind)
    db.commit()
    g.signed_in = sessions.find(token, "")
    return signed_in(make_response(carry_on()), token, kind, login)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
def sign_in_code() -> Any:
    """The second step: a code of the app or a spare one. Wrong ones count as wrong passwords do."""
    if request.method != "POST":
        return redirect(url_for("account.sign_in"), 303)
    proof = request.form.get("ticket", "")
    held = second_step.holder(proof)
    if held is None:
        return sign_in_page(status=422, problem=_("That took too long. Write your password again."))
    person, kind = held
    form, limits = second_step.Code(request.form), throttle.keys(person.login)
    way, status = "", 422
    if throttle.too_many(limits):
        form["code"].errors, status = [throttle.too_many_words()], 429
    elif form.validate():
        way = second_steps.use(db.writing(), second_step.secret(), person.id, form["code"].data, db.now())
        if not way:
            throttle.add_failure(limits)
            db.commit()
            form["code"].errors = [_(second_step.WRONG)]
    if not way:
        return second_step.ask_again(form, proof, carry(), after_form(), status)
    if way == second_steps.PAPER:
        audit.record(db.writing(), person.id, "spare code", str(person.id), "", db.now())
    return come_in(person, kind)


def after_form() -> str:
    return forms.local_path(request.form.get("next")) or ""


def sign_in_page(form: SignIn | None = None, status: int = 200, problem: str = "", anothers: bool = False) -> Response:
    """The sign-in form; a request that needed signing in comes along and goes on afterwards.

    `anothers`: what was sent came from a page that another person than the signed-in one had opened.
    """
    carried = carry()
    target = forms.local_path(request.values.get("next")) or ""
    if not target and request.endpoint not in forms.SIGNING_IN:
        target = request.full_path.rstrip("?") if request.method == "GET" else request.path
    form = form or SignIn()
    if problem:
        form["password"].errors = [problem]
    g.signed_in = None
    values = {"target": target, "carried": carried, "expired": "expired" in g, "anothers": anothers}
    return make_response(render_template("account/sign_in.html", form=form, **values), status)


def carry() -> str:
    """What was posted before signing in, as text for a hidden field: path, fields and the mark of whose form it was;
    empty if nothing was."""
    if request.method != "POST":
        return ""
    if request.endpoint in forms.SIGNING_IN:
        return request.form.get("carried", "")
    fields, whose = forms.posted(request.form), sessions.owner_in(request.form.get("csrf_token", ""))
    return json.dumps([request.path, fields, whose], ensure_ascii=False)


def carry_on() -> Any:
    """After signing in: save what was posted before, if it is this person's, or go where she wanted to go."""
    path, fields, whose = carried_request(request.form.get("carried", ""))
    if not path:
        return redirect(after(request.form.get("next")), 303)
    if whose and whose != sessions.owner(sessions.required().id):
        return make_response(render_template("account/not_yours.html"), 403)
    try:
        endpoint, values = current_app.url_map.bind("").match(path, method="POST")
        given = MultiDict(fields)
        if endpoint == "quiz.save" and whose:
            return quiz.store(values["attempt"], values["number"], given)
        if endpoint == "learn.save_note" and whose:
            return notes.store_note(values["activity"], given)
        if endpoint == "survey.answer" and whose:
            return surveys.store(values["course"], values["occasion"], given)
    except HTTPException as refusal:
        return errors.refused(refusal) if (refusal.code or 0) >= 400 else redirect(after(None), 303)
    return forms.send_again(path, fields)


def carried_request(carried: str) -> tuple[str, list[tuple[str, str]], str]:
    """The path and fields of a carried request and whose it was; an empty path if it is not one of ours."""
    try:
        path, fields, whose = json.loads(carried)
        pairs = [(sound(name), sound(value)) for name, value in fields][: forms.MOST_FIELDS]
    except (ValueError, TypeError, RecursionError):
        return "", [], ""
    return forms.local_path(sound(path)) or "", pairs, sound(whose)


def sound(value: object) -> str:
    """The text without the halves of characters that JSON can hold and nothing else can."""
    return str(value).encode(errors="replace").decode()


def signed_in(response: Response, token: str, kind: str, login: str) -> Response:
    sessions.set_cookie(response, token, kind)
    throttle.remember_device(response, login)
    return response


@blueprint.post("/sign-out")
def sign_out() -> Any:
    sign_ins.end(db.writing(), sessions.required().token_hash)
    db.commit()
    response = redirect(url_for("learn.home"), 303)
    sessions.clear_cookie(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.route("/reset", methods=["GET", "POST"])
def reset() -> Any:
    """A new password by recovery code, by a code from an administrator, or by a mailed link."""
    form = Reset(request.form)
    if request.method == "POST" and "by_mail" in request.form:
        return send_link()
    if request.method != "POST" or not form.validate():
        code = request.args.get("code", "")
        return page("account/reset.html", form, sent="sent" in request.args, by_mail=mail.enabled(), code=code)
    limits = throttle.keys(form["login"].data)
    if throttle.too_many(limits):
        return refused_reset(form, throttle.too_many_words(), 429)
    secret = hash_password(form["password"].data)
    person = people.find_login(db.reading(), form["login"].data)
    session = db.writing()
    if person is None or not sign_ins.use_code(session, form["code"].data, db.now(), person.id):
        throttle.add_failure(limits)
        db.commit()
        words = _("This name and code do not fit together, or the code was used or has run out.")
        return refused_reset(form, words, 422)
    people.set_password_hash(session, person.id, secret)
    sign_ins.end_all(session, person.id)
    code = sign_ins.make_code(session, person.id, "recovery", db.now(), None)
    db.commit()
    return render_template("account/recovery_code.html", code=code, target=url_for("account.sign_in"))


def refused_reset(form: Reset, problem: str, status: int) -> Response:
    form["code"].errors = [problem]
    return page("account/reset.html", form, status, sent=False, by_mail=mail.enabled(), code="")


def send_link() -> Any:
    """Mail a link to the address of this sign-in name; the answer is the same whether there is one or not."""
    login = trimmed(request.form.get("login"))
    limits = {"mail:" + sessions.sign("throttle", people.fold(login)): 3, "mail:" + throttle.network(): 60}
    if not throttle.too_many(limits):
        person = people.find_login(db.reading(), login)
        session = db.writing()
        throttle.add_failure(limits)
        if person and person.email and not person.disabled_at:
            mail.send_reset_link(session, person, db.now())
        db.commit()
        mail.deliver_soon()
    return redirect(url_for("account.reset", sent=1), 303)
