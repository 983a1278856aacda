"""Codes that work once: recovery codes, codes that an administrator hands over, links by mail. Only hashes are kept."""

import secrets
import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.records.keys import hash_of
from app.records.models import Code
from app.records.sql import insertion, query, statement

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
LOOK_ALIKES = str.maketrans("OIL", "011")
LENGTH = 16  # 80 bits
KINDS = ("recovery", "once", "mail")

ADD = insertion(Code)
REPLACE = statement("DELETE FROM code WHERE person_id = :person_id AND kind = :kind")
FORGET = statement("DELETE FROM code WHERE used_at IS NOT NULL OR expires_at <= :now")
USE = """
    UPDATE code SET used_at = :now WHERE hash = :hash AND used_at IS NULL AND (expires_at IS NULL OR expires_at > :now)
    {person} AND EXISTS (SELECT 1 FROM person WHERE person.id = code.person_id AND disabled_at IS NULL)
    RETURNING person_id
"""
USE_ANYONES = query(USE.format(person=""))
USE_HERS = query(USE.format(person="AND person_id = :person_id"))


def make_code(session: Session, person_id: uuid.UUID, kind: str, now: datetime, lifetime: timedelta | None) -> str:
    """A new code, like `7K4M-2Q9X-HD3A-0VTC`, to be shown once; it replaces the person's earlier one of this kind."""
    if kind not in KINDS:
        raise ValueError(f"there is no code of kind {kind!r}; the kinds are {', '.join(KINDS)}")
    code = "".join(secrets.choice(SYMBOLS) for _ in range(LENGTH))
    session.execute(REPLACE, {"person_id": person_id, "kind": kind})
    row = {"hash": hash_of(code), "person_id": person_id, "kind": kind, "made_at": now, "used_at": None}
    session.execute(ADD, row | {"expires_at": now + lifetime if lifetime else None})
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


def use_code(session: Session, code: str, now: datetime, person_id: uuid.UUID | None = None) -> uuid.UUID | None:
    """Whose code this is, once: None for a wrong, used or expired one, for a closed account, and for another than
    `person_id` where one is given. Takes any case, spaces and hyphens, and O for 0, I and L for 1."""
    values = {"hash": hash_of(plain(code)), "now": now}
    used = USE_ANYONES if person_id is None else USE_HERS
    owner: uuid.UUID | None = session.execute(used, values | ({"person_id": person_id} if person_id else {})).scalar()
    return owner


def plain(code: str) -> str:
    """A code as typed, brought to the form that was hashed."""
    return "".join(one for one in code.upper() if one.isalnum()).translate(LOOK_ALIKES)


def tidy(session: Session, now: datetime) -> None:
    """Forget codes that were used or have expired."""
    session.execute(FORGET, {"now": now})
