"""Accounts: register, sign in and out, lost passwords, the profile, one's own data."""

import json
from typing import Any

import wtforms
from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from wtforms import validators

from app.core.content import in_language
from app.core.passwords import weakness
from app.records import audit, certificates, people, sign_ins
from app.records.passwords import hash_password, is_outdated, verify
from app.web import db, forms, mail, sessions, throttle
from app.web.i18n import N_, spoken
from app.web.i18n import gettext as _
from app.web.library import library

blueprint = Blueprint("account", __name__)

SEXES = [("woman", N_("Woman")), ("man", N_("Man")), ("other", N_("Other"))]
MINISTRY_TYPES = [
    ("labour", N_("Labour")),
    ("social-welfare", N_("Social welfare")),
    ("finance-planning", N_("Finance or planning")),
    ("health", N_("Health")),
    ("education", N_("Education")),
    ("local-government", N_("Local government")),
    ("statistics", N_("Statistics")),
    ("other", N_("Other")),
]
AGE_BANDS = [
    ("under-25", N_("Under 25")),
    ("25-34", "25–34"),
    ("35-44", "35–44"),
    ("45-54", "45–54"),
    ("55-over", N_("55 and over")),
]
NOT_SAID = ("", N_("Prefer not to say"))
DEVICES = [
    (sessions.SHARED, N_("A shared computer: sign me out after 12 hours without use")),
    (sessions.OWN, N_("My own device: keep me signed in for 60 days")),
]


def trimmed(value: str | None) -> str:
    """One line of text as a person meant it: no control characters, no spaces around, single spaces within."""
    return " ".join("".join(one if one.isprintable() else " " for one in value or "").split())


def text(label: str, *checks: Any, most: int = 200) -> wtforms.StringField:
    long = validators.Length(max=most, message=N_("This is too long. Write it shorter."))
    return wtforms.StringField(label, [*checks, long], filters=[trimmed])


def needed(message: str) -> validators.InputRequired:
    return validators.InputRequired(message)


def password(label: str, message: str) -> wtforms.PasswordField:
    return wtforms.PasswordField(label, [needed(message)])


class About(forms.Form):
    """The optional questions: what counts are made by."""

    country = wtforms.SelectField(N_("Country"), choices=[])
    sex = wtforms.SelectField(N_("Sex"), choices=[NOT_SAID, *SEXES])
    ministry_type = wtforms.SelectField(N_("Kind of ministry"), choices=[NOT_SAID, *MINISTRY_TYPES])
    organisation = text(N_("Organisation"))
    age_band = wtforms.SelectField(N_("Age"), choices=[NOT_SAID, *AGE_BANDS])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self["country"].choices = country_choices()

    @property
    def profile(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in ("country", "sex", "ministry_type", "organisation", "age_band")}


class Names(About):
    name = text(
        N_("Your name, as you write it in your own script"),
        needed(N_("Write your name. It will be printed on your certificate.")),
    )
    name_latin = text(N_("Your name in Latin letters (optional)"))
    email = text(N_("E-mail address (optional)"), most=254)

    def validate_email(self, field: wtforms.Field) -> None:
        if field.data and ("@" not in field.data[1:-1] or " " in field.data):
            raise validators.ValidationError(_("Write the address like name@example.org, or leave it empty."))


class Registration(Names):
    login = text(
        N_("Sign-in name"),
        needed(N_("Choose a sign-in name. It can be your e-mail address.")),
        most=100,
    )
    password = password(N_("Password"), N_("Choose a password of 12 characters or more."))
    device = wtforms.RadioField(N_("This device is"), choices=DEVICES, default=sessions.SHARED)

    def validate_password(self, field: wtforms.Field) -> None:
        refuse_weak(field.data, self["login"].data or "", self["name"].data or "")


class Profile(Names):
    language = wtforms.SelectField(N_("Language of messages to you"), choices=[])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self["language"].choices = [(one.tag, one.autonym) for one in current_app.extensions["interface"].languages]


class SignIn(forms.Form):
    login = text(N_("Sign-in name"), needed(N_("Write your sign-in name.")))
    password = password(N_("Password"), N_("Write your password."))
    device = wtforms.RadioField(N_("This device is"), choices=DEVICES, default=sessions.SHARED)


class NewPassword(forms.Form):
    old = password(N_("Your password now"), N_("Write the password you have now."))
    password = password(N_("New password"), N_("Choose a password of 12 characters or more."))

    def validate_password(self, field: wtforms.Field) -> None:
        person = people.get(db.reading(), signed().id)
        refuse_weak(field.data, person.login, person.name)


class Reset(forms.Form):
    login = text(N_("Sign-in name"), needed(N_("Write your sign-in name.")))
    code = text(N_("Recovery code or one-time code"), needed(N_("Write the code.")))
    password = password(N_("New password"), N_("Choose a password of 12 characters or more."))

    def validate_password(self, field: wtforms.Field) -> None:
        refuse_weak(field.data, self["login"].data or "")


class Erasing(forms.Form):
    certificates = wtforms.RadioField(
        N_("Your certificates"),
        choices=[
            ("keep", N_("Keep them valid: name, course and date stay on the public verify page")),
            ("forget", N_("Forget them too: the number will say that the record was withdrawn")),
        ],
        validators=[needed(N_("Choose what happens to your certificates."))],
    )
    password = password(N_("Your password"), N_("Write your password."))


def refuse_weak(secret: str | None, *about: str) -> None:
    words = (*about, sessions.settings().site_name)
    reason = weakness(secret or "", tuple(word for part in words for word in (part, *part.split())))
    messages = {
        "short": _("The password is too short. Use 12 characters or more; a few words in a row are good."),
        "long": _("The password is too long. Use 128 characters at most."),
        "common": _("This password is easy to guess. Choose a few words that do not belong together."),
        "personal": _("The password holds your name or sign-in name. Choose something others cannot know."),
    }
    if reason:
        raise validators.ValidationError(messages[reason])


def country_choices() -> list[tuple[str, Any]]:
    named = [(one.code, in_language(one.name, spoken().language.tag)[1]) for one in library().countries.values()]
    listed = sorted((one for one in named if one[0] != "ZZ"), key=lambda one: people.fold(one[1]))
    return [NOT_SAID, *listed, *(one for one in named if one[0] == "ZZ")]


def signed() -> sessions.SignedIn:
    """The signed-in person; the access table lets nobody else in."""
    person = sessions.person()
    assert person is not None
    return person


def after(target: str | None) -> str:
    return forms.local_path(target) or url_for("learn.home")


@blueprint.route("/register", methods=["GET", "POST"])
def register() -> Any:
    if sessions.person():
        return redirect(after(request.values.get("next")), 303)
    form = Registration(request.form)
    target = forms.local_path(request.values.get("next")) or ""
    if request.method == "GET" or not form.validate():
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
        form["login"].errors = [_("This sign-in name is taken. Choose another, or sign in if it is yours.")]
        return page("account/register.html", form, target=target)
    code = sign_ins.make_code(session, person.id, "recovery", db.now(), None)
    kind = form["device"].data
    token = sessions.begin(person.id, kind)
    db.commit()
    g.signed_in = sessions.find(token, "")
    response = make_response(render_template("account/recovery_code.html", code=code, target=after(target)))
    return signed_in(response, token, kind, form["login"].data)


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Any:
    if request.method == "GET":
        return redirect(after(request.args.get("next")), 303) if sessions.person() else sign_in_page()
    form = SignIn(request.form)
    if not form.validate():
        return sign_in_page(form, status=422)
    login, secret = form["login"].data, form["password"].data
    limits = throttle.keys(login)
    if throttle.too_many(limits):
        return sign_in_page(form, status=429, problem=too_many_words())
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
    old = request.cookies.get(sessions.cookie_name())
    if old:
        sign_ins.end(session, sessions.hash_of(old))
    kind = form["device"].data
    token = sessions.begin(person.id, kind)
    db.commit()
    g.signed_in = sessions.find(token, "")
    return signed_in(make_response(carry_on()), token, kind, login)


def sign_in_page(form: SignIn | None = None, status: int = 200, problem: str = "") -> Response:
    """The sign-in form; a request that needed signing in comes along and goes on afterwards."""
    carried = carry()
    target = forms.local_path(request.values.get("next")) or ""
    if not target and request.endpoint != "account.sign_in":
        target = request.full_path.rstrip("?") if request.method == "GET" else request.path
    form = form or SignIn()
    if problem:
        form["password"].errors = [problem]
    g.pop("signed_in", None)
    g.signed_in = None
    body = render_template("account/sign_in.html", form=form, target=target, carried=carried, expired="expired" in g)
    return make_response(body, status)


def carry() -> str:
    """What was posted before signing in, as text for a hidden field: path and fields; empty if nothing was."""
    if request.method != "POST":
        return ""
    if request.endpoint == "account.sign_in":
        return request.form.get("carried", "")
    return json.dumps([request.path, forms.posted(request.form)])


def carry_on() -> Any:
    """After signing in: save what was posted before, or go where the person wanted to go."""
    from app.web import learn, quiz

    path, fields = carried_request(request.form.get("carried", ""))
    if not path:
        return redirect(after(request.form.get("next")), 303)
    try:
        endpoint, values = current_app.url_map.bind("").match(path, method="POST")
    except Exception:
        return redirect(after(None), 303)
    given = wtforms_fields(fields)
    if endpoint == "quiz.save":
        return quiz.store(values["attempt"], values["number"], given)
    if endpoint == "learn.save_note":
        return learn.store_note(values["activity"], given)
    return forms.send_again(path, fields)


def carried_request(carried: str) -> tuple[str, list[tuple[str, str]]]:
    """The path and fields of a carried request, or an empty path if it is not one of ours."""
    try:
        path, fields = json.loads(carried)
        pairs = [(str(name), str(value)) for name, value in fields][: forms.MOST_FIELDS]
    except (ValueError, TypeError):
        return "", []
    return forms.local_path(path) if isinstance(path, str) else None or "", pairs


def wtforms_fields(fields: list[tuple[str, str]]) -> Any:
    from werkzeug.datastructures import MultiDict

    return MultiDict(fields)


def signed_in(response: Response, token: str, kind: str, login: str) -> Response:
    sessions.set_cookie(response, token, kind)
    throttle.remember_device(response, login)
    return response


def too_many_words() -> str:
    return _("There were too many wrong tries. Wait an hour, use a device on which you signed in before, or ask the contact below.")


def page(template: str, form: forms.Form, status: int = 0, **values: Any) -> Response:
    body = render_template(template, form=form, problems=form.problems, **values)
    return make_response(body, status or (422 if form.errors else 200))


@blueprint.post("/sign-out")
def sign_out() -> Response:
    sign_ins.end(db.writing(), signed().token_hash)
    db.commit()
    response = redirect(url_for("learn.home"), 303)
    sessions.clear_cookie(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.get("/account")
def overview() -> str:
    session = db.reading()
    person = people.get(session, signed().id)
    return render_template("account/overview.html", account=person, certificates=certificates.of_person(session, person.id))


@blueprint.route("/account/profile", methods=["GET", "POST"])
def profile() -> Any:
    person = people.get(db.reading(), signed().id)
    organisation = people.organisation_name(db.reading(), person)
    form = Profile(request.form, obj=person, organisation=organisation)
    if request.method == "GET" or not form.validate():
        return page("account/profile.html", form, saved="saved" in request.args)
    changes = form.profile | {name: form[name].data for name in ("name", "name_latin", "language")}
    try:
        people.change_profile(db.writing(), person.id, changes | {"email": form["email"].data or None}, db.now())
    except people.NameFixed:
        db.rollback()
        form["name"].errors = [_("A certificate carries this name, so it stays. Ask the contact on the help page.")]
        return page("account/profile.html", form, saved=False)
    db.commit()
    return redirect(url_for("account.profile", saved=1), 303)


@blueprint.route("/account/password", methods=["GET", "POST"])
def password_page() -> Any:
    form = NewPassword(request.form)
    if request.method == "GET" or not form.validate():
        return page("account/password.html", form, saved="saved" in request.args)
    person = people.get(db.reading(), signed().id)
    limits = throttle.keys(person.login)
    if throttle.too_many(limits) or not verify(person.password_hash, form["old"].data):
        throttle.add_failure(limits)
        db.commit()
        form["old"].errors = [_("This is not your present password.")]
        return page("account/password.html", form, saved=False)
    secret = hash_password(form["password"].data)
    session = db.writing()
    people.set_password_hash(session, person.id, secret)
    sign_ins.end_all(session, person.id)
    token = sessions.begin(person.id, signed().kind)
    db.commit()
    response = redirect(url_for("account.password", saved=1), 303)
    sessions.set_cookie(response, token, signed().kind)
    return response


blueprint.add_url_rule("/account/password", "password", password_page, methods=["GET", "POST"])


@blueprint.route("/reset", methods=["GET", "POST"])
def reset() -> Any:
    """A new password by recovery code, by a code from an administrator, or by a mailed link."""
    form = Reset(request.form)
    if request.method == "POST" and "by_mail" in request.form:
        return send_link()
    if request.method == "GET" or not form.validate():
        code = request.args.get("code", "")
        return page("account/reset.html", form, sent="sent" in request.args, by_mail=mail.enabled(), code=code)
    login = form["login"].data
    limits = throttle.keys(login)
    secret = hash_password(form["password"].data)
    person = people.find_login(db.reading(), login)
    used = False
    if not throttle.too_many(limits):
        session = db.writing()
        used = person is not None and sign_ins.use_code(session, form["code"].data, db.now(), person.id)
    if not used or person is None:
        throttle.add_failure(limits)
        db.commit()
        form["code"].errors = [_("This name and code do not fit together, or the code was used or has run out.")]
        return page("account/reset.html", form, sent=False, by_mail=mail.enabled(), code="")
    session = db.writing()
    people.set_password_hash(session, person.id, secret)
    sign_ins.end_all(session, person.id)
    code = sign_ins.make_code(session, person.id, "recovery", db.now(), None)
    db.commit()
    return render_template("account/recovery_code.html", code=code, target=url_for("account.sign_in"))


def send_link() -> Response:
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


@blueprint.route("/account/recovery", methods=["GET", "POST"])
def recovery() -> str:
    """A new recovery code, shown once; the old one ends."""
    if request.method == "GET":
        return render_template("account/recovery.html")
    code = sign_ins.make_code(db.writing(), signed().id, "recovery", db.now(), None)
    db.commit()
    return render_template("account/recovery_code.html", code=code, target=url_for("account.overview"))


@blueprint.route("/account/data", methods=["GET", "POST"])
def data() -> Any:
    if request.method == "GET":
        return render_template("account/my_data.html")
    body = json.dumps(people.export_data(db.reading(), signed().id), ensure_ascii=False, indent=2)
    response = current_app.response_class(body, mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="lontar-my-data.json"'
    return response


@blueprint.route("/account/erase", methods=["GET", "POST"])
def erase() -> Any:
    form = Erasing(request.form)
    if request.method == "GET" or not form.validate():
        return page("account/erase.html", form)
    person = people.get(db.reading(), signed().id)
    limits = throttle.keys(person.login)
    if throttle.too_many(limits) or not verify(person.password_hash, form["password"].data):
        throttle.add_failure(limits)
        db.commit()
        form["password"].errors = [_("This is not your password.")]
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
    g.signed_in = None
    response = make_response(render_template("account/erased.html"))
    sessions.clear_cookie(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


