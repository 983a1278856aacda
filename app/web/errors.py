"""What went wrong, in the reader's words: one template for every status, with what is kept and what to do."""

import errno
import logging
import traceback
from typing import Any

from flask import Flask, Response, current_app, g, make_response, render_template, request
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app.records.engine import Unavailable, is_transient
from app.web import db, forms, problems

log = logging.getLogger("lontar")

OUT_OF_ORDER = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
KNOWN = (400, 401, 403, 404, 405, 409, 413, 421, 422, 429, 500, 503)


def init(app: Flask) -> None:
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Unavailable, unavailable)
    app.register_error_handler(OperationalError, unavailable)
    app.register_error_handler(DBAPIError, broken)
    app.register_error_handler(OSError, no_room)
    app.register_error_handler(Exception, broken)


def refused(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    return page(error.code if error.code in KNOWN else 400 if error.code < 500 else 500, headers=headers_of(error))


def headers_of(error: HTTPException) -> dict[str, str]:
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return kept | {"Allow": ", ".join(sorted(kept["Allow"].split(", ")))} if "Allow" in kept else kept


def unavailable(error: Exception) -> Response:
    """The database is locked, full or gone: nothing of this request was saved, all that was saved before is safe."""
    log.error("database unavailable: %s", type(error).__name__)
    return page(503, headers={"Retry-After": "10"})


def no_room(error: OSError) -> Response:
    """The disk is full or out of order; any other error of the system is a fault of ours."""
    if error.errno not in OUT_OF_ORDER:
        return broken(error)
    log.error("the disk refused: %s", errno.errorcode[error.errno])
    return page(503, headers={"Retry-After": "60"})


def broken(error: Exception) -> Response:
    if is_transient(error):
        return unavailable(error)
    log.error("a request failed: %s %s: %s", request.method, request.endpoint, told(error))
    if current_app.testing and current_app.config.get("RAISE_ERRORS", True):
        raise error
    return page(500)


def told(error: BaseException | None) -> str:
    """Kinds and places of an error and its causes, without their messages, which may hold what people wrote."""
    kinds = []
    while error is not None:
        places = "".join(traceback.format_tb(error.__traceback__))
        kinds.append(f"{type(error).__name__}\n{places}")
        error = error.__cause__ or error.__context__
    return "caused by ".join(kinds)


def page(status: int, headers: dict[str, str] | None = None) -> Response:
    """The page of an error; where a form was sent, it holds what was typed, ready to be sent again."""
    db.rollback()
    if problems.concerned(request.environ):
        return problems.reply(status, headers=headers)
    g.setdefault("signed_in", None)
    fields = []
    if request.method == "POST" and status in (500, 503):
        try:
            fields = forms.posted(request.form)
        except RequestEntityTooLarge:
            fields = []
    try:
        most = forms.UPLOADS.get(request.endpoint or "", 0) >> 20
        body = render_template("errors/error.html", status=status, fields=fields, action=request.path, megabytes=most)
    except Exception as error:
        log.error("the error page itself failed: %s", told(error))
        body = f"<!doctype html><title>Error {status}</title><h1>Error {status}</h1>"
    return make_response(body, status, headers or {})
