"""Signed documents, status lists and keys as a stranger fetches them, and what happens where nothing can be signed.

What runs on both databases sends, together, every statement that any test here sends.
"""

import json
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from app.core import credentials as documents
from app.core import short
from app.core.certificates import new_number
from app.core.content import Library
from app.core.proofs import SigningKey
from app.ops import keys
from app.records import certificates, people
from app.records.engine import open_session
from tests.web.conftest import BOTH, Build, Site
from tests.web.story import read_the_last
from tests.web.visitor import Page, Visitor

BASE = "https://learn.example.org"
UNKNOWN = new_number(b"a number that nobody has")


@pytest.fixture
def site(build: Build, tiny: Library) -> Site:
    made = build(tiny, base_url=BASE, issuer_name="Institute of the Isles", trusted_proxies=1)
    assert keys.ensure(made.engine, made.config, made.now) is None
    return made


def certified(site: Site, name: str = "Litia Vakatawale") -> tuple[Visitor, str]:
    profile = {"name_latin": "Litia V.", "country": "FJ", "sex": "woman", "organisation": "Ministry of Rivers"}
    id = site.account(site.next_login(), name, **profile)
    hers = site.browser(id)
    return hers, read_the_last(hers, id, site, "tiny").path.split("/")[2].partition("?")[0]


def fetched(site: Site, path: str, status: int = 200) -> Page:
    return site.visitor().get(path, status=status)


def document(site: Site, path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fetched(site, path).body)
    return found


def signer(site: Site, path: str) -> str | None:
    """Which of the keys in did.json signed what stands there."""
    known = [one["publicKeyMultibase"] for one in document(site, "/.well-known/did.json")["verificationMethod"]]
    _typed, plain = documents.read(fetched(site, path).body)
    return documents.signer_of(plain, known)


def current(site: Site) -> SigningKey:
    return keys.load(site.config)


def revoke(site: Site, number: str) -> None:
    with open_session(site.engine, write=True) as session:
        certificates.revoke(session, number, "a mistake", None, site.now)
        session.commit()


def bit(site: Site, number: str) -> bool:
    """Whether the status list says that this certificate no longer counts."""
    status = document(site, f"/certificates/{number}.json")["credentialStatus"]
    listed = document(site, status["statusListCredential"].removeprefix(BASE))
    return documents.is_set(listed["credentialSubject"]["encodedList"], int(status["statusListIndex"]))


@BOTH
def test_a_stranger_checks_a_document_with_the_published_keys(site: Site) -> None:
    _hers, number = certified(site)
    page = fetched(site, f"/certificates/{number}.json")
    assert page.headers["Content-Type"] == "application/vc"
    assert page.headers["Cache-Control"] == "no-store"
    assert signer(site, f"/certificates/{number}.json") == current(site).public
    assert signer(site, "/status/0") == current(site).public
    assert fetched(site, f"/certificates/{number.lower()}.json").path == f"/certificates/{number}.json"


def test_a_document_says_of_the_holder_what_the_public_record_says(site: Site) -> None:
    _hers, number = certified(site)
    shown = document(site, f"/certificates/{number}.json")
    assert [one["identityHash"] for one in shown["credentialSubject"]["identifier"]] == [
        "Litia Vakatawale",
        "Litia V.",
    ]
    # Letters of the signature and of the number are random: any two of them turn up now and then.
    shown.pop("proof")
    text = json.dumps(shown).replace(number, "")
    assert [word for word in ("Fiji", "FJ", "woman", "Rivers", "learner1", "score") if word in text] == []


def test_the_same_question_gets_the_same_bytes(site: Site) -> None:
    _hers, number = certified(site)
    for path in (f"/certificates/{number}.json", "/status/0"):
        before = fetched(site, path).body
        site.later(hours=3)
        assert fetched(site, path).body == before


def test_status_and_keys_may_be_kept_for_minutes(site: Site) -> None:
    certified(site)
    for path in ("/status/0", "/.well-known/did.json"):
        page = fetched(site, path)
        assert (page.headers["Cache-Control"], page.headers["Vary"]) == ("public, max-age=300", "Accept-Encoding")
        again = site.visitor(If_None_Match=page.headers["ETag"]).get(path, status=304)
        assert again.body == b""


@BOTH
def test_a_revoked_certificate_stands_in_the_list(site: Site) -> None:
    _hers, number = certified(site)
    _others, other = certified(site, "Tevita Latu")
    before = fetched(site, "/status/0").body
    revoke(site, number)
    assert (bit(site, number), bit(site, other)) == (True, False)
    assert signer(site, "/status/0") == current(site).public
    assert fetched(site, "/status/0").body != before


@BOTH
def test_a_withdrawn_certificate_stays_in_the_list(site: Site) -> None:
    """Its holder may still have the document; a checker must learn that the record is gone."""
    _hers, number = certified(site)
    status = document(site, f"/certificates/{number}.json")["credentialStatus"]
    with open_session(site.engine, write=True) as session:
        person = people.find_login(session, "learner1")
        assert person is not None
        people.erase(session, uuid.UUID(str(person.id)), site.now, keep_certificates=False)
        session.commit()
    assert fetched(site, f"/certificates/{number}.json", 404).status == 404
    encoded = document(site, "/status/0")["credentialSubject"]["encodedList"]
    assert documents.is_set(encoded, int(status["statusListIndex"]))


@BOTH
def test_after_a_rotation_old_and_new_documents_are_checked(site: Site) -> None:
    _hers, number = certified(site)
    path = f"/certificates/{number}.json"
    old, first = fetched(site, path).body, current(site).public
    site.later(days=400)
    second, _sealed = keys.rotate(site.engine, site.config, site.now)
    known = [one["publicKeyMultibase"] for one in document(site, "/.well-known/did.json")["verificationMethod"]]
    assert known == [second.public, first]
    assert documents.signer_of(documents.read(old)[1], known) == first
    assert signer(site, path) == signer(site, "/status/0") == second.public
    _others, other = certified(site, "Tevita Latu")
    assert signer(site, f"/certificates/{other}.json") == second.public


def test_numbers_and_lists_that_are_not_there(site: Site) -> None:
    for path in (
        f"/certificates/{UNKNOWN}.json",
        "/certificates/nonsense.json",
        "/status/1",
        "/status/-1",
        "/status/x",
    ):
        assert fetched(site, path, 404).status == 404


def break_key(path: Path, how: str) -> None:
    if how == "missing":
        path.unlink()
    elif how == "world-readable":
        path.chmod(0o644)
    elif how == "unreadable":
        path.unlink()
        path.mkdir(mode=0o700)
    else:
        path.write_text("-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n")


@pytest.mark.parametrize("how", ["missing", "world-readable", "unreadable", "nonsense"])
def test_without_a_usable_key_all_but_signing_goes_on(site: Site, how: str) -> None:
    _hers, number = certified(site)
    break_key(keys.place(site.config), how)
    assert fetched(site, f"/certificates/{number}.json", 503).headers["Retry-After"] == "3600"
    assert fetched(site, "/status/0", 503).status == 503
    assert fetched(site, f"/verify/{number}").h1 == f"Our record for number {number}"
    assert fetched(site, f"/certificates/{number}.pdf").body.startswith(b"%PDF")
    assert len(document(site, "/.well-known/did.json")["verificationMethod"]) == 1
    assert certified(site, "Tevita Latu")[1] != number


def test_a_site_that_never_had_a_key_has_none_to_show(build: Build, tiny: Library) -> None:
    site = build(tiny)
    assert fetched(site, "/.well-known/did.json", 404).status == 404
    assert "page to keep" not in fetched(site, "/verify").main


def test_the_page_to_keep_holds_keys_style_and_script(site: Site) -> None:
    page = fetched(site, "/verify/offline")
    assert page.headers["Content-Disposition"] == 'attachment; filename="check-certificates.html"'
    assert f'data-keys="{current(site).public}"' in page.html
    assert "crypto.subtle" in page.html
    assert [word for word in ("src=", 'rel="stylesheet"', "url(") if word in page.html] == []


def test_the_address_out_of_a_qr_code_finds_the_record(site: Site) -> None:
    _hers, number = certified(site)
    with open_session(site.engine, write=False) as session:
        found = certificates.find(session, number, site.now)
    assert found is not None
    assert found.record is not None
    code = short.make(found.record, current(site))
    page = site.visitor().get(f"/verify?number={quote(f'{BASE}/verify/{number}#{code}', safe='')}")
    assert page.path == f"/verify/{number}"
