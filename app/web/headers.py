"""What every reply says about itself: security headers, how long it may be kept, compression; which hosts count."""

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, current_app, g, request
from werkzeug.http import dump_cookie

from app.web.assets import SEEN, Assets, accepts_gzip, compress
from app.web.shells import Ready
from config import Config

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{}; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
TRANSPORT = "max-age=31536000; includeSubDomains"
VARY = "Cookie, Accept-Encoding, Accept-Language"
# Reading pages: the same for every visitor, so that a cache may keep them; a signed-in reader's are her own.
READING = {
    *("learn.home", "learn.outline", "learn.module", "learn.section", "learn.glossary", "learn.sources"),
    *("statistics.overview", "statistics.newest", "statistics.month"),
    *("learn.print_module", "pages.help", "pages.privacy", "pages.accessibility", "tools.overview", "tools.page"),
}
KEPT_PRIVATELY = {"learn.outline", "learn.section", "learn.module", "learn.home"}
VISITORS_KEEP = "public, max-age=300"
OWN = "private, no-cache"
CSP = "Content-Security-Policy"
INLINED = "lontar.inlined"  # in the request's environment: this page holds its style sheet
SMALLEST_PACKED = 500
PACKED = ("application/json", "application/vc")


class Envelope:
    """What every reply carries, added as it leaves: also to errors, and for nearly nothing."""

    def __init__(self, app: "WSGIApplication", config: Config, assets: Assets) -> None:
        self.app = app
        always = list(ALWAYS.items()) + ([("Strict-Transport-Security", TRANSPORT)] if config.secure else [])
        policies = [POLICY.format(style) for style in ("", f" {assets.style_hash}")]
        self.known = [*always, (CSP, policies[0])]
        cookie = dump_cookie(SEEN, assets.sheet, max_age=31536000, secure=config.secure, samesite="Lax")
        self.inlined = [*always, (CSP, policies[1]), ("Set-Cookie", cookie)]
        self.unchanged = always

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            inlined = environ.get(INLINED)
            extra = self.unchanged if status.startswith("304") else self.inlined if inlined else self.known
            return start_response(status, headers + extra, *rest)

        return self.app(environ, start)


def init(app: Flask, assets: Assets, config: Config) -> None:
    app.extensions["assets"] = assets
    app.extensions["hosts"] = config.hosts
    app.wsgi_app = Envelope(app.wsgi_app, config, assets)  # type: ignore[method-assign]  # Flask's way
    app.after_request(finish)


def check_host(environ: "WSGIEnvironment") -> None:
    if environ.get("HTTP_HOST", "") not in current_app.extensions["hosts"]:
        abort(421)


def stylesheet() -> object:
    """The style element for this visitor; asked once a page, by the base template."""
    markup, inlined = assets().stylesheet(request.cookies.get(SEEN))
    request.environ[INLINED] = inlined
    return markup


def assets() -> Assets:
    found: Assets = current_app.extensions["assets"]
    return found


def go_on(address: str) -> Response:
    """What a form that was saved is answered with: the browser opens this address of our own. Nothing to be kept."""
    return Ready(b"", [("Location", address), ("Cache-Control", "no-store"), ("Vary", VARY)], status=303)


def finish(response: Response) -> Response:
    """Pages say how long they may be kept, get an ETag, and are compressed; those from shells have all that already."""
    if isinstance(response, Ready):
        return response
    file = request.endpoint in ("pages.asset", "pages.icon", "pages.picture") and response.status_code == 200
    if "ETag" in response.headers or file:
        return response
    response.headers.setdefault("Vary", VARY)
    response.headers.setdefault("Cache-Control", keeping(response))
    packs = is_packed(response)
    if response.headers["Cache-Control"] != "no-store":
        tag(response, "-gz" if packs else "")
    return pack(response) if packs and response.status_code != 304 else response


def keeping(response: Response) -> str:
    """How long a page may be kept. With cookies to set it belongs to one browser."""
    if response.status_code not in (200, 304) or request.endpoint not in READING:
        return "no-store"
    if g.get("signed_in") is not None:
        return OWN if request.endpoint in KEPT_PRIVATELY else "no-store"
    return OWN if request.environ.get(INLINED) else VISITORS_KEEP


def tag(response: Response, kind: str) -> None:
    """An ETag from the exact body and the kind of its packing; a reader who has it already gets 304."""
    response.set_etag(hashlib.blake2b(response.get_data(), digest_size=12).hexdigest() + kind)
    response.make_conditional(request)


def is_packed(response: Response) -> bool:
    """Whether this reply goes out compressed: text of some size, for those who take it."""
    text = (response.mimetype or "").startswith("text/") or response.mimetype in PACKED
    if response.is_streamed or not text or "Content-Encoding" in response.headers:
        return False
    return len(response.get_data()) >= SMALLEST_PACKED and accepts_gzip(request.headers.get("Accept-Encoding", ""))


def pack(response: Response) -> Response:
    response.set_data(compress(response.get_data()))
    response.headers["Content-Encoding"] = "gzip"
    return response
