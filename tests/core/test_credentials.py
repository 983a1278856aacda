"""Certificates as Open Badges: what they say, what they never say, and documents of strangers."""

import base64
import gzip
import json
import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from app.core import credentials as documents
from app.core import short
from app.core.certificates import Issuer, public_record, rule_of
from app.core.content import Library
from app.core.credentials import Foreign, StatusList, encode, is_set, read, signer_of
from app.core.load import load
from app.core.proofs import SigningKey
from app.core.wording import LANGUAGES

BASE = "https://learn.example.org"
KEY = SigningKey(bytes(range(32)))
OTHER = SigningKey(bytes(range(1, 33)))
AT = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
ISSUER = Issuer(name="Institute of the Isles", signatory="Mere Talani", role="Director", timezone="Asia/Bangkok")
TINY = Path(__file__).parents[1] / "courses" / "tiny"


@pytest.fixture(scope="module")
def library() -> Library:
    found, _problems = load(TINY, today=date(2026, 11, 22))
    assert found is not None
    return found


def record(library: Library, **changes: Any) -> dict[str, Any]:
    course = library.courses["tiny"]
    values = {
        "number": "LON-7K4M-2Q9X-HD37",
        "edition": 1,
        "name": "សុខ សុភា",
        "name_latin": "Sok Sophea",
        "course": course,
        "language": "en",
        "kind": "completion",
        "at": AT,
        "timezone": "Asia/Bangkok",
        "issuer": ISSUER,
        "rule": rule_of(library, course, "completion"),
        "demo": False,
        "trial": False,
    }
    return public_record(**(values | changes))


def signed(library: Library, **changes: Any) -> dict[str, Any]:
    document = documents.credential(record(library, **changes), (0, 77), BASE, library)
    return documents.signed(document, KEY, BASE, "2026-11-22T00:00:00Z")


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaves(value, (*path, key))
    else:
        yield path


def changed(document: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    copy = json.loads(json.dumps(document))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return copy


def verdict(document: Any) -> str | None:
    """Who signed; "refused" for what is not even looked at."""
    try:
        _typed, plain = read(json.dumps(document).encode())
    except Foreign:
        return "refused"
    return signer_of(plain, [KEY.public])


def test_what_a_credential_says(library: Library) -> None:
    document = signed(library)
    subject = document["credentialSubject"]
    assert list(document) == [
        *("@context", "type", "id", "name", "issuer", "validFrom", "credentialSubject", "credentialStatus"),
        *("credentialSchema", "proof"),
    ]
    assert document["id"] == f"{BASE}/certificates/LON-7K4M-2Q9X-HD37.json"
    assert document["issuer"]["id"] == "did:web:learn.example.org"
    assert document["validFrom"] == "2026-11-22T00:00:00+07:00"  # the day where it was issued
    assert [one["identityHash"] for one in subject["identifier"]] == ["សុខ សុភា", "Sok Sophea"]
    assert subject["licenseNumber"] == "LON-7K4M-2Q9X-HD37"
    assert subject["achievement"]["name"] == "A tiny course"
    assert "every module quiz" in subject["achievement"]["criteria"]["narrative"]
    assert [one["targetCode"] for one in subject["achievement"]["alignment"]] == ["A1", "A2"]
    assert document["credentialStatus"]["statusListCredential"] == f"{BASE}/status/0"
    assert verdict(document) == KEY.public


def test_it_expires_at_the_end_of_its_last_day(library: Library) -> None:
    rule = rule_of(library, library.courses["tiny"], "completion") | {"valid_years": 3}
    document = signed(library, rule=rule)
    assert document["validUntil"] == "2029-11-23T00:00:00+07:00"
    assert verdict(document) == KEY.public


@pytest.mark.parametrize("kind", ["completion", "participation"])
@pytest.mark.parametrize("language", [*LANGUAGES, "ar-XB"])
def test_every_kind_and_language_can_be_signed(library: Library, kind: str, language: str) -> None:
    assert verdict(signed(library, kind=kind, language=language)) == KEY.public


def test_what_certifies_nothing_says_so_first(library: Library) -> None:
    for changes, word in (({"demo": True}, "DEMO"), ({"issuer": Issuer()}, "SAMPLE"), ({"trial": True}, "TRIAL")):
        document = signed(library, **changes)
        assert document["name"].startswith(word)
        assert document["credentialSubject"]["achievement"]["name"].startswith(word)
        assert (
            document["credentialSubject"]["achievement"]["description"]
            .split(";")[1]
            .startswith(" it certifies nothing")
        )


def test_a_course_that_is_gone_leaves_a_credential_without_alignment(library: Library) -> None:
    document = signed(library)
    elsewhere = documents.credential(record(library) | {"course": "gone"}, (0, 1), BASE, library)
    assert "alignment" in document["credentialSubject"]["achievement"]
    assert "alignment" not in documents.as_plain(elsewhere)["credentialSubject"]["achievement"]


def test_any_change_anywhere_is_noticed(library: Library) -> None:
    """Each leaf is covered by the signature: the trap is a term that the canonical form leaves out."""
    document = signed(library)
    unnoticed = []
    for path in leaves(document):
        value = document
        for key in path:
            value = value[key]
        other: Any = not value if isinstance(value, bool) else f"{value}x"
        if verdict(changed(document, path, other)) == KEY.public:
            unnoticed.append(path)
    assert unnoticed == []


@pytest.mark.parametrize(
    "path",
    [
        (),
        ("credentialSubject",),
        ("credentialSubject", "achievement"),
        ("issuer",),
        ("proof", 0),
        ("credentialStatus",),
    ],
)
def test_one_more_key_is_refused(library: Library, path: tuple[Any, ...]) -> None:
    assert verdict(changed(signed(library), (*path, "grade"), "excellent")) == "refused"


def test_a_missing_key_or_proof_is_refused(library: Library) -> None:
    document = signed(library)
    for name in set(document) - {"credentialSubject"}:
        assert verdict({key: value for key, value in document.items() if key != name}) == "refused"
    assert verdict(document | {"proof": document["proof"] * 2}) == "refused"
    assert verdict(document | {"@context": [*document["@context"], {"name": "https://example.org/other"}]}) == "refused"


def blank_nodes(n: int) -> list[dict[str, Any]]:
    """A graph in which every node looks like every other: the dread of a canonicaliser."""
    return [{"id": f"_:b{i}", "knows": [{"id": f"_:b{j}"} for j in range(n) if j != i]} for i in range(n)]


HOSTILE = {
    "a poison graph": json.dumps({"@context": ["https://www.w3.org/ns/credentials/v2"], "@graph": blank_nodes(30)}),
    "deep lists": "[" * 90_000 + "]" * 90_000,
    "deep objects": '{"a":' * 30_000 + "1" + "}" * 30_000,
    "large": '{"a": "' + "x" * 1_000_000 + '"}',
    "not JSON": "certificate",
    "not UTF-8": "\udcff",
    "empty": "",
    "a list": "[]",
    "null": "null",
    "a foreign badge": json.dumps({"@context": "https://w3id.org/openbadges/v2", "type": "Assertion"}),
    "types of both": json.dumps({"type": ["BitstringStatusListCredential", "OpenBadgeCredential"]}),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_strangers_document_is_refused_at_once(text: str) -> None:
    began = time.perf_counter()
    with pytest.raises(Foreign):
        read(text.encode(errors="surrogateescape"))
    assert time.perf_counter() - began < 1


def test_many_alignments_or_names_are_refused(library: Library) -> None:
    document = signed(library)
    achievement = document["credentialSubject"]["achievement"]
    many = achievement["alignment"] * 11
    assert verdict(changed(document, ("credentialSubject", "achievement", "alignment"), many)) == "refused"
    names = document["credentialSubject"]["identifier"] * 2
    assert verdict(changed(document, ("credentialSubject", "identifier"), names)) == "refused"


# Status lists


def test_a_status_list_says_which_places_are_gone() -> None:
    chance = random.Random(5)
    gone = {0, 7, 8, documents.PLACES - 1, *(chance.randrange(documents.PLACES) for _ in range(500))}
    encoded = encode(gone)
    bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
    assert len(bits) == documents.PLACES // 8
    assert {place for place in range(documents.PLACES) if bits[place // 8] & 128 >> place % 8} == gone
    looked = gone | {(place + step) % documents.PLACES for place in gone for step in (-8, -1, 1, 8)}
    assert {place for place in looked if is_set(encoded, place)} == gone
    assert encode(gone) == encoded
    assert len(encode(())) < 200


def test_a_status_list_is_signed_and_read() -> None:
    listed = documents.status_list(3, {5}, BASE, AT)
    document = documents.signed(listed, KEY, BASE, documents.moment(AT))
    typed, plain = read(json.dumps(document).encode())
    assert isinstance(typed, StatusList)
    assert (typed.id, typed.valid_from) == (f"{BASE}/status/3", "2026-11-21T20:30:00Z")
    assert signer_of(plain, [OTHER.public, KEY.public]) == KEY.public
    other = changed(document, ("credentialSubject", "encodedList"), encode(()))
    assert verdict(other) is None


@pytest.mark.parametrize("encoded", ["u", "uAAAA", "uH4sI", encode({5})[:-9], "u!!!"])
def test_a_broken_list_is_refused(encoded: str) -> None:
    with pytest.raises(Foreign):
        is_set(encoded, 5)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = "u" + base64.urlsafe_b64encode(gzip.compress(bytes(50_000_000))).decode().rstrip("=")
    with pytest.raises(Foreign, match="has not 131,072 places"):
        is_set(bomb, 5)


# The issuer's name


def test_the_issuers_name_escapes_its_port() -> None:
    assert documents.did_of("http://127.0.0.1:8000") == "did:web:127.0.0.1%3A8000"
    document = documents.did_document(BASE, [KEY.public, OTHER.public])
    assert document["assertionMethod"] == [f"did:web:learn.example.org#{one.public}" for one in (KEY, OTHER)]
    assert document["verificationMethod"][1]["publicKeyMultibase"] == OTHER.public


# The short form


def test_the_short_form_carries_the_facts(library: Library) -> None:
    text = short.make(record(library), KEY)
    facts, signer = short.read(f"{BASE}/verify/LON-7K4M-2Q9X-HD37#{text}", [OTHER.public, KEY.public])
    assert signer == KEY.public
    assert facts == {
        "number": "LON-7K4M-2Q9X-HD37",
        "kind": "completion",
        "mark": "",
        "name": "សុខ សុភា",
        "name_latin": "Sok Sophea",
        "course_title": "A tiny course",
        "version": "1.0",
        "date": "2026-11-22",
        "expiry": "",
    }
    assert short.read(text, [OTHER.public])[1] is None
    assert short.read(short.make(record(library, issuer=Issuer()), KEY), [KEY.public])[0]["mark"] == "sample"


def test_a_changed_short_form_is_not_signed(library: Library) -> None:
    mark, facts, signature = short.make(record(library), KEY).split(".")
    assert (
        short.read(f"{mark}.{short._pack(short._unpack(facts).replace(b'Sok', b'Sam'))}.{signature}", [KEY.public])[1]
        is None
    )
    for text in (
        "",
        "L1",
        "L1..",
        f"L2.{facts}.{signature}",
        f"L1.{facts}",
        f"L1.!.{signature}",
        f"L1.AA.{signature}",
        "x" * 9000,
    ):
        with pytest.raises(Foreign):
            short.read(text, [KEY.public])


def test_no_name_breaks_the_lines_of_the_short_form(library: Library) -> None:
    facts, signer = short.read(short.make(record(library) | {"name": "Ana\nexpired\r\n2099"}, KEY), [KEY.public])
    assert (facts["name"], signer) == ("Ana expired 2099", KEY.public)
