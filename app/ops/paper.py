"""The PDF of a certificate as this site hands it out: by its template, sealed with the key that signs certificates, and
signed by the institution where the settings name its key."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.core import credentials, seals, short
from app.core.pdf import Attachment, Unprintable, render
from app.core.proofs import SigningKey
from app.core.wording import LANGUAGES, attached
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
    key: SigningKey | None = None,
) -> bytes:
    """The PDF of a public record; raises `pdf.Unprintable` with a message for those who run the site.

    `key` signs: the QR code carries the record's short signed form behind the address, the public key and that form
    travel inside, and a seal covers every byte. Without a key there is none of this.
    """
    address = f"{config.base_url}/verify/{record['number']}"
    code = f"{address}#{short.make(record, key)}" if key else ""
    pdf = render(
        record,
        address,
        code=code,
        language=language,
        plain=plain,
        revoked=revoked,
        template=config.certificate_template,
        attachments=enclosed(config, code, key, language or record["language"]) if key else (),
    )
    if key:
        pdf = sealed(pdf, record["number"], key)
    return sealing.seal(pdf, config) if sealing.wanted(config) else pdf


def sealed(pdf: bytes, number: str, key: SigningKey) -> bytes:
    try:
        return seals.seal(pdf, number, key)
    except ValueError as error:
        raise Unprintable(str(error)) from error


def enclosed(config: Config, code: str, key: SigningKey, language: str) -> Sequence[Attachment]:
    """What `lontar verify` needs to check the record inside a PDF without any network: the key, and what it signed."""
    words = attached(language)
    keys = msgspec.json.encode(credentials.did_document(config.base_url, [key.public])).decode()
    return (
        Attachment(name="issuer-key.json", content=keys, type="application/json", description=words["key"]),
        Attachment(name="signed.txt", content=code + "\n", type="text/plain", description=words["signed"]),
    )
