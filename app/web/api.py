"""The way in for other systems: a token says who asks, each endpoint is declared in `app.core.api`.

No cookie is read here and none is set, so that no browser can be made to ask on anybody's behalf; sessions give no
right. What is asked for is answered by `app.web.api_answers`.
"""

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Request, Response, g, request

from app.core.api import ENDPOINTS, Endpoint
from app.records import tokens
from app.records.engine import Unavailable, open_session
from app.records.tokens import Holder
from app.web import api_answers, db, pace, problems
from app.web.api_answers import Asked, Unfitting

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
BEARER = re.compile(r"Bearer +([A-Za-z0-9_\-]{1,200})", re.IGNORECASE)
REALM = 'Bearer realm="lontar"'
BY_NAME = {f"{blueprint.name}.{one.name}": one for one in ENDPOINTS}


def admit(asked: Request) -> Response | None:
    """Whether this request may be answered: its token, its scope, its pace. None: it may."""
    endpoint = BY_NAME.get(asked.endpoint or "")
    if endpoint is None:
        return None  # Flask answers 404 or 405
    if asked.accept_mimetypes and not asked.accept_mimetypes.best_match(["application/json"]):
        return problems.reply(406)
    if endpoint.scope is None:
        return None
    if pace.too_many(pace.MISSES, 0):
        return slower()
    holder = holder_of(asked)
    if holder is None:
        pace.too_many(pace.MISSES)
        return unknown("Authorization" in asked.headers)
    if pace.too_many_by(pace.CALLS, str(holder.id)):
        return slower()
    if endpoint.scope and endpoint.scope not in holder.scopes:
        wanted = f'{REALM}, error="insufficient_scope", scope="{endpoint.scope}"'
        detail = f"This token lacks the scope “{endpoint.scope}”."
        return problems.reply(403, detail, headers={"WWW-Authenticate": wanted})
    g.token = holder
    return None


def holder_of(asked: Request) -> Holder | None:
    """Whose token came in the header; the address is no place for one, since addresses stand in logs."""
    found = BEARER.fullmatch(asked.headers.get("Authorization", "").strip())
    return tokens.find(db.engine(), found[1], db.now()) if found else None


def unknown(given: bool) -> Response:
    detail = "This token is unknown, expired or revoked." if given else ""
    error = ', error="invalid_token"' if given else ""
    return problems.reply(401, detail, headers={"WWW-Authenticate": REALM + error})


def slower() -> Response:
    return problems.reply(429, headers={"Retry-After": str(pace.SPAN)})


def answering(endpoint: Endpoint, work: Callable[..., Any]) -> Callable[..., Response]:
    """The view of an endpoint: read what was asked, do the work, note the use, answer."""

    def view(**place: str) -> Response:
        holder: Holder | None = g.get("token")
        try:
            asked = Asked(endpoint, request.args.to_dict(flat=False), holder)
            answer = work(asked, **place)
        except Unfitting as error:
            return problems.reply(422, problems=error.problems)
        note(endpoint, holder)
        following = getattr(answer, "next", None)
        return problems.json(answer, headers=link(following) if following else None)

    return view


def link(following: str) -> dict[str, str]:
    """The address of the next page, for programs that follow links."""
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "next"]
    address = api_answers.address(request.path, [*query, ("next", following)])
    return {"Link": f'<{address}>; rel="next"'}


def note(endpoint: Endpoint, holder: Holder | None) -> None:
    """Remember the use, and once a day that records of persons were taken, before they leave.

    A transaction of its own, like a session's last use. Without the act no records of persons are answered.
    """
    people = endpoint.scope == "people"
    if holder is None or not tokens.to_be_noted(holder, people, db.now()):
        return
    try:
        with open_session(db.engine(), write=True) as session:
            tokens.note_use(session, holder, people, db.now())
            session.commit()
    except Unavailable:
        if people:
            raise


for one in ENDPOINTS:
    rule = re.sub(r"{(\w+)}", r"<\1>", one.path)
    work = answering(one, api_answers.WORK[one.name])
    blueprint.add_url_rule(rule, one.name, work, methods=["GET"], provide_automatic_options=False)
