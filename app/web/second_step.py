"""The second step of signing in: setting an authenticator app up, its spare codes, turning it off, asking for a code.

Whatever changes how somebody signs in ends all sessions that were opened before, as a new password does.
"""

import hmac
import uuid
from collections.abc import Callable
from typing import Any

import segno
from flask import Response, abort, current_app, g, make_response, redirect, render_template, request, url_for
from markupsafe import Markup

from app.core import totp
from app.records import audit, people, second_steps, sign_ins
from app.records.models import Person
from app.web import db, forms, sessions, throttle
from app.web.account import blueprint, confirmed, page
from app.web.fields import Confirming, needed, text
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.sessions import required

PATIENCE = 600  # seconds between the password and the code
SETTING_UP = 1800  # seconds between the key and its first code
NOT_HERS = N_("This is not your password.")
NO_CODE = N_("Write the code that the app shows.")
WRONG = N_("This code is not right, or it was used already. Wait until the app shows the next one.")


class Code(forms.Form):
    code = text(N_("Code"), needed(NO_CODE), most=40)


class PasswordAndCode(Confirming):
    code = text(N_("Code of the app, or a spare code"), needed(NO_CODE), most=40)


def secret() -> bytes:
    found: bytes = current_app.extensions["secret"]
    return found


def offered(person: sessions.SignedIn) -> bool:
    """Whether the account page speaks of it: to staff, and to whoever has it on from an earlier role."""
    return person.staff or second_steps.is_on(db.reading(), person.id)


def hers() -> Person:
    """The person of these pages; for learners there are none."""
    if not offered(required()):
        db.rollback()
        abort(404)
    return people.get(db.reading(), required().id)


# Setting up


@blueprint.route("/account/second-step", methods=["GET", "POST"])
def second_step() -> Any:
    """Whether it is on; with the password, a new key for an app."""
    person = hers()
    if second_steps.is_on(db.reading(), person.id):
        return state_page(PasswordAndCode())
    form = Confirming(request.form)
    if request.method != "POST" or not form.validate() or not confirmed(person, form["password"], _(NOT_HERS)):
        return page("account/second_step_off.html", form, wanted=db.settings().require_totp != "none")
    return key_page(person, second_steps.new_key(), Code())


def state_page(form: PasswordAndCode, action: str = "", status: int = 0) -> Response:
    """It is on: `form` was sent to `action` and did not fit."""
    state = second_steps.state(db.reading(), required().id)
    values = {"state": state, "sent_to": action, "done": request.args.get("done", "")}
    return page("account/second_step_on.html", form, status, **values)


def key_page(person: Person, key: bytes, form: Code, status: int = 0) -> Response:
    """The key as a QR code and in letters, with the field for its first code. The key travels sealed in the form, so
    that nothing is kept of a set-up that nobody ends."""
    link = totp.address(key, db.settings().site_name, person.login)
    values = {
        "square": Markup(segno.make_qr(link, error="m").svg_inline(scale=4, border=4, omitsize=True, lineclass=None)),
        "letters": totp.in_groups(key),
        "link": link,
        "sealed": second_steps.seal(secret(), person.id, int(db.now().timestamp()).to_bytes(8, "big") + key),
    }
    return page("account/second_step_key.html", form, status, **values)


@blueprint.post("/account/second-step/confirm")
def confirm_second_step() -> Any:
    """Only the app's first code turns it on; from then on no session that was opened without it goes on."""
    person, form = hers(), Code(request.form)
    opened = second_steps.unseal(secret(), person.id, request.form.get("sealed", ""))
    moment, key = (int.from_bytes(opened[:8], "big"), opened[8:]) if opened else (0, b"")
    if not key or db.now().timestamp() - moment > SETTING_UP or second_steps.is_on(db.reading(), person.id):
        return redirect(url_for("account.second_step"), 303)
    step = totp.fitting(key, form["code"].data or "", db.now()) if form.validate() else None
    if step is None:
        form["code"].errors = form["code"].errors or [_("This is not the code of now. Is the phone’s clock right?")]
        return key_page(person, key, form, 422)
    session = db.writing()
    codes = second_steps.turn_on(session, secret(), person.id, key, step, db.now())
    if not codes:  # another page was faster
        db.rollback()
        return redirect(url_for("account.second_step"), 303)
    return begun_anew(person.id, "second step on", lambda: codes_page(codes, first=True))


def begun_anew(person: uuid.UUID, deed: str, answer: Callable[[], Any]) -> Response:
    """Note the deed, end all sessions, open a new one here; then answer, with the token of the new session."""
    session, kind = db.writing(), required().kind
    audit.record(session, person, deed, str(person), "", db.now())
    sign_ins.end_all(session, person)
    token = sessions.begin(person, kind)
    db.commit()
    g.signed_in = sessions.find(token, "")
    response = make_response(answer())
    sessions.set_cookie(response, token, kind)
    return response


def codes_page(codes: tuple[str, ...], first: bool) -> str:
    return render_template("account/second_step_codes.html", codes=codes, first=first)


# With password and code


def proven(person: Person, form: PasswordAndCode) -> bool:
    """Whether password and code are this person's; the code is used up in the open transaction. Failures count."""
    if not form.validate() or not confirmed(person, form["password"], _(NOT_HERS)):
        return False
    if second_steps.use(db.writing(), secret(), person.id, form["code"].data, db.now()):
        return True
    throttle.add_failure(throttle.keys(person.login))
    db.commit()
    form["code"].errors = [_(WRONG)]
    return False


@blueprint.post("/account/second-step/codes")
def new_spare_codes() -> Any:
    """Ten new spare codes; the old ones end."""
    person, form = hers(), PasswordAndCode(request.form)
    if not second_steps.is_on(db.reading(), person.id):
        return redirect(url_for("account.second_step"), 303)
    if not proven(person, form):
        return state_page(form, "codes")
    codes = second_steps.new_codes(db.writing(), person.id, db.now())
    audit.record(db.writing(), person.id, "spare codes", str(person.id), "", db.now())
    db.commit()
    return codes_page(codes, first=False)


@blueprint.post("/account/second-step/off")
def turn_off_second_step() -> Any:
    person, form = hers(), PasswordAndCode(request.form)
    if not second_steps.is_on(db.reading(), person.id):
        return redirect(url_for("account.second_step"), 303)
    if not proven(person, form):
        return state_page(form, "off")
    second_steps.turn_off(db.writing(), person.id)
    here = url_for("account.second_step", done="off") if required().staff else url_for("account.overview")
    return begun_anew(person.id, "second step off", lambda: redirect(here, 303))


# Signing in


def ask(person: Person, kind: str, carried: str, target: str) -> Response:
    """The page that asks for the code, for somebody whose password was right."""
    return ask_again(Code(), ticket(person, kind, int(db.now().timestamp())), carried, target)


def ask_again(form: Code, proof: str, carried: str, target: str, status: int = 0) -> Response:
    g.signed_in = None
    return page("account/sign_in_code.html", form, status, ticket=proof, carried=carried, target=target)


def ticket(person: Person, kind: str, moment: int) -> str:
    """What says that this person's password was right at a moment; another password ends it."""
    seal = sessions.sign("ticket", person.id.hex, kind, str(moment), person.password_hash)
    return f"{person.id.hex}.{kind}.{moment}.{seal}"


def holder(proof: str) -> tuple[Person, str] | None:
    """The person of such a ticket and her kind of device; None for one that is false or too old, and where there is
    nothing to be asked any more."""
    id, _dot, rest = proof.partition(".")
    kind, _dot, rest = rest.partition(".")
    began = rest.partition(".")[0]
    moment = int(began) if began.isascii() and began.isdigit() and len(began) < 16 else 0
    found = db.as_id(id)
    person = people.find(db.reading(), found) if found else None
    if person is None or person.disabled_at or abs(db.now().timestamp() - moment) > PATIENCE:
        return None
    true = hmac.compare_digest(proof.encode(), ticket(person, kind, moment).encode())
    return (person, kind) if true and second_steps.is_on(db.reading(), person.id) else None
