"""What a file that a stranger has is worth by itself: signed here and unchanged, changed, or not ours."""

from collections.abc import Collection
from typing import NamedTuple

from app.core import credentials, seals, short
from app.core.credentials import Credential, Foreign

INTACT, ADDED, CHANGED, FOREIGN = "intact", "added", "changed", "foreign"


class Seen(NamedTuple):
    """`kind`: INTACT (signed by one of the keys, not a byte differs), ADDED (the same, with something behind it that
    its own signature must vouch for), CHANGED (it names a number, and that proves nothing) or FOREIGN (no number)."""

    kind: str
    number: str
    signer: str = ""


def look(data: bytes, publics: Collection[str]) -> Seen:
    """Judge a PDF, a signed document or the text of a QR code, without canonicalising what is not of our own form."""
    if data.lstrip()[:5] == b"%PDF-":
        return _pdf(data, publics)
    try:
        if data.lstrip()[:1] == b"{":
            return _document(data, publics)
        facts, signer = short.read(data[: short.LONGEST + 1].decode(errors="replace"), publics)
    except Foreign:
        return _named(data)
    return Seen(INTACT, facts["number"], signer) if signer else _named(facts["number"].encode())


def _pdf(data: bytes, publics: Collection[str]) -> Seen:
    sealed = seals.read(data, publics)
    if sealed is None:
        return _named(data)
    return Seen(ADDED if sealed.rest.strip() else INTACT, sealed.number, sealed.signer)


def _document(data: bytes, publics: Collection[str]) -> Seen:
    document, plain = credentials.read(data)
    signer = credentials.signer_of(plain, publics) if isinstance(document, Credential) else None
    if signer is None or not isinstance(document, Credential):
        return _named(data)
    return Seen(INTACT, document.credential_subject.license_number, signer)


def _named(data: bytes) -> Seen:
    number = seals.number_in(data)
    return Seen(CHANGED if number else FOREIGN, number)
