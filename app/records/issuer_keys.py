"""The keys that sign certificates: their public halves for ever, their secret halves sealed for the backup."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.records.signing import IssuerKey, SealedKey
from app.records.sql import insertion, query, statement

REGISTER = insertion(IssuerKey, "ON CONFLICT DO NOTHING RETURNING public")
ALL = query("SELECT public, at FROM issuer_key ORDER BY at DESC, public")
SEAL = insertion(SealedKey, "ON CONFLICT (public) DO UPDATE SET sealed = excluded.sealed, at = excluded.at")
SEALED = query("SELECT public, sealed, at FROM sealed_key ORDER BY at DESC, public")
FORGET = statement("DELETE FROM sealed_key WHERE public <> :public")
CONFIRMED = query("SELECT max(at) AS at FROM act WHERE deed = 'key backup' AND subject = :public")


class Known(NamedTuple):
    public: str
    at: datetime


class Sealed(NamedTuple):
    """`sealed`: JSON as `app.ops.escrow` writes it; `at`: since when it lies in the database, thus in backups."""

    public: str
    sealed: str
    at: datetime


def register(session: Session, public: str, at: datetime) -> bool:
    """Keep a public key for ever; says whether it was new."""
    return session.execute(REGISTER, {"public": public, "at": at}).first() is not None


def known(session: Session) -> tuple[Known, ...]:
    """Every key that ever signed, the newest first."""
    return tuple(Known(row.public, row.at) for row in session.execute(ALL))


def merge(session: Session, keys: Iterable[Known]) -> None:
    """Keep these public keys, too."""
    for key in keys:
        register(session, key.public, key.at)


def seal(session: Session, public: str, sealed: str, at: datetime) -> None:
    """Keep the sealed secret half of this key, and of no other: an old secret signs nothing more."""
    session.execute(SEAL, {"public": public, "sealed": sealed, "at": at})
    session.execute(FORGET, {"public": public})


def sealed(session: Session) -> Sealed | None:
    """The sealed secret half that is kept, if any."""
    row = session.execute(SEALED).first()
    return Sealed(row.public, row.sealed, row.at) if row else None


def confirmed(session: Session, public: str) -> datetime | None:
    """When somebody last opened the sealed key in a backup."""
    return session.execute(CONFIRMED, {"public": public}).scalar()
