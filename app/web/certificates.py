"""Certificates for whoever has the number: the page (the accessible original), the PDF, and what our record says."""

from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for

from app.core import surveys
from app.core.certificates import Issuer, explain_number, normalise_number, wording
from app.core.pdf import MissingGlyphs, render
from app.core.progress import assess
from app.ops.issuing import issuer_of
from app.records import certificates, standing
from app.records.certificates import Issued
from app.web import db
from app.web.db import settings
from app.web.fields import trimmed
from app.web.i18n import spoken
from app.web.library import library
from app.web.sessions import person

blueprint = Blueprint("certificates", __name__)


def issuing() -> Issuer:
    """In whose name, for which address and in which time zone this site issues certificates."""
    return issuer_of(settings())


@blueprint.get("/verify")
def verify_form() -> Any:
    typed = request.args.get("number")
    if typed is None:
        return render_template("public/verify_form.html", typed="", problem="")
    number = normalise_number(typed)
    if number:
        return redirect(url_for("certificates.verify", number=number), 303)
    return not_a_number(typed)


def not_a_number(typed: str) -> Response:
    problem = explain_number(typed, spoken().language.tag)
    body = render_template("public/verify_form.html", typed=trimmed(typed)[:100], problem=problem)
    return make_response(body, 404)


@blueprint.get("/verify/<number>")
def verify(number: str) -> Any:
    """Our record for a number, and what to compare; a wrong number gets a helpful answer."""
    wanted = normalise_number(number)
    if wanted is None:
        return not_a_number(number)
    if wanted != number:
        return redirect(url_for("certificates.verify", number=wanted), 303)
    found = certificates.find(db.reading(), wanted, db.now())
    if found is None:
        body = render_template("public/verify_form.html", typed=wanted, problem="", unknown=True)
        return make_response(body, 404)
    words = wording(found.record, spoken().language.tag) if found.record else None
    return render_template("public/verify.html", number=wanted, found=found, words=words, now=db.now())


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
    return render_template("public/certificate.html", **values, **offered(found), library=library())


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
    """The certificate as a PDF, made from the record as issued; a name that no font has follows later."""
    wanted = normalise_number(number)
    found = certificates.find(db.reading(), wanted, db.now()) if wanted else None
    if found is None or found.record is None:
        return redirect(url_for("certificates.verify", number=number), 303)
    try:
        body = render(found.record, f"{settings().base_url}/verify/{wanted}")
    except MissingGlyphs as missing:
        points = " ".join(f"U+{ord(character):04X}" for character in missing.characters)
        current_app.logger.error("certificate %s has no PDF yet: no font has %s", wanted, points)
        return make_response(render_template("public/pdf_follows.html", number=wanted), 503)
    response = current_app.response_class(body, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{wanted}.pdf"'
    return response
