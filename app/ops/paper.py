"""The PDF of a certificate as this site hands it out: by its template, and signed where the settings name a key."""

from collections.abc import Mapping
from typing import Any

from app.core.pdf import render
from app.core.wording import LANGUAGES
from app.ops import sealing
from config import Config


def languages() -> tuple[str, ...]:
    """The languages in which a certificate can be printed."""
    return tuple(LANGUAGES)


def make(
    config: Config,
    record: Mapping[str, Any],
    *,
    language: str = "",
    plain: bool = False,
    revoked: bool = False,
    signed: str = "",
) -> bytes:
    """The PDF of a public record; raises `pdf.Unprintable` with a message for those who run the site.

    `signed`: the record's short signed form (app.core.short), which the QR code carries behind the address.
    """
    address = f"{config.base_url}/verify/{record['number']}"
    pdf = render(
        record,
        address,
        code=f"{address}#{signed}" if signed else "",
        language=language,
        plain=plain,
        revoked=revoked,
        template=config.certificate_template,
    )
    return sealing.seal(pdf, config) if sealing.wanted(config) else pdf
