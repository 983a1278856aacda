"""Pages about the site itself, its files, and whether it is well."""

from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, make_response, render_template, request
from sqlalchemy import text

from app.web import db
from app.web.assets import FOREVER, accepts_gzip
from app.web.db import settings
from app.web.headers import assets
from app.web.library import library

blueprint = Blueprint("pages", __name__)


@blueprint.get("/static/<name>")
def asset(name: str) -> Response:
    """A file under the name that holds its hash: kept by browsers for a year."""
    found = assets().served.get(name) or abort(404)
    packed = found.packed if accepts_gzip(request.headers.get("Accept-Encoding", "")) else None
    response = make_response(packed or found.body)
    response.headers["Content-Type"] = found.type
    response.headers["Cache-Control"] = FOREVER
    response.headers["Vary"] = "Accept-Encoding"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


@blueprint.get("/favicon.ico")
def icon() -> Response:
    response = make_response(assets().files["icon.svg"].body)
    response.headers["Content-Type"] = "image/svg+xml"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@blueprint.get("/robots.txt")
def robots() -> Response:
    lines = "User-agent: *\nDisallow: /account\nDisallow: /attempts\nDisallow: /verify/\nDisallow: /certificates\n"
    return current_app.response_class(lines, mimetype="text/plain")


@blueprint.get("/help")
def help() -> str:
    return render_template("public/help.html", library=library())


@blueprint.get("/privacy")
def privacy() -> str:
    return render_template(
        "public/privacy.html", retention=settings().retention_months, suppression=settings().suppression
    )


@blueprint.get("/accessibility")
def accessibility() -> str:
    return render_template("public/accessibility.html")


@blueprint.get("/healthz")
def health() -> Any:
    """Whether this process answers and its database can be read: 200 or 503."""
    db.reading().execute(text("SELECT 1"))
    return jsonify(status="ok")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counters for Prometheus, for this machine only and only where the setting says so."""
    forwarded = not settings().trusted_proxies and "X-Forwarded-For" in request.headers
    if not settings().metrics or forwarded or request.remote_addr not in ("127.0.0.1", "::1"):
        abort(404)
    return current_app.response_class(current_app.extensions["counters"].page(), mimetype="text/plain")
