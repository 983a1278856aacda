"""For administrators: tokens by which other systems read; made, shown once, revoked."""

import uuid
from datetime import datetime, time, timedelta
from typing import Any

import wtforms
from flask import abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import validators

from app.core.api import SCOPES
from app.records import tokens
from app.web import db, forms
from app.web.admin import blueprint
from app.web.cohort_forms import day_of
from app.web.db import settings
from app.web.fields import choice, country_choices, needed, text
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.library import library
from app.web.sessions import required

MOST = 200  # tokens that count at once
WORDS = {
    "catalogue": N_("The course: modules, sections and the rules of quizzes, never a question"),
    "counts": N_("Counts of people, by country, sex, month and so on; no names"),
    "people": N_("Persons with their names: who is enrolled, who completed, with which result"),
    "certificates": N_("Whether a certificate counts, by its number"),
}
STATES = {
    "revoked": N_("revoked"),
    "expired": N_("expired"),
    "maker": N_("ended with the account that made it"),
}


class TokenForm(forms.Form):
    """What a token may do, for how long, and whose people it sees."""

    name = text(N_("Which system uses it"), needed(N_("Write which system it is for.")), most=100)
    scopes = wtforms.SelectMultipleField(
        N_("What it may read"),
        choices=WORDS,
        validators=[needed(N_("Choose at least one."))],
    )
    country = choice(N_("People of one country alone"), {})
    until = text(N_("Last day (optional)"), most=10)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = country_choices() | {"": _("All countries")}

    def validate_until(self, field: wtforms.Field) -> None:
        if field.data and self.end <= db.now():
            raise validators.ValidationError(_("This day is over. Choose a later one."))

    @property
    def end(self) -> datetime:
        """The midnight after the last day, in the site's time zone."""
        last = day_of(self["until"].data)
        assert last is not None
        return datetime.combine(last + timedelta(days=1), time(), settings().zone)

    @property
    def wanted(self) -> tokens.Wanted:
        chosen = tuple(scope for scope in SCOPES if scope in self["scopes"].data)
        until = self.end if self["until"].data else None
        return tokens.Wanted(self["name"].data, chosen, self["country"].data or None, until)


@blueprint.get("/tokens", endpoint="tokens")
def overview() -> str:
    return page(TokenForm())


def page(form: TokenForm, secret: str = "") -> str:
    """All tokens and the form for a further one; `secret`: the one that was just made, shown this once."""
    return render_template(
        "admin/tokens.html",
        tokens=[(one, tokens.state(one, db.now())) for one in tokens.every(db.reading())],
        form=form,
        problems=form.problems,
        secret=secret,
        scopes=WORDS,
        states=STATES,
        revoked="revoked" in request.args,
        library=library(),
        base=f"{settings().base_url}/api/v1",
    )


@blueprint.post("/tokens")
def make_token() -> ResponseReturnValue:
    form = TokenForm(request.form)
    if not form.validate():
        return make_response(page(form), 422)
    counting = [one for one in tokens.every(db.reading()) if not tokens.state(one, db.now())]
    if len(counting) >= MOST:
        form["name"].errors = [_("There are too many tokens. Revoke those that nobody uses.")]
        return make_response(page(form), 422)
    _id, secret = tokens.make(db.writing(), required().id, form.wanted, db.now())
    db.commit()
    return make_response(page(TokenForm(), secret))


@blueprint.post("/tokens/<uuid:token>/revoke")
def revoke_token(token: uuid.UUID) -> ResponseReturnValue:
    """End a token at once; a second press changes nothing."""
    session = db.writing()
    if all(one.id != token for one in tokens.every(session)):
        db.rollback()
        abort(404)
    tokens.revoke(session, token, required().id, db.now())
    db.commit()
    return redirect(url_for("admin.tokens", revoked=1), 303)
