"""`lontar verify`: a stranger's file (PDF, signed document, text of a QR code) and the keys that one trusts -> what is
signed, in words; without any network."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from app.core import credentials, seals, short
from app.core.certificates import marks
from app.core.credentials import Credential, Foreign, StatusList
from app.core.proofs import raw_key
from app.ops.serving import Stopped

UNKNOWN = "Whether it was revoked since can't be told from the file: look up its number on the issuer's site."
ADDED = "Something was added behind what was sealed: a PDF reader tells whose signature it is, or what it changed."
LARGEST = 2_000_000  # bytes of a PDF
BAD = "Not signed by the given key(s), or changed since: it proves nothing."


class Verdict(NamedTuple):
    good: bool
    lines: tuple[str, ...]


class Method(msgspec.Struct, rename="camel"):
    public_key_multibase: str


class DidDocument(msgspec.Struct, rename="camel"):
    """The part of a did.json that is looked at."""

    verification_method: list[Method]


def keys_of(given: Sequence[str]) -> tuple[str, ...]:
    """The public keys that are named, or listed in a saved did.json. Raises Stopped."""
    return tuple(public for one in given for public in _keys_of(one))


def _keys_of(given: str) -> list[str]:
    path = Path(given)
    try:
        if given.startswith("z6Mk") and not path.exists():
            raw_key(given)
            return [given]
        document = msgspec.json.decode(_bytes(path), type=DidDocument)
        found = [method.public_key_multibase for method in document.verification_method]
        for public in found:
            raw_key(public)
    except (ValueError, msgspec.MsgspecError) as error:
        raise Stopped(f"{given[:100]} is neither a public key (z6Mk…) nor a did.json") from error
    return found


def _bytes(path: Path) -> bytes:
    """A file's beginning, of a document one byte longer than what is read at most."""
    with path.open("rb") as opened:
        data = opened.read(credentials.LARGEST + 1)
        return data + opened.read(LARGEST - len(data)) if data.startswith(b"%PDF") else data


def verify(file: Path, publics: Sequence[str], status: Path | None, now: datetime) -> Verdict:
    """What a file is worth: a signed document, or the text of a QR code. Raises Stopped for a file that is neither."""
    data = _bytes(file)
    try:
        if data.startswith(b"%PDF"):
            return _paper(data, publics, now)
        if data.lstrip()[:1] != b"{":
            return _short(data.decode(errors="replace"), publics, now)
        document, plain = credentials.read(data)
        if not isinstance(document, Credential):
            raise Foreign("it is a status list; give it with --status")
        signer = credentials.signer_of(plain, publics)
        if signer is None:
            return Verdict(False, (BAD,))
        return _judge(document, signer, _revoked(document, status, publics), now)
    except Foreign as error:
        raise Stopped(f"{file}: {error}") from error


def _paper(data: bytes, publics: Sequence[str], now: datetime) -> Verdict:
    """What the seal of a PDF says; the facts are those of the record inside, never of the printed text."""
    sealed = seals.read(data, publics)
    if sealed is None:
        return Verdict(False, (BAD,))
    record = seals.record_in(data[: len(data) - len(sealed.rest)], sealed.number)
    marked = [f"It certifies nothing: {mark}" for mark in marks(record)] if record else []
    facts = short.facts(record) if record else {"number": sealed.number, "expiry": ""}
    expired = bool(facts["expiry"]) and now.date().isoformat() > facts["expiry"]
    lines = [f"{name.replace('_', ' ').capitalize()}: {value}" for name, value in facts.items() if value]
    added = [ADDED] if sealed.rest.strip() else []
    more = [*marked, *(["Expired."] if expired else []), *added]
    return Verdict(not more, (f"Seal: good, by {sealed.signer}", *lines, *more, UNKNOWN))


def _judge(document: Credential, signer: str, revoked: bool | None, now: datetime) -> Verdict:
    subject = document.credential_subject
    until = document.valid_until if isinstance(document.valid_until, str) else ""
    expired = bool(until) and now >= datetime.fromisoformat(until)
    facts = [
        f"Signature: good, by {signer}",
        f"Number: {subject.license_number}",
        *(f"Name: {one.identity_hash}" for one in subject.identifier),
        f"Document: {document.name}, version {subject.achievement.version}",
        f"Issuer: {document.issuer.name} ({document.issuer.id})",
        f"Date of issue: {document.valid_from[:10]}",
        *([f"Valid until: {until} ({'expired' if expired else 'not expired'})"] if until else []),
    ]
    said = {True: "Revoked: it no longer counts.", False: "Not revoked, says the status list.", None: UNKNOWN}
    return Verdict(not expired and not revoked, (*facts, said[revoked]))


def _revoked(document: Credential, status: Path | None, publics: Sequence[str]) -> bool | None:
    """What a saved status list says. Raises Foreign for a list of another issuer, or one that was changed."""
    if status is None:
        return None
    listed, plain = credentials.read(_bytes(status))
    if not isinstance(listed, StatusList) or listed.id != document.credential_status.status_list_credential:
        raise Foreign(f"{status} is not its status list, which is {document.credential_status.status_list_credential}")
    if credentials.signer_of(plain, publics) is None:
        raise Foreign(f"{status} is not signed by the given key(s)")
    return credentials.is_set(listed.credential_subject.encoded_list, int(document.credential_status.status_list_index))


def _short(text: str, publics: Sequence[str], now: datetime) -> Verdict:
    facts, signer = short.read(text, publics)
    if signer is None:
        return Verdict(False, (BAD,))
    expired = bool(facts["expiry"]) and now.date().isoformat() > facts["expiry"]
    marked = [f"It certifies nothing: {facts['mark']}"] if facts["mark"] else []
    lines = [f"{name.replace('_', ' ').capitalize()}: {value}" for name, value in facts.items() if value]
    return Verdict(
        not expired and not marked,
        (f"Signature: good, by {signer}", *lines, *marked, *(["Expired."] if expired else []), UNKNOWN),
    )
