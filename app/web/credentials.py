"""What others check certificates with: the signed document, the status lists, the keys, and a page to keep.

Everything is signed when asked for, from the record as issued, with the key that signs now; the same question gets
the same bytes until something changes.
"""

from functools import lru_cache
from typing import Any

import msgspec
from flask import Blueprint, Response, abort, current_app, redirect, render_template, url_for
from markupsafe import Markup

from app.core import credentials as documents
from app.core.certificates import normalise_number
from app.core.credentials import Credential, StatusList
from app.core.proofs import SigningKey
from app.core.wording import best_language, labels, titles
from app.ops import keys
from app.records import certificates, issuer_keys, places
from app.records.issuer_keys import Known
from app.web import db, errors
from app.web.db import settings
from app.web.headers import assets
from app.web.i18n import spoken
from app.web.library import library

blueprint = Blueprint("credentials", __name__)

CACHED = "public, max-age=300"
FOR_ALL = "Accept-Encoding"
LATER = {"Retry-After": "3600"}


def signer() -> tuple[SigningKey, Known] | None:
    """The key that signs now, and since when it is known; None (and a line in the log) where there is none."""
    try:
        key = keys.load(settings())
    except keys.NoKey as error:
        current_app.logger.error("%s", error)
        return None
    known = next((one for one in issuer_keys.known(db.reading()) if one.public == key.public), None)
    if known is None:
        current_app.logger.error("the database does not know the key in %s", keys.place(settings()))
        return None
    return key, known


def pinned() -> dict[str, Any]:
    """What a page needs to check signatures by itself: all public keys, and the names of what it shows."""
    language = best_language(spoken().language.tag)
    keys = " ".join(one.public for one in issuer_keys.known(db.reading()))
    return {"keys": keys, "labels": labels(language), "labels_language": language, "titles": titles(language)}


@blueprint.after_request
def unlisted(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@lru_cache(maxsize=256)
def _signed(document: Credential | StatusList, key: SigningKey, base_url: str, created: str) -> bytes:
    plain = documents.signed(document, key, base_url, created)
    return msgspec.json.format(msgspec.json.encode(plain), indent=1)


def answer(body: bytes, mimetype: str, **headers: str) -> Response:
    response = current_app.response_class(body, mimetype=mimetype)
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


@blueprint.get("/certificates/<number>.json")
def credential(number: str) -> Any:
    """The certificate as an Open Badge 3.0, signed."""
    wanted = normalise_number(number)
    found = certificates.find(db.reading(), wanted, db.now()) if wanted else None
    if wanted is None or found is None or found.record is None:
        abort(404)
    if wanted != number:
        return redirect(url_for("credentials.credential", number=wanted), 303)
    place, signs = places.of(db.reading(), wanted), signer()
    if place is None or signs is None:
        return errors.page(503, headers=LATER)
    key, known = signs
    base = settings().base_url
    document = documents.credential(found.record, place, base, library())
    body = _signed(document, key, base, documents.moment(max(found.at, known.at)))
    headers = {"Content-Disposition": f'inline; filename="{wanted}.json"', **editions(found)}
    return answer(body, "application/vc", **headers)


def editions(found: certificates.Issued) -> dict[str, str]:
    """The documents of the editions before and after, for programs (RFC 8288, RFC 5829)."""
    beside = {"predecessor-version": found.predecessor, "successor-version": found.successor}
    links = [
        f'<{settings().base_url}/certificates/{number}.json>; rel="{relation}"'
        for relation, number in beside.items()
        if number
    ]
    return {"Link": ", ".join(links)} if links else {}


@blueprint.get("/status/<int:number>")
def status(number: int) -> Any:
    """A signed list of which certificates no longer count, without saying whose they are."""
    session = db.reading()
    if number >= places.begun(session):
        abort(404)
    signs = signer()
    if signs is None:
        return errors.page(503, headers=LATER)
    key, known = signs
    gone = places.gone(session, number)
    since = max(gone.newest or known.at, known.at)
    base = settings().base_url
    body = _signed(documents.status_list(number, gone.places, base, since), key, base, documents.moment(since))
    return answer(body, "application/vc", Cache_Control=CACHED, Vary=FOR_ALL)


@blueprint.get("/.well-known/did.json")
def did() -> Any:
    """The issuer's decentralised identifier with every key that ever signed."""
    known = issuer_keys.known(db.reading())
    if not known:
        abort(404)
    body = msgspec.json.encode(documents.did_document(settings().base_url, [one.public for one in known]))
    return answer(msgspec.json.format(body, indent=1), "application/json", Cache_Control=CACHED, Vary=FOR_ALL)


@blueprint.get("/verify/offline")
def offline() -> Any:
    """One HTML file to keep: it checks QR codes against today's keys, without any network."""
    style = Markup("<style>{}</style>").format(Markup(_text("site.css")))
    script = Markup("<script>{}</script>").format(Markup(_text("verify.js")))
    shown = pinned()
    if not shown["keys"]:
        abort(404)
    values = shown | {"style": style, "script": script, "base": settings().base_url, "now": db.now()}
    page = render_template("public/verify_offline.html", **values)
    return answer(page.encode(), "text/html", Content_Disposition='attachment; filename="check-certificates.html"')


def _text(name: str) -> str:
    return assets().files[name].body.decode()
