"""The second step of signing in: an authenticator app's key and ten spare codes; what guards is used once.

The key must be readable to check a code, so it is sealed with the site's secret, which no backup holds, and with the
id of its owner: in another account's row it opens nothing. Spare codes are kept as hashes and need no secret.
"""

import base64
import os
import secrets
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import totp
from app.records import locks
from app.records.codes import LENGTH, SYMBOLS, plain
from app.records.guarding import SecondStep, SpareCode
from app.records.keys import hash_of
from app.records.sql import insertion, query, statement

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

SPARE = 10  # codes that are handed out together
NONCE = 12  # bytes
INFO = b"lontar second step 1"
APP, PAPER = "app", "paper"  # what a code came from

IS_ON = query("SELECT person_id FROM second_step WHERE person_id = :person_id")
ADD = query(
    "INSERT INTO second_step (person_id, sealed, last_step, at) VALUES (:person_id, :sealed, :last_step, :at)"
    " ON CONFLICT (person_id) DO NOTHING RETURNING person_id"
)
MOVE_ON = query(
    "UPDATE second_step SET last_step = :step WHERE person_id = :person_id AND last_step < :step RETURNING person_id"
)
REMOVE = query("DELETE FROM second_step WHERE person_id = :person_id RETURNING person_id")
ADD_CODE = insertion(SpareCode)
USE_CODE = query(
    "UPDATE spare_code SET used_at = :now WHERE hash = :hash AND person_id = :person_id AND used_at IS NULL"
    " RETURNING person_id"
)
FORGET_CODES = statement("DELETE FROM spare_code WHERE person_id = :person_id")
LEFT = statement("SELECT count(*) FROM spare_code WHERE person_id = :person_id AND used_at IS NULL")
ALL = query("SELECT person_id, sealed FROM second_step")


class State(NamedTuple):
    """A second step that is on: since when, and how many spare codes are left."""

    at: datetime
    left: int


def new_key() -> bytes:
    return secrets.token_bytes(totp.KEY_BYTES)


def seal(secret: bytes, person_id: uuid.UUID, text: bytes) -> str:
    """Bytes that only this site can read, and only as this person's."""
    nonce = os.urandom(NONCE)
    return base64.urlsafe_b64encode(nonce + _box(secret).encrypt(nonce, text, person_id.bytes)).decode()


def unseal(secret: bytes, person_id: uuid.UUID, sealed: str) -> bytes | None:
    """What was sealed; None for what this secret, or this person, does not open."""
    from cryptography.exceptions import InvalidTag

    try:
        packed = base64.urlsafe_b64decode(sealed.encode("ascii"))
        text: bytes = _box(secret).decrypt(packed[:NONCE], packed[NONCE:], person_id.bytes)
    except (InvalidTag, ValueError):
        return None
    return text


def _box(secret: bytes) -> "ChaCha20Poly1305":
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return ChaCha20Poly1305(HKDF(algorithm=SHA256(), length=32, salt=None, info=INFO).derive(secret))


def is_on(session: Session, person_id: uuid.UUID) -> bool:
    return session.execute(IS_ON, {"person_id": person_id}).first() is not None


def asked_of(session: Session, person_id: uuid.UUID) -> bool:
    """Whether this person needs a second step to sign in; nobody can turn it on before the transaction has ended."""
    locks.person(session, person_id)
    return is_on(session, person_id)


def state(session: Session, person_id: uuid.UUID) -> State | None:
    """None where it is off."""
    found = session.execute(select(SecondStep.at).where(SecondStep.person_id == person_id)).scalar()
    return State(found, int(session.execute(LEFT, {"person_id": person_id}).scalar_one())) if found else None


def turn_on(
    session: Session, secret: bytes, person_id: uuid.UUID, key: bytes, step: int, now: datetime
) -> tuple[str, ...]:
    """Ask for this key's codes from now on; returns the spare codes, empty where it was on already.

    `step` is that of the code by which the app was tried: this code counts as used.
    """
    locks.person(session, person_id)
    row = {"person_id": person_id, "sealed": seal(secret, person_id, key), "last_step": step, "at": now}
    if session.execute(ADD, row).first() is None:
        return ()
    return new_codes(session, person_id, now)


def new_codes(session: Session, person_id: uuid.UUID, now: datetime) -> tuple[str, ...]:
    """Ten spare codes in the place of those before, to be shown once."""
    session.execute(FORGET_CODES, {"person_id": person_id})
    made = ["".join(secrets.choice(SYMBOLS) for _ in range(LENGTH)) for _ in range(SPARE)]
    rows = [{"hash": hash_of(code), "person_id": person_id, "made_at": now, "used_at": None} for code in made]
    session.execute(ADD_CODE, rows)
    return tuple("-".join(code[start : start + 4] for start in range(0, LENGTH, 4)) for code in made)


def use(session: Session, secret: bytes, person_id: uuid.UUID, typed: str, now: datetime) -> str:
    """Use up a code of this person's app or paper; says which it was, "" for one that is wrong, too old or used."""
    row = session.execute(select(SecondStep.sealed).where(SecondStep.person_id == person_id)).scalar()
    if row is None:
        return ""
    key = unseal(secret, person_id, row)
    step = totp.fitting(key, typed, now) if key else None
    if step is not None:
        used = session.execute(MOVE_ON, {"person_id": person_id, "step": step}).first()
        return APP if used else ""
    values = {"hash": hash_of(plain(typed)), "person_id": person_id, "now": now}
    return PAPER if session.execute(USE_CODE, values).first() else ""


def turn_off(session: Session, person_id: uuid.UUID) -> bool:
    """Forget key and spare codes; says whether there was a second step."""
    locks.person(session, person_id)
    session.execute(FORGET_CODES, {"person_id": person_id})
    return session.execute(REMOVE, {"person_id": person_id}).first() is not None


def lost(session: Session, secret: bytes) -> tuple[int, int]:
    """How many second steps there are, and how many of their keys this secret does not open."""
    rows = list(session.execute(ALL))
    return len(rows), sum(unseal(secret, row.person_id, row.sealed) is None for row in rows)
