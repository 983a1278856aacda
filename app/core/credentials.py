"""Certificates as signed documents: Open Badges 3.0 in the form of W3C Verifiable Credentials 2.0, and status lists.

The structs below are the closed form of what is ever signed or checked: whatever has another key, or a list longer
than ours, is refused before anything costly looks at it. About the holder they say what the public record says.
"""

import base64
import gzip
import random
import zlib
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Meta, UnsetType

from app.core import contexts, proofs
from app.core.certificates import COMPLETION
from app.core.content import Library, in_language
from app.core.proofs import SigningKey
from app.core.wording import wording

PLACES = 131_072  # of one status list; fewer would tell too much about whose status is looked at
LARGEST = 200_000  # bytes of a document that is read at all
FRAMEWORK = "Action Plan to Strengthen Regional Cooperation on Social Protection in Asia and the Pacific"
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
FIVE_MINUTES: Final = 300_000  # milliseconds for which a status list may be kept

Line = Annotated[str, Meta(min_length=1, max_length=2000)]
Address = Annotated[str, Meta(max_length=500, pattern=r"^(https?://|did:web:)")]
Moment = Annotated[str, Meta(max_length=40, pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$")]
Value = Annotated[str, Meta(max_length=100, pattern=r"^z[1-9A-HJ-NP-Za-km-z]+$")]


class Foreign(ValueError):
    """A document that is not of the form that Lontar issues; the message says where it differs."""


class Closed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    pass


class Proof(Closed, frozen=True, kw_only=True):
    type: Literal["DataIntegrityProof"]
    cryptosuite: Literal["eddsa-rdfc-2022"]
    created: Moment
    verification_method: Address
    proof_purpose: Literal["assertionMethod"]
    proof_value: Value


class Profile(Closed, frozen=True, kw_only=True):
    type: tuple[Literal["Profile"]] = ("Profile",)
    id: Address
    name: Line
    url: Address


class Identity(Closed, frozen=True, kw_only=True):
    type: Literal["IdentityObject"] = "IdentityObject"
    identity_hash: Line
    hashed: bool = False
    identity_type: Literal["name"] = "name"


class Criteria(Closed, frozen=True, kw_only=True):
    narrative: Line


class Alignment(Closed, frozen=True, kw_only=True):
    type: tuple[Literal["Alignment"]] = ("Alignment",)
    target_name: Line
    target_url: Address
    target_framework: Line
    target_code: Line


class Achievement(Closed, frozen=True, kw_only=True):
    type: tuple[Literal["Achievement"]] = ("Achievement",)
    id: Address
    achievement_type: Literal["CertificateOfCompletion", "Course"]
    name: Line
    description: Line
    criteria: Criteria
    in_language: Line
    version: Line
    alignment: Annotated[tuple[Alignment, ...], Meta(max_length=20)] | UnsetType = UNSET


class Subject(Closed, frozen=True, kw_only=True):
    type: tuple[Literal["AchievementSubject"]] = ("AchievementSubject",)
    identifier: Annotated[tuple[Identity, ...], Meta(min_length=1, max_length=2)]
    license_number: Line
    achievement: Achievement


class Schema(Closed, frozen=True, kw_only=True):
    type: Literal["1EdTechJsonSchemaValidator2019"] = "1EdTechJsonSchemaValidator2019"
    id: Address = SCHEMA


class Status(Closed, frozen=True, kw_only=True):
    type: Literal["BitstringStatusListEntry"] = "BitstringStatusListEntry"
    id: Address
    status_list_index: Annotated[str, Meta(pattern=r"^\d{1,6}$")]
    status_list_credential: Address
    status_purpose: Literal["revocation"] = "revocation"


BadgeContexts = tuple[
    Literal["https://www.w3.org/ns/credentials/v2"],
    Literal["https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
    Literal["https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"],
]


class Credential(Closed, frozen=True, kw_only=True):
    """`/certificates/<number>.json`, but for its proof where it is not yet signed."""

    context: BadgeContexts = msgspec.field(
        name="@context", default=(contexts.CREDENTIALS, contexts.BADGES, contexts.EXTENSIONS)
    )
    type: tuple[Literal["VerifiableCredential"], Literal["OpenBadgeCredential"]] = (
        "VerifiableCredential",
        "OpenBadgeCredential",
    )
    id: Address
    name: Line
    issuer: Profile
    valid_from: Moment
    credential_subject: Subject
    credential_status: Status
    valid_until: Moment | UnsetType = UNSET
    description: Line | UnsetType = UNSET  # which edition it is, where it is not the first
    credential_schema: tuple[Schema] = (Schema(),)
    proof: tuple[Proof] | UnsetType = UNSET


class Bits(Closed, frozen=True, kw_only=True):
    type: Literal["BitstringStatusList"] = "BitstringStatusList"
    id: Address
    encoded_list: Annotated[str, Meta(max_length=60_000, pattern=r"^u[A-Za-z0-9_-]+$")]
    ttl: Literal[300_000] = FIVE_MINUTES
    status_purpose: Literal["revocation"] = "revocation"


class StatusList(Closed, frozen=True, kw_only=True):
    """`/status/<list>`, but for its proof where it is not yet signed."""

    context: tuple[Literal["https://www.w3.org/ns/credentials/v2"]] = msgspec.field(
        name="@context", default=(contexts.CREDENTIALS,)
    )
    type: tuple[Literal["VerifiableCredential"], Literal["BitstringStatusListCredential"]] = (
        "VerifiableCredential",
        "BitstringStatusListCredential",
    )
    id: Address
    issuer: Address
    valid_from: Moment
    credential_subject: Bits
    proof: tuple[Proof] | UnsetType = UNSET


# Building


def did_of(base_url: str) -> str:
    """The issuer's name as a decentralised identifier: `did:web:` and the host, its port escaped."""
    return "did:web:" + quote(urlsplit(base_url).netloc, safe="")


def did_document(base_url: str, publics: Iterable[str]) -> dict[str, Any]:
    """What `/.well-known/did.json` says: each key that ever signed, the newest first."""
    did = did_of(base_url)
    methods = [
        {"id": f"{did}#{public}", "type": "Multikey", "controller": did, "publicKeyMultibase": public}
        for public in publics
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def credential(record: Mapping[str, Any], place: tuple[int, int], base_url: str, library: Library) -> Credential:
    """The unsigned credential of a public record; `place`: its status list and the index in it.

    The library is asked only for the titles of the national actions that the course's modules serve.
    """
    words = wording(record, record["language"])
    mark = f"{words.marks[0].word}: " if words.marks else ""
    warning = f"{words.marks[0].sentence} " if words.marks else ""
    certifier = next(fact.value for fact in words.facts if fact.key == "issuer")
    listed = f"{base_url}/status/{place[0]}"
    kind, course = record["kind"], record["course"]
    achievement = Achievement(
        id=f"{base_url}/courses/{quote(course)}/#{kind}-{quote(record['version'], safe='')}",
        achievement_type="CertificateOfCompletion" if kind == COMPLETION else "Course",
        name=mark + record["course_title"],
        description=_short(f"{warning}{words.study}. {' '.join(words.small_print)}"),
        criteria=Criteria(narrative=_short(f"{words.title}: {words.deed} “{record['course_title']}”, {words.result}.")),
        in_language=record["language"],
        version=record["version"],
        alignment=alignments(record, base_url, library) or UNSET,
    )
    names = [name for name in (record["name"], record["name_latin"]) if name]
    return Credential(
        id=f"{base_url}/certificates/{record['number']}.json",
        name=_short(f"{mark}{words.title}: {record['course_title']}"),
        description=words.edition or UNSET,
        issuer=Profile(id=did_of(base_url), name=certifier, url=base_url),
        valid_from=_midnight(record, record["date"], 0),
        valid_until=_midnight(record, record["expiry"], 1) if record["expiry"] else UNSET,
        credential_subject=Subject(
            identifier=tuple(Identity(identity_hash=name) for name in names),
            license_number=record["number"],
            achievement=achievement,
        ),
        credential_status=Status(
            id=f"{listed}#{place[1]}", status_list_index=str(place[1]), status_list_credential=listed
        ),
    )


def _short(text: str) -> str:
    return text if len(text) <= 2000 else text[:1999] + "…"


def _midnight(record: Mapping[str, Any], day: str, later: int) -> str:
    """The beginning of a day, or of a later one, where the certificate was issued."""
    moment = date.fromisoformat(day) + timedelta(days=later)
    return datetime(moment.year, moment.month, moment.day, tzinfo=ZoneInfo(record["timezone"])).isoformat()


def alignments(record: Mapping[str, Any], base_url: str, library: Library) -> tuple[Alignment, ...]:
    """The national actions that the course serves, as far as this library still has the course."""
    course = library.courses.get(record["course"])
    modules = [library.modules[module] for module in course.modules] if course else []
    served = {action for module in modules for action in module.actions}
    return tuple(
        Alignment(
            target_code=action.id,
            target_name=in_language(action.title, record["title_language"])[1],
            target_url=f"{base_url}/courses/{quote(record['course'])}/",
            target_framework=FRAMEWORK,
        )
        for action in library.actions.values()
        if action.id in served
    )


def status_list(number: int, revoked: Collection[int], base_url: str, since: datetime) -> StatusList:
    """The unsigned list `number`; `revoked`: the indexes that no longer count; `since`: its newest change."""
    address = f"{base_url}/status/{number}"
    return StatusList(
        id=address,
        issuer=did_of(base_url),
        valid_from=moment(since),
        credential_subject=Bits(id=f"{address}#list", encoded_list=encode(revoked)),
    )


def moment(at: datetime) -> str:
    """A moment as XML dateTime, to the second."""
    return at.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def encode(revoked: Collection[int]) -> str:
    """The bits of a list, the first index leftmost, packed with gzip and written in base 64 for addresses."""
    bits = bytearray(PLACES // 8)
    for index in revoked:
        bits[index >> 3] |= 128 >> (index & 7)
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode().rstrip("=")


def is_set(encoded: str, index: int) -> bool:
    """Whether the bit of an index is set. Raises Foreign for a list that is none, or is too large or too short."""
    try:
        packed = base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4))
        bits = zlib.decompressobj(31).decompress(packed, PLACES // 8 + 1)
    except (ValueError, zlib.error) as error:
        raise Foreign("the status list cannot be unpacked") from error
    if len(bits) != PLACES // 8 or index >= PLACES:
        raise Foreign(f"the status list has not {PLACES:,} places")
    return bool(bits[index >> 3] & 128 >> (index & 7))


def any_place(chance: random.Random) -> int:
    """An index in a status list that tells nothing of when a certificate was issued."""
    return chance.randrange(PLACES)


# Signing and reading


def signed(document: Credential | StatusList, key: SigningKey, base_url: str, created: str) -> dict[str, Any]:
    """The document with its proof, as JSON-ready data."""
    return proofs.sign(as_plain(document), key, did_of(base_url), created)


def as_plain(document: Closed) -> dict[str, Any]:
    """A document as JSON-ready data: lists, no tuples."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return plain


def read(data: bytes) -> tuple[Credential | StatusList, dict[str, Any]]:
    """A document of our form, and the same as plain data. Raises Foreign for every other, however large or deep."""
    if len(data) > LARGEST:
        raise Foreign(f"it is larger than {LARGEST:,} bytes; a certificate's document has about 6,000")
    try:
        plain = msgspec.json.decode(data)
        listed = isinstance(plain, dict) and "BitstringStatusListCredential" in str(plain.get("type"))[:200]
        kind: type[Credential | StatusList] = StatusList if listed else Credential
        typed = msgspec.convert(plain, kind)
    except RecursionError as error:
        raise Foreign("it is nested too deeply") from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise Foreign(f"it is not of the form that Lontar issues: {error}") from error
    if typed.proof is UNSET:
        raise Foreign("it carries no signature")
    if isinstance(typed, Credential) and any(one.hashed for one in typed.credential_subject.identifier):
        raise Foreign("it is not of the form that Lontar issues: hashed names")
    if as_plain(typed) != plain:
        raise Foreign("it is not of the form that Lontar issues: something is left out")
    return typed, plain


def signer_of(plain: Mapping[str, Any], publics: Collection[str]) -> str | None:
    """Which of these keys signed what `read` gave; None: none of them, or it was changed."""
    return proofs.signer_of(plain, publics)
