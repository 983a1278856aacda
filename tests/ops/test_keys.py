"""The signing key through its life: made, read, sealed into backups, confirmed, rotated, lost and brought back."""

import json
import os
import stat
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from app.core import credentials as documents
from app.core.proofs import SigningKey
from app.ops import backup, check_keys, escrow, keys, restore
from app.ops.findings import Site
from app.ops.serving import Stopped
from app.records import audit, certificates, hot, issuer_keys, places
from app.records.engine import open_session, schema_change
from config import Config
from tests.ops.bars import SILENT
from tests.records.samples import LIBRARY, NOW, complete, join

PHRASE = "palm leaves keep words"
NIGHT, MORNING = NOW + timedelta(hours=14), NOW + timedelta(hours=20)
BASE = "https://learn.example.org"


@pytest.fixture
def first(engine: Engine, config: Config) -> SigningKey:
    """The key that a first start makes."""
    assert keys.ensure(engine, config, NOW) is None
    return keys.load(config)


def known(engine: Engine) -> list[str]:
    with open_session(engine, write=False) as session:
        return [one.public for one in issuer_keys.known(session)]


def graduate(engine: Engine, login: str = "ana") -> str:
    with open_session(engine, write=True) as session:
        numbers = complete(session, join(session, login))
        session.commit()
    return numbers[-1]


def credential(engine: Engine, config: Config, number: str) -> bytes:
    """The signed document as the site would serve it now."""
    with open_session(engine, write=False) as session:
        found, place = certificates.find(session, number, NOW), places.of(session, number)
    assert found is not None
    assert found.record is not None
    assert place is not None
    document = documents.credential(found.record, place, BASE, LIBRARY)
    return json.dumps(documents.signed(document, keys.load(config), BASE, "2026-11-22T00:00:00Z")).encode()


def signer(document: bytes, publics: list[str]) -> str | None:
    return documents.signer_of(documents.read(document)[1], publics)


def back_up(engine: Engine, config: Config, hours: int = 14) -> Path:
    return backup.write(engine, config, config.backups, None, NOW + timedelta(hours=hours), SILENT).path


def bring_back(engine: Engine, config: Config, path: Path) -> None:
    hot.close(engine)
    restore.restore(config, path, MORNING, SILENT)


def findings(config: Config, **settings: str) -> list[tuple[str, str]]:
    with closing(Site(Config(**{**config.__dict__, **settings}), NIGHT)) as site:
        return [(one.state, one.said) for one in check_keys.signing_key(site)]


def listed(config: Config) -> list[tuple[str, str]]:
    with closing(Site(config, NIGHT)) as site:
        return [(one.state, one.said) for one in check_keys.status_places(site)]


# Made and read


def test_a_first_start_makes_a_key_for_its_owner_alone(engine: Engine, config: Config, first: SigningKey) -> None:
    assert stat.S_IMODE(keys.place(config).stat().st_mode) == 0o600
    assert known(engine) == [first.public]
    assert sorted(path.name for path in config.instance.glob("issuer*")) == ["issuer.key"]
    assert keys.ensure(engine, config, MORNING) is None
    assert keys.load(config) == first
    with open_session(engine, write=False) as session:
        assert audit.verify_chain(session) is None
        assert [row.deed for row in audit.latest(session)] == ["key"]


def test_two_first_starts_at_once_make_one_key(engine: Engine, config: Config) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: keys.ensure(engine, config, NOW), range(6)))
    assert found == [None] * 6
    assert known(engine) == [keys.load(config).public]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_file_is_what_other_programs_read(config: Config, first: SigningKey) -> None:
    done = subprocess.run(["openssl", "pkey", "-in", keys.place(config), "-noout"], capture_output=True, check=False)
    assert done.returncode == 0
    assert first.secret not in keys.place(config).read_bytes()  # it is text


def unlink(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir(mode=0o700)


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (unlink, "there is no key file"),
    "world-readable": (lambda path: path.chmod(0o604), "other users of this machine can read"),
    "group-readable": (lambda path: path.chmod(0o640), "other users of this machine can read"),
    "unreadable": (a_folder, "cannot be read (is a directory)"),
    "empty": (lambda path: path.write_bytes(b""), "holds no Ed25519 key"),
    "nonsense": (lambda path: path.write_bytes(os.urandom(500)), "holds no Ed25519 key"),
    "a key of another kind": (
        lambda path: subprocess.run(["openssl", "genpkey", "-algorithm", "X25519", "-out", path], check=True),
        "holds no Ed25519 key",
    ),
}


@pytest.mark.parametrize(
    ("backend", "how"), [*(("sqlite", how) for how in BROKEN), ("postgresql", "missing")], indirect=["backend"]
)
def test_a_broken_key_file_is_named_and_never_replaced(
    engine: Engine, config: Config, first: SigningKey, how: str
) -> None:
    spoil, said = BROKEN[how]
    spoil(keys.place(config))
    for found in (keys.ensure(engine, config, NIGHT), keys.trouble(engine, config)):
        assert found is not None
        assert said in str(found)
        assert found.advice
    assert known(engine) == [first.public]
    ((state, told),) = findings(config)
    assert (state, said in told) == ("error", True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_of_another_user_is_named(engine: Engine, config: Config, first: SigningKey) -> None:
    keys.place(config).chmod(0o000)
    with pytest.raises(keys.NoKey, match="cannot be read"):
        keys.load(config)


def test_a_key_that_the_database_does_not_know(engine: Engine, config: Config, first: SigningKey) -> None:
    keys.place(config).unlink()
    keys._write(keys.place(config), SigningKey(bytes(range(32))))
    ((state, told),) = findings(config)
    assert (state, told) == ("error", f"the database does not know the key in {keys.place(config)}")
    assert keys.ensure(engine, config, NIGHT) is None
    assert set(known(engine)) == {first.public, SigningKey(bytes(range(32))).public}


# Sealed


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_passphrase_opens_and_nothing_else_does(first: SigningKey) -> None:
    sealed = escrow.seal(first, escrow.new_lock(PHRASE))
    assert escrow.unseal(sealed, first.public, PHRASE) == first
    other = SigningKey(bytes(range(32)))
    later = escrow.seal(other, escrow.lock_of(sealed))
    assert escrow.unseal(later, other.public, PHRASE) == other
    with pytest.raises(Stopped, match="does not open"):
        escrow.unseal(sealed, first.public, "palm leaves keep word")
    with pytest.raises(Stopped, match="was changed"):
        escrow.unseal(sealed, other.public, PHRASE)
    with pytest.raises(Stopped, match="cannot be read"):
        escrow.unseal(sealed[:-20], first.public, PHRASE)
    with pytest.raises(Stopped, match="another release"):
        escrow.unseal(sealed.replace(f'"n":{escrow.COST["n"]}', '"n":1073741824'), first.public, PHRASE)


def test_a_backup_holds_the_key_and_no_plain_secret(engine: Engine, config: Config, first: SigningKey) -> None:
    assert keys.unsealed(engine)
    keys.protect(engine, config, PHRASE, NOW)
    assert not keys.unsealed(engine)
    path = back_up(engine, config)
    assert keys.confirm(engine, config, path, PHRASE, NIGHT, SILENT) == first
    assert first.secret not in path.read_bytes()
    assert first.secret.hex().encode() not in path.read_bytes()
    with pytest.raises(Stopped, match="does not open"):
        keys.confirm(engine, config, path, "another phrase altogether", NIGHT, SILENT)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_doctor_is_red_until_a_backup_of_the_key_was_opened(engine: Engine, config: Config) -> None:
    serious = {"issuer_name": "Institute", "base_url": BASE}
    assert findings(config, **serious) == [("warning", "there is none yet")]
    keys.ensure(engine, config, NOW)
    nowhere = "it is in no backup: with this machine it would be lost"
    assert (findings(config, **serious), findings(config)) == ([("error", nowhere)], [("warning", nowhere)])
    early = back_up(engine, config, 1)
    with pytest.raises(Stopped, match="holds no sealed key"):
        keys.confirm(engine, config, early, PHRASE, NIGHT, SILENT)
    keys.protect(engine, config, PHRASE, NOW)
    unopened = "nobody has yet opened it in a backup"
    assert (findings(config, **serious), findings(config)) == ([("error", unopened)], [("warning", unopened)])
    path = back_up(engine, config, 2)
    keys.confirm(engine, config, path, PHRASE, NIGHT, SILENT)
    assert [state for state, _ in findings(config, **serious)] == ["ok"]
    keys.rotate(engine, config, NIGHT)
    assert findings(config, **serious) == [("error", unopened)]
    with pytest.raises(Stopped, match="signs no more"):
        keys.confirm(engine, config, path, PHRASE, NIGHT, SILENT)
    keys.confirm(engine, config, back_up(engine, config, 15), PHRASE, MORNING, SILENT)
    assert [state for state, _ in findings(config, **serious)] == ["ok"]


# Rotated, lost, brought back


def test_a_rotation_keeps_what_was_signed_before(engine: Engine, config: Config, first: SigningKey) -> None:
    number = graduate(engine)
    old = credential(engine, config, number)
    second, sealed = keys.rotate(engine, config, NIGHT)
    assert (keys.load(config), sealed, known(engine)) == (second, False, [second.public, first.public])
    assert stat.S_IMODE(keys.place(config).stat().st_mode) == 0o600
    assert signer(old, known(engine)) == first.public
    assert signer(credential(engine, config, number), known(engine)) == second.public
    assert sorted(path.name for path in config.instance.glob("issuer*")) == ["issuer.key"]


def test_a_rotation_seals_the_new_key_without_asking(engine: Engine, config: Config, first: SigningKey) -> None:
    keys.protect(engine, config, PHRASE, NOW)
    second, sealed = keys.rotate(engine, config, NIGHT)
    with open_session(engine, write=False) as session:
        kept = issuer_keys.sealed(session)
        (rows,) = session.execute(text("SELECT count(*) FROM sealed_key")).scalars()
    assert kept is not None
    assert (sealed, rows, escrow.unseal(kept.sealed, second.public, PHRASE)) == (True, 1, second)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)  # test_for_years.py loses both
def test_a_lost_machine_comes_back_from_its_backup(engine: Engine, config: Config, first: SigningKey) -> None:
    number = graduate(engine)
    keys.protect(engine, config, PHRASE, NOW)
    old, path = credential(engine, config, number), back_up(engine, config)
    keys.place(config).unlink()
    bring_back(engine, config, path)
    assert keys.ensure(engine, config, MORNING) is not None  # it makes no other key in silence
    assert known(engine) == [first.public]
    with pytest.raises(Stopped, match="does not open"):
        keys.recover(engine, config, "palm leaves lose words", MORNING)
    assert keys.recover(engine, config, PHRASE, MORNING) == first
    assert keys.trouble(engine, config) is None
    assert signer(old, known(engine)) == first.public
    assert signer(credential(engine, config, number), known(engine)) == first.public
    with pytest.raises(Stopped, match="is there already"):
        keys.recover(engine, config, PHRASE, MORNING)


def test_an_older_backup_does_not_forget_a_newer_key(engine: Engine, config: Config, first: SigningKey) -> None:
    number = graduate(engine)
    path = back_up(engine, config)
    second, _sealed = keys.rotate(engine, config, NIGHT)
    document = credential(engine, config, number)
    bring_back(engine, config, path)
    assert known(engine) == [second.public, first.public]
    assert signer(document, known(engine)) == second.public
    assert keys.trouble(engine, config) is None


def test_without_a_sealed_key_a_rotation_goes_on(engine: Engine, config: Config, first: SigningKey) -> None:
    keys.place(config).unlink()
    with pytest.raises(Stopped, match="holds no sealed key"):
        keys.recover(engine, config, PHRASE, NIGHT)
    second, _sealed = keys.rotate(engine, config, NIGHT)
    assert (keys.trouble(engine, config), known(engine)) == (None, [second.public, first.public])


# Places in the status lists


def forget_places(engine: Engine) -> None:
    """As before this release: certificates without places."""
    with schema_change(engine) as connection:
        connection.execute(text("DELETE FROM status_place"))


def test_certificates_without_a_place_get_one_at_the_next_start(
    engine: Engine, config: Config, first: SigningKey
) -> None:
    numbers = [graduate(engine, login) for login in ("ana", "litia")]
    forget_places(engine)
    ((state, said),) = listed(config)
    assert (state, said.partition(" (")[0]) == ("error", "4 certificate(s) could not be revoked offline")
    keys.ensure(engine, config, NIGHT)
    assert listed(config) == [("ok", "every certificate has its place")]
    with open_session(engine, write=False) as session:
        assert len({places.of(session, number) for number in numbers}) == 2
        assert None not in {places.of(session, number) for number in numbers}
