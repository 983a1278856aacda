"""Certificates for whoever has the number: the page (the accessible original), the PDF, and what our record says."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for

from app.core import checking, surveys
from app.core.certificates import COMPLETION, Issuer, explain_number, may_be_renewed, normalise_number, wording
from app.core.pdf import MissingGlyphs, Unprintable
from app.core.progress import assess
from app.core.wording import LANGUAGES as WORDED
from app.core.wording import best_language
from app.ops import paper, sealing
from app.ops.issuing import issuer_of
from app.records import certificates, issuer_keys, standing
from app.records.certificates import Issued
from app.web import db, pace
from app.web.credentials import pinned, signer
from app.web.db import settings
from app.web.fields import trimmed
from app.web.i18n import gettext as _
from app.web.i18n import spoken
from app.web.languages import LANGUAGES, Language
from app.web.library import library
from app.web.sessions import person

blueprint = Blueprint("certificates", __name__)


def issuing() -> Issuer:
    """In whose name, for which address and in which time zone this site issues certificates."""
    return issuer_of(settings())


@blueprint.after_request
def unlisted(response: Response) -> Response:
    """Search engines keep no certificate: who has the number finds it here."""
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/verify")
def verify_form() -> Any:
    typed = request.args.get("number")
    typed = typed.partition("#")[0] if typed and "#" in typed else typed  # the whole address out of a QR code
    if typed is None:
        return form()
    number = normalise_number(typed)
    if number:
        return redirect(url_for("certificates.verify", number=number), 303)
    return not_a_number(typed)


def form(status: int = 200, **values: Any) -> Response:
    """The page that asks for a number or a file, with what was wrong before."""
    given = {"typed": "", "problem": "", "file_problem": "", "unknown": False} | values
    return make_response(render_template("public/verify_form.html", **given, **pinned()), status)


def not_a_number(typed: str) -> Response:
    problem = explain_number(typed, spoken().language.tag)
    return form(404, typed=trimmed(typed)[:100], problem=problem)


@blueprint.get("/verify/<number>")
def verify(number: str) -> Any:
    """Our record for a number, and what to compare; a wrong number gets a helpful answer."""
    wanted = normalise_number(number)
    if wanted is None:
        return not_a_number(number)
    if pace.too_many(pace.LOOKS) or pace.too_many(pace.MISSES, 0):
        return pace.refused()
    if wanted != number:
        return redirect(url_for("certificates.verify", number=wanted), 303)
    found = certificates.find(db.reading(), wanted, db.now())
    if found is None:
        pace.too_many(pace.MISSES)
        return form(404, typed=wanted, unknown=True)
    return our_record(found)


def our_record(found: Issued, file: str = "") -> Response:
    """`file`: what became of the file that named this number, intact or changed."""
    words = wording(found.record, spoken().language.tag) if found.record else None
    values = {"number": found.number, "found": found, "words": words, "now": db.now(), "file": file}
    return make_response(render_template("public/verify.html", **values, **pinned()))


@blueprint.post("/verify/file")
def check_file() -> Any:
    """What a PDF or a signed document is worth. The file is looked at within narrow limits, and not kept."""
    if pace.too_many(pace.FILES):
        return pace.refused()
    given = request.files.get("file")
    data = given.read() if given else b""
    if not data.strip():
        return form(422, file_problem=_("Choose the file of a certificate: the PDF, or the JSON document."))
    seen = checking.look(data, [one.public for one in issuer_keys.known(db.reading())])
    found = certificates.find(db.reading(), seen.number, db.now()) if seen.number else None
    if found is None:
        pace.too_many(pace.MISSES)
        return form(foreign=True)
    signed_behind = seen.kind == checking.ADDED and sealing.covers(data, settings())
    return our_record(found, "intact" if signed_behind or seen.kind == checking.INTACT else "changed")


@blueprint.get("/certificates/<number>")
def page(number: str) -> Any:
    wanted = normalise_number(number)
    found = certificates.find(db.reading(), wanted, db.now()) if wanted else None
    if found is None or found.record is None:
        return redirect(url_for("certificates.verify", number=number), 303)
    if wanted != number:
        return redirect(url_for("certificates.page", number=wanted), 303)
    words = wording(found.record, spoken().language.tag)
    values = {"number": wanted, "found": found, "words": words, "new": "new" in request.args}
    values["tongues"] = other_languages(found.record["language"])
    values |= offered(found) | renewal(found)
    return render_template("public/certificate.html", **values, library=library())


def renewal(found: Issued) -> dict[str, Any]:
    """For its holder: the course whose final renews a certificate that expires soon, or has expired."""
    holder, course = person(), library().courses.get(found.course)
    if holder is None or course is None or not course.final or found.record is None or found.successor:
        return {}
    today = db.now().astimezone(ZoneInfo(found.record["timezone"])).date()
    renewable = found.kind == COMPLETION and found.status != "revoked" and may_be_renewed(found.record, today=today)
    if not renewable or certificates.holder(db.reading(), found.number) != holder.id:
        return {}
    return {"course": course, "renewal": True}


def other_languages(language: str) -> list[Language]:
    """The languages in which a certificate can be printed besides that of its record."""
    return [LANGUAGES[tag] for tag in WORDED if tag != best_language(language)]


def offered(found: Issued) -> dict[str, Any]:
    """The course, and the surveys of its end that are offered to whoever looks at a certificate of her own."""
    holder, course = person(), library().courses.get(found.course)
    if holder is None or course is None or not set(surveys.AT_THE_END) & set(course.surveys):
        return {}
    session = db.reading()
    if found.number not in {one.number for one in certificates.of_person(session, holder.id, db.now())}:
        return {}
    facts = standing.facts(session, holder.id, course.id)
    offers = surveys.offers(course, facts, assess(library(), course, facts, db.now()), db.now())
    return {"course": course, "offers": [one for one in offers if one in surveys.AT_THE_END]}


@blueprint.get("/certificates/<number>.pdf")
def pdf(number: str) -> Any:
    """The certificate as a PDF, made from the record as issued; a name that no font has follows later. One that was
    revoked is stamped.

    `language`: one in which certificates are worded; `plain`: black ink alone. What is unknown is ignored.
    """
    wanted = normalise_number(number)
    found = certificates.find(db.reading(), wanted, db.now()) if wanted else None
    if found is None or found.record is None:
        return redirect(url_for("certificates.verify", number=number), 303)
    asked = request.args.get("language", "")
    language, plain = asked if asked in WORDED else "", "plain" in request.args
    try:
        signs = signer()
        revoked = found.status == "revoked"
        body = paper.make(
            settings(), found.record, language=language, plain=plain, revoked=revoked, key=signs[0] if signs else None
        )
    except Unprintable as fault:
        current_app.logger.error("certificate %s has no PDF yet: %s", wanted, told(fault))
        letters = isinstance(fault, MissingGlyphs)
        return make_response(render_template("public/pdf_follows.html", number=wanted, letters=letters), 503)
    response = current_app.response_class(body, mimetype="application/pdf")
    name = "-".join(part for part in (wanted, language, "plain" if plain else "") if part)
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def told(fault: Unprintable) -> str:
    """A fault for the log, which holds no names: of missing letters only their numbers."""
    if isinstance(fault, MissingGlyphs):
        return "no font has " + " ".join(f"U+{ord(character):04X}" for character in fault.characters)
    return str(fault)
