"""Where a form comes from and whether it may change anything: origin check for everybody, a token once signed in.

A form whose token does not fit is shown again with all that was typed; one that comes from another site is refused.
"""

import hmac
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import wtforms
from flask import Flask, Request, abort, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms.csrf.core import CSRF

from app.web import access, sessions
from app.web.db import settings
from app.web.i18n import gettext

MOST_FIELDS = 1000
MOST_BYTES = 256 * 1024
UPLOADS = {  # endpoints that take files, and how many bytes
    "certificates.check_file": 2 << 20,
    "drafts.drop": 8 << 20,
    "drafts.add": 8 << 20,
    "admin.import_people": 33 << 20,
    "focal.import_people": 33 << 20,
    "admin.import_denominators": 2 << 20,
    "focal.import_denominators": 2 << 20,
}
SIGNING_IN = ("account.sign_in", "account.sign_in_code")
MOST_PARTS = 200  # of such a form
NEVER_ECHOED = ("password", "old", "csrf_token", "code")


def init(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MOST_BYTES


class SessionCSRF(CSRF):
    """WTForms' own protection with the session's token."""

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        return sessions.csrf_token(sessions.person())

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        """`check_token` has looked before any view ran."""


class Form(wtforms.Form):
    """Base of all forms: carries the session's token, reads what was posted."""

    class Meta:
        csrf = True
        csrf_class = SessionCSRF

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self:
            field.label.text = gettext(field.label.text)
            if isinstance(field, wtforms.SelectField) and isinstance(field.choices, dict):
                field.choices = {value: gettext(label) for value, label in field.choices.items()}

    def validate(self, extra_validators: Any = None) -> bool:
        """As WTForms does; the messages, marked with `N_` where they are written, are translated here."""
        fits: bool = super().validate(extra_validators)
        for field in self:
            field.errors = [gettext(str(error)) for error in field.errors]
        return fits

    @property
    def problems(self) -> dict[str, str]:
        """The first error of each field, by the field's name."""
        return {field.name: str(field.errors[0]) for field in self if field.errors}


def check_origin(request: Request) -> ResponseReturnValue | None:
    """Refuse state changes asked for by another site, oversized forms, and, once signed in, forms without the token."""
    if request.method not in ("POST", "PUT", "PATCH", "DELETE"):
        return None
    if not from_here():
        abort(403)
    if request.endpoint is None:
        return None
    if request.endpoint in UPLOADS:
        return take_files(request, UPLOADS[request.endpoint])
    body = request.get_data(cache=True)
    if max(body.count(b"&"), body.count(b"Content-Disposition")) >= MOST_FIELDS:
        abort(413)
    if request.endpoint in SIGNING_IN:
        return None  # a form made before somebody signed in on this device still works
    return check_token()


def take_files(request: Request, most: int) -> ResponseReturnValue | None:
    """Allow a body of so many bytes, with files in it, to those who may send it; for others nothing is read."""
    signed = sessions.person()
    if not access.allows(request.endpoint, signed.role if signed else ""):
        request.form = MultiDict()  # type: ignore[assignment]  # what is not read is not carried along either
        return access.guard(request.endpoint)
    request.max_content_length, request.max_form_parts = most, MOST_PARTS
    request.get_data(cache=True)
    return check_token()


def from_here() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    here = f"{'https' if settings().secure else 'http'}://{request.host}"
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin.lower() == here
    referrer = request.headers.get("Referer")
    return referrer is None or referrer.startswith(f"{here}/")


def check_token() -> ResponseReturnValue | None:
    signed = sessions.person()
    if signed is None:
        return None
    given = request.form.get("csrf_token", "")
    if hmac.compare_digest(given.encode(), sessions.csrf_token(signed).encode()):
        return None
    if sessions.owner_in(given) not in ("", sessions.owner(signed.id)):
        return sessions.ask_to_sign_in(anothers=True)
    return send_again(request.full_path.rstrip("?"), posted(request.form), status=422), 422


def send_again(path: str, fields: list[tuple[str, str]], status: int = 200) -> str:
    """A page that holds what was posted and sends it again at one press, with today's token."""
    return render_template("account/send_again.html", action=path, fields=fields, status=status)


def posted(form: "MultiDict[str, str]") -> list[tuple[str, str]]:
    """The fields of a form that may be carried to another page: never a password or a token."""
    return [(name, value) for name, value in form.items(multi=True) if name not in NEVER_ECHOED]


def single(form: "MultiDict[str, str]", names: Iterable[str]) -> dict[str, str]:
    """The first value of each of these fields, trimmed; missing ones are empty."""
    return {name: form.get(name, "").strip() for name in names}


def local_path(target: str | None) -> str | None:
    """A `next=` target if it stays on this site, else None."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    if any(ord(character) < 32 for character in target):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None
