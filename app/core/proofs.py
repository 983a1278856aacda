"""Data Integrity proofs `eddsa-rdfc-2022`: sign a JSON-LD document with Ed25519, and check such a signature.

PyLD leaves out of the signature, without a word, each property and type that no context defines. `canonicalise`
refuses instead. It is meant for documents of our own form alone: somebody else's can be made to take for ever.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

from app.core import contexts

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ED25519_PUBLIC = b"\xed\x01"
NOWHERE = "https://undefined.invalid/"  # PyLD resolves against some address whatever is no address itself
ABSOLUTE = ("http://", "https://", "did:", "urn:")
_lock = Lock()  # PyLD keeps contexts in a cache that is not made for threads
Loader = Callable[..., Mapping[str, Any]]


class Undefined(ValueError):
    """A document says something that its contexts do not define, so that no signature would cover it."""


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key: its 32 secret bytes. Never printed."""

    secret: bytes

    def __repr__(self) -> str:
        return f"SigningKey({self.public})"

    @cached_property
    def public(self) -> str:
        """The public half as Multikey text, `z6Mk…`."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return multikey(Ed25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.secret).sign(message)


def signed_by(public: str, signature: bytes, message: bytes) -> bool:
    """Whether the holder of this Multikey signed the message. Raises ValueError for text that is no such key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(raw_key(public)).verify(signature, message)
    except InvalidSignature:
        return False
    return True


# Keys as text


def multikey(raw: bytes) -> str:
    return "z" + base58(ED25519_PUBLIC + raw)


def raw_key(public: str) -> bytes:
    """The 32 bytes of a Multikey. Raises ValueError for anything else."""
    found = unbase58(public[1:]) if public[:1] == "z" and len(public) < 60 else b""
    if found[:2] != ED25519_PUBLIC or len(found) != 34:
        raise ValueError(f"{public[:60]!r} is no Ed25519 public key; such a key begins with z6Mk")
    return found[2:]


def base58(data: bytes) -> str:
    number, digits = int.from_bytes(data), ""
    while number:
        number, rest = divmod(number, 58)
        digits = ALPHABET[rest] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def unbase58(text: str) -> bytes:
    """Raises ValueError for a sign that base 58 does not have."""
    number = 0
    for sign in text:
        number = number * 58 + ALPHABET.index(sign)
    body = number.to_bytes((number.bit_length() + 7) // 8)
    return b"\0" * (len(text) - len(text.lstrip("1"))) + body


# Documents


def canonicalise(document: Mapping[str, Any], loader: Loader = contexts.load) -> bytes:
    """The document's statements as sorted N-Quads (RDFC-1.0). Raises Undefined, NotShipped."""
    from pyld import jsonld

    with _lock:
        expanded = jsonld.expand(document, {"documentLoader": loader, "base": NOWHERE}, on_property_dropped=_refuse)
        _look(expanded)
        options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": loader, "base": NOWHERE}
        text: str = jsonld.normalize(expanded, options)
    return text.encode()


def _refuse(name: str | None) -> None:
    raise Undefined(f"no context defines {name!r}, so the signature would leave it out")


def _look(node: Any) -> None:
    """Refuse types and references that are no full addresses: they would be left out, too."""
    if isinstance(node, list):
        for one in node:
            _look(one)
    elif isinstance(node, dict):
        types = node.get("@type", [])
        for name in (*(types if isinstance(types, list) else [types]), *([node["@id"]] if "@id" in node else [])):
            if name.startswith(NOWHERE) or not name.startswith(ABSOLUTE):
                _refuse(name.removeprefix(NOWHERE))
        for key, value in node.items():
            if not key.startswith("@") or key == "@graph":
                _look(value)


def digest(document: Mapping[str, Any], proof: Mapping[str, Any], loader: Loader = contexts.load) -> bytes:
    """What is signed: the hash of the proof without its value, then the hash of the document without its proof."""
    bare = {name: value for name, value in document.items() if name != "proof"}
    config = {name: value for name, value in proof.items() if name != "proofValue"} | {"@context": bare["@context"]}
    parts = (canonicalise(config, loader), canonicalise(bare, loader))
    return b"".join(hashlib.sha256(part).digest() for part in parts)


def sign(
    document: Mapping[str, Any], key: SigningKey, controller: str, created: str, loader: Loader = contexts.load
) -> dict[str, Any]:
    """The document with a proof by this key of `controller`; `created` as XML dateTime. Raises Undefined."""
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": created,
        "verificationMethod": f"{controller}#{key.public}",
        "proofPurpose": "assertionMethod",
    }
    value = key.sign(digest(document, proof, loader))
    return {**document, "proof": [proof | {"proofValue": "z" + base58(value)}]}


def signer_of(document: Mapping[str, Any], publics: Collection[str], loader: Loader = contexts.load) -> str | None:
    """Which of these Multikeys signed the document; None where none did. Its form was checked before."""
    (proof,) = document["proof"]
    claimed = str(proof["verificationMethod"]).rpartition("#")[2]
    if claimed not in publics:
        return None
    try:
        value = unbase58(str(proof["proofValue"])[1:])
    except ValueError:
        return None
    return claimed if signed_by(claimed, value, digest(document, proof, loader)) else None
