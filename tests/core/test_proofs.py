"""Signatures eddsa-rdfc-2022: the W3C's vectors byte for byte, and what a signature must not leave out.

The vectors are those of "Data Integrity EdDSA Cryptosuites v1.0", appendix B.1 (repository w3c/vc-di-eddsa, folder
TestVectors), in its two editions: one names the issuer's key, the other did:key. The key is the one printed there.
"""

import hashlib
from typing import Any

import pytest

from app.core import contexts, proofs
from app.core.proofs import SigningKey, Undefined, base58, canonicalise, multikey, raw_key, sign, signer_of, unbase58

SECRET = "3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
ISSUER = "https://vc.example/issuers/5678"
CREATED = "2023-02-24T23:36:38Z"
ALUMNI = {
    "@context": [contexts.CREDENTIALS, EXAMPLES],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": ISSUER,
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
CONFIG = """\
_:c14n0 <http://purl.org/dc/terms/created> "2023-02-24T23:36:38Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .
_:c14n0 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/security#DataIntegrityProof> .
_:c14n0 <https://w3id.org/security#cryptosuite> "eddsa-rdfc-2022"^^<https://w3id.org/security#cryptosuiteString> .
_:c14n0 <https://w3id.org/security#proofPurpose> <https://w3id.org/security#assertionMethod> .
_:c14n0 <https://w3id.org/security#verificationMethod> <https://vc.example/issuers/5678#%s> .
"""
KEY = SigningKey(unbase58(SECRET)[2:])


def loader(address: str, options: object = None) -> dict[str, Any]:
    """Our contexts, and the one for examples, which defines every term."""
    if address != EXAMPLES:
        return contexts.load(address, options)
    vocabulary = {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}
    return {"contextUrl": None, "documentUrl": address, "document": vocabulary}


def test_keys_read_as_the_vectors_write_them() -> None:
    assert (KEY.public, base58(unbase58(SECRET)), multikey(raw_key(PUBLIC))) == (PUBLIC, SECRET, PUBLIC)
    assert SECRET not in repr(KEY)
    assert PUBLIC in repr(KEY)


def test_the_canonical_forms_are_those_of_the_vectors() -> None:
    canonical = canonicalise(ALUMNI, loader)
    assert canonical.count(b"\n") == 8
    assert hashlib.sha256(canonical).hexdigest() == "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017"
    (proof,) = sign(ALUMNI, KEY, ISSUER, CREATED, loader)["proof"]
    config = {name: value for name, value in proof.items() if name != "proofValue"}
    written = canonicalise(config | {"@context": ALUMNI["@context"]}, loader)
    assert written.decode() == CONFIG % PUBLIC
    (proof,) = sign(ALUMNI, KEY, f"did:key:{PUBLIC}", CREATED, loader)["proof"]
    assert proofs.digest(ALUMNI, proof, loader).hex() == (
        "bea7b7acfbad0126b135104024a5f1733e705108f42d59668b05c0c50004c6b0"
        "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017"
    )


@pytest.mark.parametrize(
    ("controller", "value"),
    [
        (ISSUER, "z21EVs3eXERqTn4acNHT9viboqgzUaQ3kTmhPT3eA8qrVPE7CrQq78WkzctnMX5W4CrzcKnHw8V6dvy5pgWYCU5e9"),
        (
            f"did:key:{PUBLIC}",
            "z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9iseabecm3ijx4K1FBTQsCZahKZme",
        ),
    ],
)
def test_the_signatures_are_those_of_the_vectors(controller: str, value: str) -> None:
    signed = sign(ALUMNI, KEY, controller, CREATED, loader)
    (proof,) = signed["proof"]
    assert proof["proofValue"] == value
    assert signer_of(signed, [PUBLIC], loader) == PUBLIC
    assert signer_of(signed | {"name": "Alumnus Credential"}, [PUBLIC], loader) is None
    assert signer_of(signed, ["z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd"], loader) is None
    assert signer_of(signed | {"proof": [proof | {"created": "2024-01-01T00:00:00Z"}]}, [PUBLIC], loader) is None
    assert signer_of(signed | {"proof": [proof | {"proofValue": "z0OIl"}]}, [PUBLIC], loader) is None


@pytest.mark.parametrize(
    "change",
    [
        {"mood": "cheerful"},
        {"credentialSubject": {"id": "did:example:abcdefgh", "mood": "cheerful"}},
        {"type": ["VerifiableCredential", "Imagined"]},
        {"credentialSubject": {"id": "abcdefgh", "name": "Ana"}},
        {"credentialSchema": {"id": "https://example.org/schema.json", "type": "1EdTechJsonSchemaValidator2019"}},
    ],
    ids=["property", "nested property", "type", "reference that is no address", "schema type of Open Badges"],
)
def test_what_no_context_defines_is_refused(change: dict[str, Any]) -> None:
    """PyLD would leave it out in silence; the last needs the extensions context of Open Badges."""
    plain = {
        "@context": [contexts.CREDENTIALS],
        "type": ["VerifiableCredential"],
        "issuer": ISSUER,
        "credentialSubject": {"id": "did:example:abcdefgh", "name": "Ana"},
    }
    assert sign(plain, KEY, ISSUER, CREATED)["issuer"] == ISSUER
    with pytest.raises(Undefined):
        sign(plain | change, KEY, ISSUER, CREATED)


def test_the_extensions_context_defines_the_schema_type() -> None:
    plain = {
        "@context": [contexts.CREDENTIALS, contexts.EXTENSIONS],
        "type": ["VerifiableCredential"],
        "issuer": ISSUER,
        "credentialSubject": {"name": "Ana"},
        "credentialSchema": {"id": "https://example.org/schema.json", "type": "1EdTechJsonSchemaValidator2019"},
    }
    assert b"1EdTechJsonSchemaValidator2019" in canonicalise(plain)


def test_no_context_is_ever_fetched() -> None:
    from pyld.jsonld import JsonLdError

    for address in ("https://www.w3.org/2018/credentials/v1", "http://127.0.0.1:9/context.json", "file:///etc/passwd"):
        with pytest.raises(contexts.NotShipped):
            contexts.load(address)
        with pytest.raises(JsonLdError, match="loading remote context failed") as caught:
            canonicalise({"@context": address, "name": "x"})
        assert isinstance(caught.value.__cause__, contexts.NotShipped)


def test_the_contexts_are_those_that_were_published() -> None:
    """The first is the hash that the W3C recommendation prints in its appendix."""
    hashes = {
        name: hashlib.sha256((contexts.FOLDER / name).read_bytes()).hexdigest() for name in contexts.FILES.values()
    }
    assert hashes == {
        "credentials-v2.json": "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
        "ob-v3p0-context-3.0.3.json": "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
        "ob-v3p0-extensions.json": "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93",
    }


@pytest.mark.parametrize(
    "text", ["", "z", "z6Mk", "6MkrJVn", PUBLIC[:-1], PUBLIC + "1", "z0OIl", "z" * 100_000, SECRET]
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no Ed25519 public key|substring not found"):
        raw_key(text)


def test_reading_the_package_loads_nothing_heavy() -> None:
    import subprocess
    import sys

    code = "import sys, app.web.wiring; print({'pyld', 'cryptography'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
    assert proofs.ED25519_PUBLIC == b"\xed\x01"
