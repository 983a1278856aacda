"""An institution's own electronic signature on PDFs: PAdES baseline B-B, made with pyHanko.

Off unless `LONTAR_PADES_KEY` names a PKCS#12 file. The signature certifies the document and allows no change to it, so
that a PDF reader shows an edited one as broken. No time stamp is fetched: nothing leaves this machine.
"""

import io
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.pdf import Unprintable
from config import Config

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import SimpleSigner

FIELD = "Issuer"
READ_ALOUD = "Signature of the issuing institution"
ROOM = 24_576  # hexadecimal digits kept free for the signature with its chain of certificates
INSTALL = "install it with: pip install 'lontar[pades]'"


class NotSigned(Unprintable):
    """The key cannot be used, so there is no signed PDF; the message says why and never holds the passphrase."""


def wanted(config: Config) -> bool:
    return config.pades_key != Path()


def seal(pdf: bytes, config: Config) -> bytes:
    """The PDF with the institution's signature added, its own bytes unchanged; raises NotSigned."""
    signer = _signer(config)
    _refuse_outdated(signer, config.pades_key)
    from pyhanko.sign import signers
    from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter

    terms = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        name=config.issuer_name or None,
    )
    # Off the page: the one place where both PDF/A-3 and PDF/UA allow a field that is not to be seen.
    place = SigFieldSpec(
        FIELD, invis_sig_settings=InvisSigSettings(box_out_of_bounds=True), readable_field_name=READ_ALOUD
    )
    signed = signers.sign_pdf(
        _writer()(io.BytesIO(pdf)), terms, signer=signer, new_field_spec=place, bytes_reserved=ROOM
    )
    return bytes(signed.getvalue())


def covers(pdf: bytes, config: Config) -> bool:
    """Whether this institution's signature, by the key of today, covers every byte of a PDF."""
    if not wanted(config):
        return False
    try:
        signer = _signer(config)
        from pyhanko.pdf_utils.reader import PdfFileReader
        from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
        from pyhanko_certvalidator import ValidationContext

        (found,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        if found.signer_cert.dump() != signer.signing_cert.dump():  # type: ignore[union-attr]  # who signs has a certificate
            return False
        trusted = ValidationContext(trust_roots=[signer.signing_cert], allow_fetching=False)
        status = validate_pdf_signature(found, trusted)
    except Exception:  # a stranger's bytes behind our own: whatever they break, they prove nothing
        return False
    return bool(status.intact and status.valid and status.coverage == SignatureCoverageLevel.ENTIRE_FILE)


def _writer() -> "type[IncrementalPdfFileWriter]":
    """pyHanko's writer, but it leaves the metadata as typst wrote them: what PDF/A asks of them is strict."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Quiet(IncrementalPdfFileWriter):
        def _update_meta(self) -> None:
            pass

    return Quiet


def valid_until(config: Config) -> datetime:
    """When the institution's certificate ends; raises NotSigned where the key cannot be used."""
    signer = _signer(config)
    _refuse_outdated(signer, config.pades_key)
    return _ends(signer)


def _signer(config: Config) -> "SimpleSigner":
    key, passphrase = config.pades_key, config.pades_passphrase
    if passphrase == Path():
        raise NotSigned("LONTAR_PADES_KEY is set, LONTAR_PADES_PASSPHRASE is not; name the file with the passphrase")
    try:
        return _load(key, passphrase, *(_closed(path) for path in (key, passphrase)))
    except ImportError as error:
        raise NotSigned(f"PDFs cannot be signed without pyHanko; {INSTALL}") from error
    except OSError as error:
        raise NotSigned(f"{error.filename}: {(error.strerror or str(error)).lower()}") from error


def _closed(path: Path) -> tuple[int, int]:
    """What tells a file from a later one under its name; raises NotSigned where others can read it."""
    facts = path.stat()
    if facts.st_mode & 0o077:
        raise NotSigned(f"other users of this machine can read {path}; chmod 600 {path}")
    return facts.st_mtime_ns, facts.st_size


@lru_cache(maxsize=1)
def _load(key: Path, passphrase: Path, _key_facts: tuple[int, int], _word_facts: tuple[int, int]) -> "SimpleSigner":
    """The key, opened once for as long as neither file changes: opening it is slow on purpose."""
    word, pack = passphrase.read_bytes().strip(), key.read_bytes()
    closed = f"{key} does not open: it is no PKCS#12 file with a key, or the passphrase is another"
    from pyhanko.sign.signers import SimpleSigner

    try:
        opened = SimpleSigner.load_pkcs12_data(pack, other_certs=[], passphrase=word)
    except ValueError:
        raise NotSigned(closed) from None
    if opened.signing_cert is None:
        raise NotSigned(closed)
    return _kept_signer()(opened.signing_cert, opened.signing_key, opened.cert_registry)


def _kept_signer() -> "type[SimpleSigner]":
    """pyHanko's signer, but an RSA key is checked once and not for each signature: that costs 50 ms and more."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_private_key
    from pyhanko.sign.signers import SimpleSigner

    class Kept(SimpleSigner):
        @cached_property
        def rsa(self) -> Any:
            return load_der_private_key(self.signing_key.dump(), password=None)

        def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
            mechanism = self.get_signature_mechanism_for_digest(digest_algorithm)
            if (mechanism.signature_algo, digest_algorithm) != ("rsassa_pkcs1v15", "sha256"):
                return bytes(super().sign_raw(data, digest_algorithm))
            return bytes(self.rsa.sign(data, PKCS1v15(), SHA256()))

    return Kept


def _ends(signer: "SimpleSigner") -> datetime:
    return signer.signing_cert.not_valid_after.astimezone(UTC)  # type: ignore[no-any-return, union-attr]  # likewise


def _refuse_outdated(signer: "SimpleSigner", key: Path) -> None:
    ends = _ends(signer)
    if ends < datetime.now(UTC):
        raise NotSigned(f"the certificate in {key} ended on {ends:%Y-%m-%d}; ask its issuer for a new one")
