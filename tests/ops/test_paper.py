"""The PDF as a site hands it out: its own template, its own signature, its preview."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli import main
from app.core import pdf
from app.ops import paper, sealing, specimens
from config import Config
from tests.core.test_certificates import LIBRARY, record

PASSPHRASE = "a passphrase of the institution"


def own_template(folder: Path, **changes: str) -> Path:
    """A copy of the built-in template, with some words of its page exchanged."""
    copy = folder / "template"
    shutil.copytree(pdf.TEMPLATE, copy)
    page = copy / "certificate.typ"
    for old, new in changes.items():
        page.write_text(page.read_text().replace(old, new))
    return copy


# A template of the institution's own


LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 3"><path d="M0 0h9v3H0z" fill="#135"/></svg>'


def test_an_institution_has_its_own_logo(tmp_path: Path) -> None:
    template = own_template(tmp_path)
    (template / "logo.svg").write_text(LOGO)
    config = Config(instance=tmp_path, certificate_template=template)
    assert figures(paper.make(config, record())) == ["Institute of Public Administration", QR]
    assert figures(paper.make(Config(instance=tmp_path), record())) == [QR]


QR = "QR code of the address http://127.0.0.1:8000/verify/LON-7K4M-2Q9X-HD37"


def figures(content: bytes) -> list[str]:
    from tests.core.test_pdf import read, tags

    return [said for tag, said in tags(read(content).root_object["/StructTreeRoot"]["/K"]) if tag == "/Figure"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("#panic()", "panicked"),
        ('#read("/etc/passwd")', "not found"),
        ('#read("../../../../../../etc/passwd")', "escape"),
        ('#set document(title: "x")\n#image("missing.png")', "not found"),
        ("#{", "unclosed"),
    ],
)
def test_a_broken_template_is_a_message_and_reads_nothing_outside(tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "certificate.typ").write_text(source)
    with pytest.raises(pdf.BadTemplate, match=said) as raised:
        paper.make(Config(instance=tmp_path, certificate_template=tmp_path), record())
    assert str(tmp_path) in str(raised.value)


def test_a_folder_without_a_template_is_a_message(tmp_path: Path) -> None:
    with pytest.raises(pdf.BadTemplate, match=r"none/certificate\.typ: no such file"):
        paper.make(Config(instance=tmp_path, certificate_template=tmp_path / "none"), record())


# The institution's signature


def make_key(folder: Path, *, days: int = 300, kind: str = "rsa") -> dict[str, Any]:
    """A key of the institution in a file, with the certificate that it signed itself; the settings that name them."""
    pytest.importorskip("pyhanko", reason="pyHanko is not here; pip install 'lontar[pades]'")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
    from cryptography.x509.oid import NameOID

    key = private_key(kind)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Institute of Public Administration")])
    ends = datetime.now(UTC) + timedelta(days=days)
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(5)
        .not_valid_before(ends - timedelta(days=400))
        .not_valid_after(ends)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    sealed = pkcs12.serialize_key_and_certificates(
        b"institute", key, certificate, None, BestAvailableEncryption(PASSPHRASE.encode())
    )
    (folder / "key.p12").write_bytes(sealed)
    (folder / "passphrase").write_text(PASSPHRASE + "\n")
    for file in ("key.p12", "passphrase"):
        (folder / file).chmod(0o600)
    return {"instance": folder, "pades_key": folder / "key.p12", "pades_passphrase": folder / "passphrase"}


@cache
def private_key(kind: str) -> Any:
    """A key of this kind; finding the primes of one is dear, and which ones they are is nothing to the tests."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    return rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())


def pdfsig(file: Path) -> dict[str, str]:
    """What poppler says of a file's signature."""
    tool = shutil.which("pdfsig")
    if tool is None:
        pytest.skip("no pdfsig here; apt-get install poppler-utils")
    told = subprocess.run([tool, "-nocert", str(file)], capture_output=True, text=True, check=False).stdout
    return {key.strip(" -"): value.strip() for key, _, value in (line.partition(":") for line in told.splitlines())}


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_reader_sees_a_valid_signature_and_a_change_breaks_it(tmp_path: Path, kind: str) -> None:
    config = Config(**make_key(tmp_path, kind=kind))
    plain = pdf.render(record(), f"{config.base_url}/verify/{record()['number']}")
    signed = paper.make(config, record())
    assert signed.startswith(plain)  # what was there stays, byte for byte
    file = tmp_path / "signed.pdf"
    file.write_bytes(signed)
    told = pdfsig(file)
    assert told["Signature Validation"] == "Signature is Valid."
    assert told["Signer Certificate Common Name"] == "Institute of Public Administration"
    assert told["Signature Type"] == "ETSI.CAdES.detached"
    assert "Total document signed" in told
    file.write_bytes(signed.replace(b"Certificate of completion", b"Certificate of completior", 1))
    assert pdfsig(file)["Signature Validation"] != "Signature is Valid."


def test_a_signed_pdf_keeps_its_record_and_its_standards(tmp_path: Path) -> None:
    from tests.core.test_pdf import read

    reader = read(paper.make(Config(**make_key(tmp_path)), record()))
    plain = read(paper.make(Config(instance=tmp_path), record()))
    assert list(reader.attachments) == ["certificate.json"]
    metadata, before = (one.root_object["/Metadata"].get_object().get_data().decode() for one in (reader, plain))
    assert metadata == before
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    field = reader.root_object["/AcroForm"]["/Fields"][0].get_object()
    assert field["/TU"] == "Signature of the issuing institution"
    assert max(map(float, field["/Rect"])) < 0  # off the page
    pdfua = pytest.importorskip("pdfua", reason="pdfua is not here; pip install pdfua")
    (tmp_path / "signed.pdf").write_bytes(paper.make(Config(**make_key(tmp_path)), record()))
    assert [str(one) for one in pdfua.validate(tmp_path / "signed.pdf").findings] == []


def world_readable(settings: dict[str, Any]) -> None:
    settings["pades_key"].chmod(0o644)


def open_passphrase(settings: dict[str, Any]) -> None:
    settings["pades_passphrase"].chmod(0o640)


def missing(settings: dict[str, Any]) -> None:
    settings["pades_key"].unlink()


def no_passphrase(settings: dict[str, Any]) -> None:
    del settings["pades_passphrase"]


def wrong_passphrase(settings: dict[str, Any]) -> None:
    settings["pades_passphrase"].write_text("another")


def not_a_key(settings: dict[str, Any]) -> None:
    settings["pades_key"].write_bytes(b"not a key")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (world_readable, r"other users of this machine can read .*key\.p12; chmod 600"),
        (open_passphrase, r"other users of this machine can read .*passphrase; chmod 600"),
        (missing, r"key\.p12: no such file or directory"),
        (no_passphrase, "LONTAR_PADES_PASSPHRASE is not"),
        (wrong_passphrase, r"key\.p12 does not open"),
        (not_a_key, r"key\.p12 does not open"),
    ],
)
def test_a_key_that_cannot_be_used_gives_no_pdf(tmp_path: Path, spoil: Any, said: str) -> None:
    settings = make_key(tmp_path)
    spoil(settings)
    config = Config(**settings)
    with pytest.raises(sealing.NotSigned, match=said) as raised:
        paper.make(config, record())
    assert PASSPHRASE not in str(raised.value)
    with pytest.raises(sealing.NotSigned, match=said):
        sealing.valid_until(config)


def test_an_outdated_certificate_signs_nothing(tmp_path: Path) -> None:
    config = Config(**make_key(tmp_path, days=-1))
    with pytest.raises(sealing.NotSigned, match=r"ended on \d{4}-\d\d-\d\d"):
        paper.make(config, record())


def test_a_renewed_key_is_used_without_a_restart(tmp_path: Path) -> None:
    outdated = Config(**make_key(tmp_path, days=-1))
    with pytest.raises(sealing.NotSigned):
        paper.make(outdated, record())
    renewed = Config(**make_key(tmp_path, days=299))
    assert b"/ByteRange" in paper.make(renewed, record())
    assert sealing.valid_until(renewed).date() == (datetime.now(UTC) + timedelta(days=299)).date()


def test_without_a_key_nothing_is_signed(tmp_path: Path) -> None:
    """Nor is anything loaded for it: tests/test_architecture.py."""
    config = Config(instance=tmp_path)
    assert not sealing.wanted(config)
    assert b"/ByteRange" not in paper.make(config, record())


# The preview


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from tests.ops.conftest import TINY

    monkeypatch.setenv("LONTAR_CONTENT", str(TINY))
    monkeypatch.setenv("LONTAR_INSTANCE", str(tmp_path))
    return tmp_path


def test_the_preview_prints_every_script(site: Path) -> None:
    if pdf.can_print("".join(name for _, name, _ in specimens.NAMES)):
        pytest.skip("not all fonts are here; apt-get install fonts-noto-core fonts-noto-cjk")
    folder = site / "preview"
    told = CliRunner().invoke(main, ["certificate", "preview", "--to", str(folder), "--language", "vi"])
    assert told.exit_code == 0, told.output
    files = sorted(folder.iterdir())
    assert [file.stem[3:] for file in files] == [script for script, _, _ in specimens.NAMES]
    assert told.output.splitlines()[0] == f"{files[0]}: Litia Vakatāwale-O’Connor"


def test_the_preview_names_what_it_cannot_print(site: Path) -> None:
    folder = site / "preview"
    command = ["certificate", "preview", "--to", str(folder), "--plain", "--name", "Ana", "--name", "Ana \u0378"]
    told = CliRunner().invoke(main, command)
    assert told.exit_code == 1
    assert told.stderr.startswith("name-2: no installed font can print \u0378 (U+0378)")
    assert [file.name for file in folder.iterdir()] == ["01-name-1.pdf"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--language", "xx"], "lontar: certificates have no words in xx; choose one of: en, fr, vi\n"),
        (["--language", "../en"], "lontar: certificates have no words in ../en; choose one of: en, fr, vi\n"),
    ],
)
def test_the_preview_refuses_a_language_without_words(site: Path, options: list[str], said: str) -> None:
    told = CliRunner().invoke(main, ["certificate", "preview", "--to", str(site / "preview"), *options])
    assert (told.exit_code, told.stderr) == (1, said)
    assert not (site / "preview").exists()


def test_specimens_certify_nothing(tmp_path: Path) -> None:
    made = specimens.record_of(Config(instance=tmp_path, issuer_name="Institute"), LIBRARY, "Ana", "", 1)
    assert (made["demonstration"], made["name"]) == (True, "Ana")
