"""The issuer's signing key: a file in the instance folder, its public half in the database for ever.

A key file that is missing, unreadable or open to other users signs nothing; all else of the site goes on.
"""

import os
import secrets
import tempfile
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Engine, inspect

from app.core.proofs import SigningKey
from app.ops import escrow, files, restore
from app.ops.serving import Stopped
from app.ops.stores import Bar, store_of
from app.records import audit, issuer_keys, places
from app.records.engine import open_session
from config import Config

FILE = "issuer.key"
ROTATE = "if its passphrase is lost, make another key: lontar keys rotate"


class NoKey(Stopped):
    """There is no key to sign with; the message says why, `advice` what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


def place(config: Config) -> Path:
    return config.instance / FILE


def load(config: Config) -> SigningKey:
    """The key that signs now. Raises NoKey; a key file that was replaced is read anew."""
    path = place(config)
    try:
        found = path.stat()
        if found.st_mode & 0o077:
            advice = f"chmod 600 {path}; if somebody may have read it: lontar keys rotate"
            raise NoKey(f"other users of this machine can read {path}, so it signs nothing", advice)
        return _read(path, found.st_ino, found.st_mtime_ns, found.st_size)
    except FileNotFoundError as error:
        advice = f"bring it back from a backup: lontar keys recover; {ROTATE}"
        raise NoKey(f"there is no key file {path}, so certificates are not signed", advice) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        advice = "let the user that runs the server own it, with: chmod 600"
        raise NoKey(f"{path} cannot be read ({reason}), so certificates are not signed", advice) from error


@lru_cache(maxsize=8)
def _read(path: Path, _inode: int, _changed: int, _size: int) -> SigningKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise NoKey(f"{path} holds no Ed25519 key, so certificates are not signed", f"lontar keys recover; {ROTATE}")
    return SigningKey(key.private_bytes_raw())


def _text(key: SigningKey) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    private = Ed25519PrivateKey.from_private_bytes(key.secret)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, key: SigningKey) -> None:
    """A new file for its owner's eyes alone, whole and on the disk when it has its name. Raises FileExistsError."""
    descriptor, name = tempfile.mkstemp(prefix=f"{FILE}.", dir=path.parent)  # with mode 0600
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(_text(key))
            opened.flush()
            os.fsync(descriptor)
        files.keep_owner(part)
        os.link(part, path)
        files.settle(path.parent)
    finally:
        part.unlink(missing_ok=True)


def trouble(engine: Engine, config: Config) -> NoKey | None:
    """Why this site can't sign; None where it can."""
    try:
        key = load(config)
    except NoKey as error:
        return error
    with open_session(engine, write=False) as session:
        if key.public in {one.public for one in issuer_keys.known(session)}:
            return None
    return NoKey(f"the database does not know the key in {place(config)}", "start the server once: lontar serve")


def ensure(engine: Engine, config: Config, now: datetime) -> NoKey | None:
    """At each start: make the first key, register the one that is there, give every certificate its place in a status
    list. Returns what keeps the site from signing; never replaces a key that it knew."""
    with open_session(engine, write=False) as session:
        first = not issuer_keys.known(session)
    if first and not place(config).exists():
        with suppress(FileExistsError):  # another process was faster
            _write(place(config), SigningKey(secrets.token_bytes(32)))
    try:
        key = load(config)
    except NoKey as error:
        found: NoKey | None = error
    else:
        found = None
        _remember(engine, key, now)
    with open_session(engine, write=True) as session:
        for number in places.lacking(session):
            places.assign(session, number)
        session.commit()
    return found


def unsealed(engine: Engine) -> bool:
    """Whether the site has a key whose secret is in no backup."""
    with open_session(engine, write=False) as session:
        known, sealed = issuer_keys.known(session), issuer_keys.sealed(session)
    return bool(known) and (sealed is None or sealed.public != known[0].public)


def _remember(engine: Engine, key: SigningKey, now: datetime) -> None:
    with open_session(engine, write=True) as session:
        if issuer_keys.register(session, key.public, now):
            audit.record(session, None, "key", key.public, "", now)
            session.commit()


def rotate(engine: Engine, config: Config, now: datetime) -> tuple[SigningKey, bool]:
    """Sign with a new key from now on; says whether its secret was sealed for backups. What the old one signed stays
    good, since its public half stays known."""
    key, path = SigningKey(secrets.token_bytes(32)), place(config)
    waiting = path.with_name(f"{FILE}.new")
    waiting.unlink(missing_ok=True)
    _write(waiting, key)
    with open_session(engine, write=True) as session:
        issuer_keys.register(session, key.public, now)
        before = issuer_keys.sealed(session)
        if before:
            issuer_keys.seal(session, key.public, escrow.seal(key, escrow.lock_of(before.sealed)), now)
        audit.record(session, None, "key", key.public, "rotated", now)
        session.commit()
    waiting.replace(path)
    files.settle(path.parent)
    return key, before is not None


def protect(engine: Engine, config: Config, passphrase: str, now: datetime) -> SigningKey:
    """Seal the key with this passphrase, so that it goes into every backup from now on. Raises NoKey."""
    key = load(config)
    sealed = escrow.seal(key, escrow.new_lock(passphrase))
    escrow.unseal(sealed, key.public, passphrase)
    with open_session(engine, write=True) as session:
        issuer_keys.register(session, key.public, now)
        issuer_keys.seal(session, key.public, sealed, now)
        audit.record(session, None, "seal key", key.public, "", now)
        session.commit()
    return key


def recover(engine: Engine, config: Config, passphrase: str, now: datetime) -> SigningKey:
    """Write the key file from the sealed key in the database, as after a restore. Raises Stopped."""
    path = place(config)
    if path.exists():
        raise Stopped(f"{path} is there already; move it away first if it is the wrong one")
    with open_session(engine, write=False) as session:
        sealed = issuer_keys.sealed(session)
    if sealed is None:
        raise Stopped(f"the database holds no sealed key; {ROTATE}")
    key = escrow.unseal(sealed.sealed, sealed.public, passphrase)
    _write(path, key)
    _remember(engine, key, now)
    return key


def confirm(engine: Engine, config: Config, file: Path, passphrase: str, now: datetime, bar: Bar) -> SigningKey:
    """Open the sealed key in a backup, which proves that backup and passphrase bring it back; doctor is content then.
    Raises Stopped."""
    store = store_of(engine)
    copy = restore.unpacked(store, engine, file, now, bar)
    try:
        with copy.connect() as connection:
            there = inspect(connection).has_table("sealed_key")
        with open_session(copy, write=False) as session:
            sealed = issuer_keys.sealed(session) if there else None
    finally:
        store.discard(copy)
    if sealed is None:
        raise Stopped(f"{file} holds no sealed key; run `lontar keys protect`, then make a backup")
    key = escrow.unseal(sealed.sealed, sealed.public, passphrase)
    if key.public != load(config).public:
        raise Stopped(f"{file} holds {key.public}, which signs no more; make a new backup and confirm that one")
    with open_session(engine, write=True) as session:
        audit.record(session, None, "key backup", key.public, file.name, now)
        session.commit()
    return key
