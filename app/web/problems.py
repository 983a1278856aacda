"""What other systems are told when something is wrong: application/problem+json, RFC 9457."""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Response, current_app

from app.core.api import Problem
from app.core.content import Struct

PREFIX = "/api/"
VARY = "Authorization, Accept-Encoding"
WORDS = {
    400: ("Bad request", "The request could not be read."),
    401: ("No token that counts", "Send the header “Authorization: Bearer …” with a token that an administrator made."),
    403: ("Not allowed", "This token lacks the scope that is needed here."),
    404: ("Not found", "There is no such thing here, or this token may not see it."),
    405: ("Only reading", "This address answers GET alone."),
    406: ("JSON only", "The answer is application/json, and the request says that it takes none."),
    413: ("Too large", "The request is larger than anything that is asked for here."),
    421: ("Another host", "This site does not answer under this name."),
    422: ("Parameters that do not fit", "Look at “problems”, and at the description under /api/v1/openapi.json."),
    429: ("Too many requests", "Wait as long as Retry-After says, in seconds."),
    500: ("Our fault", "Something is wrong with this site; its log says what."),
    503: ("Not now", "The database cannot be reached. Try again as Retry-After says."),
}


def concerned(environ: Mapping[str, Any]) -> bool:
    """Whether another system asks, by the environment of the request."""
    return str(environ.get("PATH_INFO", "")).startswith(PREFIX)


def reply(
    status: int,
    detail: str = "",
    problems: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer for what is wrong; `problems`: parameter -> what is wrong with it."""
    title, usual = WORDS.get(status, (f"Error {status}", "The request could not be answered."))
    problem = Problem(
        type="about:blank", title=title, status=status, detail=detail or usual, problems=dict(problems or {})
    )
    return json(problem, status, "application/problem+json", headers)


def json(
    value: Struct | dict[str, Any],
    status: int = 200,
    kind: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer that no cache may keep and no cookie decides."""
    made: Response = current_app.response_class(msgspec.json.encode(value), status, mimetype=kind)
    made.headers["Vary"] = VARY
    made.headers["Cache-Control"] = "no-store"
    made.headers.update(headers or {})
    return made
