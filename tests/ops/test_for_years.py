"""A certificate through all that can happen to a site: a rename, a new course version, another key, a lost machine."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Engine

from app.core import checking, short
from app.core import credentials as documents
from app.core.certificates import RECORD_KEYS
from app.core.content import Library
from app.core.credentials import Credential
from app.ops import keys, paper, verifying
from app.records import certificates, editions, issuer_keys, places
from app.records.engine import open_session
from config import Config
from tests.ops.test_keys import BASE, MORNING, PHRASE, back_up, bring_back, graduate
from tests.records.samples import COURSE, LIBRARY, NOW


def outside(engine: Engine, config: Config, number: str, folder: Path, library: Library = LIBRARY) -> dict[str, bytes]:
    """What a holder took home: the PDF, the signed document, the text of the QR code."""
    with open_session(engine, write=False) as session:
        found, place = certificates.find(session, number, NOW), places.of(session, number)
    assert found is not None
    assert found.record is not None
    assert set(found.record) == set(RECORD_KEYS)
    assert place is not None
    key = keys.load(config)
    document = documents.signed(
        documents.credential(found.record, place, BASE, library), key, BASE, "2026-11-22T00:00:00Z"
    )
    taken = {
        "paper.pdf": paper.make(config, found.record, key=key),
        "document.json": json.dumps(document).encode(),
        "code.txt": f"{BASE}/verify/{number}#{short.make(found.record, key)}".encode(),
    }
    for name, data in taken.items():
        (folder / name).write_bytes(data)
    return taken


def status_list(engine: Engine, config: Config, folder: Path) -> Path:
    with open_session(engine, write=False) as session:
        gone = places.gone(session, 0)
    listed = documents.status_list(0, gone.places, BASE, gone.newest or NOW)
    file = folder / "status.json"
    file.write_text(json.dumps(documents.signed(listed, keys.load(config), BASE, documents.moment(MORNING))))
    return file


def checks(engine: Engine, config: Config, folder: Path, taken: dict[str, bytes], number: str) -> list[tuple[Any, ...]]:
    """What the site and `lontar verify` say of the files taken home, with the keys that the site publishes now."""
    with open_session(engine, write=False) as session:
        publics = tuple(one.public for one in issuer_keys.known(session))
        found = certificates.find(session, number, MORNING)
    assert found is not None
    assert found.record is not None
    listed = status_list(engine, config, folder)
    seen = {checking.look(data, publics)[:2] for data in taken.values()}
    assert seen == {(checking.INTACT, number)}
    verdicts = [verifying.verify(folder / name, publics, listed, MORNING) for name in ("paper.pdf", "code.txt")]
    strict = verifying.verify(folder / "document.json", publics, listed, MORNING)
    names = [line for one in (*verdicts, strict) for line in one.lines if line.startswith("Name:")]
    assert all(one.good for one in verdicts)
    return [(found.status, found.successor, strict.good), (found.record["name"], found.record["version"]), set(names)]


def test_a_certificate_says_for_years_what_it_said(engine: Engine, config: Config, tmp_path: Path) -> None:
    site = Config(**{**config.__dict__, "base_url": BASE})
    assert keys.ensure(engine, config, NOW) is None
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    number = graduate(engine)
    taken = outside(engine, site, number, before)
    # Her name is corrected, the course has a new version, the key is another one.
    with open_session(engine, write=True) as session:
        person = certificates.holder(session, number)
        assert person is not None
        editions.ask(session, person, "Anna Moana", "Anna Moana", "", NOW)
        wish = editions.wish_of(session, person)
        assert wish is not None
        numbers = editions.agree(session, wish.id, person.__class__(int=7), "passport", NOW).numbers
        session.commit()
    newer = replace(LIBRARY, courses={COURSE: replace(LIBRARY.courses[COURSE], version="2.0")}, release="release-2")
    keys.protect(engine, config, PHRASE, NOW)
    keys.rotate(engine, config, NOW + timedelta(hours=1))
    with open_session(engine, write=False) as session:
        first = certificates.find(session, number, NOW)
    assert first is not None
    new = str(first.successor)
    assert new in numbers
    fresh = outside(engine, site, new, after, newer)
    # The machine is lost: a backup and the passphrase bring back what stood.
    kept = back_up(engine, config)
    keys.place(config).unlink()
    bring_back(engine, config, kept)
    keys.recover(engine, config, PHRASE, MORNING)
    assert checks(engine, site, before, taken, number) == [
        ("revoked", new, False),
        ("Ana Moana", "1.0"),
        {"Name: Ana Moana"},
    ]
    assert checks(engine, site, after, fresh, new) == [
        ("valid", None, True),
        ("Anna Moana", "1.0"),
        {"Name: Anna Moana"},
    ]
    again = outside(engine, site, new, after, newer)
    typed, _plain = documents.read(again["document.json"])
    assert isinstance(typed, Credential)
    assert typed.credential_subject.license_number == new
    assert again["paper.pdf"] == fresh["paper.pdf"]  # the record is what it was, to the byte
