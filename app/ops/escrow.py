"""Sealing a secret key with a passphrase, so that it may lie in the database and in every backup.

The passphrase makes (scrypt, then X25519) a lock that closes without it: the first key is sealed when the passphrase
is chosen, each later one without asking again. Only the passphrase opens: scrypt, X25519, HKDF, ChaCha20-Poly1305.
"""

import base64
import os
from typing import Any

import msgspec

from app.core.proofs import SigningKey
from app.ops.serving import Stopped

COST = {"n": 1 << 15, "r": 8, "p": 1}  # 32 MB and about a tenth of a second for each guess
INFO = b"lontar sealed key 1"


class Lock(msgspec.Struct, frozen=True):
    """What closes without the passphrase: how it was made from it, and the public half that came out."""

    salt: str
    recipient: str
    n: int
    r: int
    p: int


class Box(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lock: Lock
    ephemeral: str
    nonce: str
    text: str


def new_lock(passphrase: str) -> Lock:
    """A lock that this passphrase opens."""
    salt = os.urandom(16)
    private = _private(passphrase, salt, COST)
    return Lock(salt=_pack(salt), recipient=_pack(private.public_key().public_bytes_raw()), **COST)


def seal(key: SigningKey, lock: Lock) -> str:
    """The secret key as JSON text that the lock's passphrase alone opens."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    ephemeral, nonce = X25519PrivateKey.generate(), os.urandom(12)
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(_unpack(lock.recipient)))
    text = ChaCha20Poly1305(_stretch(shared)).encrypt(nonce, key.secret, key.public.encode())
    box = Box(lock, _pack(ephemeral.public_key().public_bytes_raw()), _pack(nonce), _pack(text))
    return msgspec.json.encode(box).decode()


def lock_of(sealed: str) -> Lock:
    """The lock of a sealed key, to seal another with."""
    return _box(sealed).lock


def unseal(sealed: str, public: str, passphrase: str) -> SigningKey:
    """The key `public` out of its seal. Raises Stopped for a wrong passphrase and for a box that was changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    box = _box(sealed)
    lock = box.lock
    private = _private(passphrase, _unpack(lock.salt), {"n": lock.n, "r": lock.r, "p": lock.p})
    if _pack(private.public_key().public_bytes_raw()) != lock.recipient:
        raise Stopped("this passphrase does not open the sealed key")
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(_unpack(box.ephemeral)))
        secret = ChaCha20Poly1305(_stretch(shared)).decrypt(_unpack(box.nonce), _unpack(box.text), public.encode())
    except (InvalidTag, ValueError) as error:
        raise Stopped("the sealed key was changed; it cannot be opened") from error
    return SigningKey(secret)


def _box(sealed: str) -> Box:
    try:
        box = msgspec.json.decode(sealed, type=Box)
    except msgspec.MsgspecError as error:
        raise Stopped("the sealed key cannot be read") from error
    if (box.lock.n, box.lock.r, box.lock.p) != tuple(COST.values()):
        raise Stopped("the sealed key was made by another release")
    return box


def _private(passphrase: str, salt: bytes, cost: dict[str, int]) -> Any:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return X25519PrivateKey.from_private_bytes(Scrypt(salt=salt, length=32, **cost).derive(passphrase.encode()))


def _stretch(shared: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=None, info=INFO).derive(shared)


def _pack(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unpack(text: str) -> bytes:
    return base64.b64decode(text)
