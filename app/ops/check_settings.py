"""Health checks of settings, course and mail."""

import platform
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from app.core.content import Library
from app.core.load import load
from app.core.pdf import TEMPLATE
from app.ops import mailing, sealing, specimens
from app.ops.findings import ERROR, OK, WARNING, Finding, Site
from app.ops.serving import POINTER, actual, running
from config import ROOT

PATIENCE = 5  # seconds to wait for another machine
SIGNING_RENEWAL = timedelta(days=60)  # an institution's certificate takes weeks to renew
RENEWAL = timedelta(days=14)  # a TLS certificate that ends sooner was not renewed in time


def program(site: Site) -> Iterator[Finding]:
    pid = running(site.config)
    server = f"its server runs as process {pid}" if pid else "no server started by `lontar serve` runs"
    yield Finding("program", OK, f"Lontar {version('lontar')} on Python {platform.python_version()}; {server}")


def address(site: Site) -> Iterator[Finding]:
    config = site.config
    if config.loopback:
        advice = "for a trial that is right; else set LONTAR_BASE_URL"
        yield Finding("address", WARNING, f"{config.base_url} is this machine: certificates say TRIAL", advice)
    elif not config.secure:
        yield Finding(
            "address", WARNING, f"{config.base_url} is not encrypted: passwords can be read on the way", "use https"
        )
    else:
        yield _certificate(config.base_url)
        if not config.trusted_proxies:
            said = "the proxy's X-Forwarded headers are ignored, so all people seem to come from one place"
            yield Finding("address", WARNING, said, "set LONTAR_TRUSTED_PROXIES to the number of proxies in front")


def _certificate(base_url: str) -> Finding:
    """Whether the site's own address answers with a TLS certificate that lasts."""
    place = urlsplit(base_url)
    host = str(place.hostname)
    try:
        with (
            socket.create_connection((host, place.port or 443), PATIENCE) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure,
        ):
            known = secure.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return Finding("address", ERROR, f"{base_url}: {error.verify_message}", "renew the proxy's certificate")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return Finding("address", WARNING, f"{base_url} was not reached from here ({reason})", "look at the proxy")
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(known["notAfter"])), UTC)
    late = ends - datetime.now(UTC) < RENEWAL
    said = f"{base_url} answers; its TLS certificate ends on {ends:%Y-%m-%d}"
    return Finding("address", WARNING if late else OK, said, "renew it" if late else "")


def issuer(site: Site) -> Iterator[Finding]:
    config = site.config
    if not config.issuer_name:
        advice = "set LONTAR_ISSUER_NAME, _SIGNATORY and _ROLE when an institution stands behind them"
        yield Finding("certificates", WARNING, "no issuer is named: certificates say SAMPLE", advice)
    elif not (config.issuer_signatory and config.issuer_role):
        advice = "set LONTAR_ISSUER_SIGNATORY and LONTAR_ISSUER_ROLE"
        yield Finding("certificates", WARNING, f"issued by {config.issuer_name}, signed by nobody", advice)
    else:
        yield Finding("certificates", OK, f"issued by {config.issuer_name}")


def paper(site: Site) -> Iterator[Finding]:
    """Whether the certificate's template makes a PDF, and whether its signature can be made."""
    config = site.config
    own = "the built-in" if config.certificate_template == TEMPLATE else str(config.certificate_template)
    advice = "look at LONTAR_CERTIFICATE_TEMPLATE; `lontar certificate preview` shows each name"
    library, _problems = site.course
    if library is None or not library.courses:
        return
    specimen = next(specimens.render_all(replace(config, pades_key=Path()), library))
    if specimen.fault:
        yield Finding("certificate PDF", ERROR, specimen.fault, advice)
        return
    if not sealing.wanted(config):
        yield Finding("certificate PDF", OK, f"{own} template prints; PDFs are not signed (LONTAR_PADES_KEY is empty)")
        return
    try:
        ends = sealing.valid_until(config)
    except sealing.NotSigned as fault:
        yield Finding("certificate PDF", ERROR, str(fault), "no PDF is handed out until this is mended")
        return
    late = ends - datetime.now(UTC) < SIGNING_RENEWAL
    said = f"{own} template prints; PDFs are signed with a certificate that ends on {ends:%Y-%m-%d}"
    yield Finding("certificate PDF", WARNING if late else OK, said, "ask its issuer for a new one" if late else "")


def contact(site: Site) -> Iterator[Finding]:
    if site.config.contact:
        yield Finding("contact", OK, f"people in need are sent to {site.config.contact}")
    else:
        yield Finding("contact", WARNING, "help and error pages name nobody who helps", "set LONTAR_CONTACT")


def course(site: Site) -> Iterator[Finding]:
    library, problems = site.course
    errors = sum(one.severity == "error" for one in problems)
    if library is None:
        yield Finding("course", ERROR, f"the course files have {errors} error(s)", "see `lontar check`")
        return
    advice = "see `lontar check`" if problems else ""
    said = f"release {library.release}, {len(problems)} warning(s)"
    yield Finding("course", WARNING if problems else OK, said, advice)
    pointer = site.config.instance / POINTER
    served = Path(pointer.read_text().strip()).stem.removeprefix("library-") if pointer.exists() else ""
    if served and served != library.release:
        yield Finding("course", WARNING, f"the server has release {served}, the files differ", "run `lontar reload`")


def final_bank(site: Site) -> Iterator[Finding]:
    """The questions that come with the program are public, answers included."""
    library, _problems = site.course
    if library is None or not site.serious:
        return
    shipped = (
        library
        if actual(site.config).content == ROOT
        else load(ROOT, today=site.now.date(), kept=site.config.instance / "shipped.kept")[0]
    )
    common = _asked(library) & (_asked(shipped) if shipped else set())
    if common:
        yield Finding(
            "final test",
            WARNING,
            f"{len(common)} question(s) of the final come with the program, so everybody can read their answers",
            "keep a final of your own in a private content root (docs/operating.md)",
        )
    else:
        yield Finding("final test", OK, "its questions are this site's own")


def _asked(library: Library) -> set[str]:
    """The versions of all questions that finals may ask."""
    finals = [library.quizzes[one.final] for one in library.courses.values() if one.final]
    return {item.version for quiz in finals for item in quiz.items if item.graded}


def mail(site: Site) -> Iterator[Finding]:
    config = site.config
    if not config.mail_host:
        yield Finding("mail", OK, "none is sent; lost passwords need a recovery code or `lontar user code`")
        return
    if not config.mail_from:
        yield Finding("mail", ERROR, "LONTAR_MAIL_HOST is set, but no sender", "set LONTAR_MAIL_FROM")
    if config.mail_security == "none" and config.mail_user:
        advice = "set LONTAR_MAIL_SECURITY to starttls or tls"
        yield Finding("mail", WARNING, "the mail password travels unencrypted", advice)
    where = f"{config.mail_host}:{config.mail_port}"
    try:
        with mailing.connect(config) as server:
            server.noop()
    except OSError as error:
        kind = type(error).__name__
        yield Finding("mail", ERROR, f"{where} cannot be used ({kind})", "look at the LONTAR_MAIL_ settings")
    else:
        yield Finding("mail", OK, f"{where} takes mail")
