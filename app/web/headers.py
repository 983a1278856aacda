"""What every reply says about itself: security headers, how long it may be kept, compression; which hosts count."""

import hashlib

from flask import Flask, Response, abort, current_app, g, request

from app.web.assets import SEEN, Assets, accepts_gzip, compress
from app.web.db import settings
from config import Config

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
    *("learn.print_module", "pages.help", "pages.privacy", "pages.accessibility"),
}
KEPT_PRIVATELY = {"learn.outline", "learn.section", "learn.module", "learn.home"}
VISITORS_KEEP = "public, max-age=300"
SMALLEST_PACKED = 500


def init(app: Flask, assets: Assets, config: Config) -> None:
    app.extensions["assets"] = assets
    app.extensions["always"] = ALWAYS | ({"Strict-Transport-Security": TRANSPORT} if config.secure else {})
    app.extensions["hosts"] = config.hosts
    app.extensions["policies"] = [POLICY.format(""), POLICY.format(f" {assets.style_hash}")]
    app.before_request(check_host)
    app.after_request(finish)


def check_host() -> None:
    if request.environ.get("HTTP_HOST", "") not in current_app.extensions["hosts"]:
        abort(421)


def stylesheet() -> object:
    """The style element for this visitor; asked once a page, by the base template."""
    markup, inlined = assets().stylesheet(request.cookies.get(SEEN))
    g.inlined = inlined
    return markup


def assets() -> Assets:
    found: Assets = current_app.extensions["assets"]
    return found


def finish(response: Response) -> Response:
    """Add what every reply carries; pages get an ETag, a policy and their compression."""
    headers = response.headers
    headers.extend(current_app.extensions["always"])
    if response.status_code != 304:
        headers["Content-Security-Policy"] = policy(inlined=g.get("inlined", False))
    if request.endpoint in ("pages.asset", "pages.icon"):
        return response
    headers["Vary"] = VARY
    if g.get("inlined"):
        response.set_cookie(SEEN, assets().sheet, max_age=31536000, secure=settings().secure, samesite="Lax")
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = keeping(response)
    return response if "finished" in g else pack(tag(response))


def policy(*, inlined: bool) -> str:
    found: str = current_app.extensions["policies"][inlined]
    return found


def keeping(response: Response) -> str:
    """How long a page may be kept. With cookies to set it belongs to one browser."""
    if response.status_code not in (200, 304) or request.endpoint not in READING:
        return "no-store"
    if g.get("signed_in") is not None:
        return "private, no-cache" if request.endpoint in KEPT_PRIVATELY else "no-store"
    return "private, no-cache" if "Set-Cookie" in response.headers else VISITORS_KEEP


def tag(response: Response) -> Response:
    """An ETag from the exact body; a reader who has it already gets 304, which carries no policy of its own."""
    if response.headers["Cache-Control"] == "no-store" or response.is_streamed:
        return response
    response.set_etag(hashlib.blake2b(response.get_data(), digest_size=12).hexdigest())
    response.make_conditional(request)
    if response.status_code == 304:
        del response.headers["Content-Security-Policy"]
    return response


def pack(response: Response) -> Response:
    """Compress text for those who take it."""
    text = (response.mimetype or "").startswith("text/") or response.mimetype == "application/json"
    if response.is_streamed or not text or response.status_code == 304 or "Content-Encoding" in response.headers:
        return response
    body = response.get_data()
    if len(body) >= SMALLEST_PACKED and accepts_gzip(request.headers.get("Accept-Encoding", "")):
        response.set_data(compress(body))
        response.headers["Content-Encoding"] = "gzip"
        etag, _weak = response.get_etag()
        if etag:
            response.set_etag(f"{etag}-gz")
    return response
