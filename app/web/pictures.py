"""The pictures of courses, each under the hash of its content: what a page once showed is shown for ever."""

from pathlib import Path

from flask import Response, abort, current_app, make_response

from app.core import pictures
from app.core.content import digest
from app.ops import serving
from app.records import drafts, releases
from app.web import db
from app.web.access import AUTHOR, MAY
from app.web.assets import FOREVER
from app.web.db import settings
from app.web.library import library
from app.web.pages import blueprint
from app.web.sessions import person

OF_AUTHORS = "private, max-age=3600"


@blueprint.get("/pictures/<name>")
def picture(name: str) -> Response:
    """A picture of the course as it is served or was once; authors get those of their drafts, too."""
    hash, _, kind = name.partition(".")
    if kind not in pictures.TYPES or len(hash) != 32 or not hash.isalnum():
        abort(404)
    keeping, text = FOREVER, in_files(hash)
    if "working_copy" not in current_app.extensions:
        text = text or kept(hash)
        if not text:
            keeping, text = OF_AUTHORS, in_drafts(hash)
    if pictures.type_of(text) != pictures.TYPES[kind]:
        abort(404)
    response = make_response(pictures.as_bytes(text))
    response.headers["Content-Type"] = pictures.TYPES[kind]
    response.headers["Cache-Control"] = keeping
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def in_files(hash: str) -> str:
    """From the folder that is served; "" where it is not there, or another by now."""
    path = next((path for path, one in library().pictures.items() if one == hash), "")
    try:
        data = (root() / path).read_bytes() if path else b""
        text = pictures.as_text(data, pictures.look(data)[0]) if data else ""
    except (OSError, serving.Stopped, pictures.Unfit):
        return ""
    return text if digest(text) == hash else ""


def root() -> Path:
    copy = current_app.extensions.get("working_copy")
    return Path(copy.checker.root) if copy else serving.root(settings())


def kept(hash: str) -> str:
    """From the records, which keep what was ever served; the text of another file than a picture is none."""
    try:
        text = releases.texts(db.reading(), {hash: hash})[hash]
    except LookupError:
        return ""
    return text if pictures.type_of(text) else ""


def in_drafts(hash: str) -> str:
    """From the drafts of the signed-in author, or anybody's for an administrator."""
    signed = person()
    if signed is None or signed.role not in MAY[AUTHOR]:
        return ""
    whose = None if signed.role == "administrator" else signed.id
    for data in drafts.pictures(db.reading(), whose, pictures.LARGEST):
        try:
            text = pictures.as_text(data, pictures.look(data)[0])
        except pictures.Unfit:
            continue
        if digest(text) == hash:
            return text
    return ""


def inline(html: str) -> str:
    """A page with its pictures inside, so that it needs no other file."""
    return pictures.ADDRESS.sub(lambda found: f'<img src="{in_files(found[1]) or kept(found[1])}"', html)
