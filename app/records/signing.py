"""The tables behind signed certificates: public keys and places in status lists are facts, sealed keys are not."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.records.models import Base


class IssuerKey(Base):
    """The public half of a key that signs, or signed, certificates; kept for ever, so that old signatures hold."""

    __tablename__ = "issuer_key"
    public: Mapped[str] = mapped_column(primary_key=True)  # Multikey, z6Mk…
    at: Mapped[datetime]


class StatusPlace(Base):
    """Where a certificate stands in the signed status lists; by number, to outlive one that was withdrawn."""

    __tablename__ = "status_place"
    list: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(unique=True)


class SealedKey(Base):
    """The secret half of a signing key, sealed with the operator's passphrase, so that it goes into every backup."""

    __tablename__ = "sealed_key"
    public: Mapped[str] = mapped_column(ForeignKey("issuer_key.public"), primary_key=True)
    sealed: Mapped[str]
    at: Mapped[datetime]
