"""`lontar verify` and the programs of docs/verifying.md: strangers' files, with no server and no network."""

import json
import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.exceptions import InvalidSignature

from app.cli import main
from app.core import credentials as documents
from app.core import short
from app.core.certificates import Issuer, public_record, rule_of
from app.core.content import Library
from app.core.load import load
from app.core.proofs import SigningKey, raw_key
from app.ops import paper, verifying
from app.ops.serving import Stopped
from config import Config
from tests.core.glyphs import opened
from tests.core.test_credentials import HOSTILE

GUIDE = (Path(__file__).parents[2] / "docs" / "verifying.md").read_text(encoding="utf-8")
TINY = Path(__file__).parents[1] / "courses" / "tiny"
BASE = "https://learn.example.org"
KEY, OTHER = SigningKey(bytes(range(32))), SigningKey(bytes(range(1, 33)))
AT = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
ISSUER = Issuer(name="Institute of the Isles", timezone="Asia/Bangkok")


@pytest.fixture(scope="module")
def library() -> Library:
    found, _problems = load(TINY, today=date(2026, 11, 22))
    assert found is not None
    return found


def record(library: Library, issuer: Issuer = ISSUER, years: int | None = None) -> dict[str, Any]:
    course = library.courses["tiny"]
    return public_record(
        number="LON-7K4M-2Q9X-HD37",
        edition=1,
        name="Sok Sophea",
        name_latin="",
        course=course,
        language="en",
        kind="completion",
        at=AT,
        timezone="Asia/Bangkok",
        issuer=issuer,
        rule=rule_of(library, course, "completion") | {"valid_years": years},
        demo=False,
        trial=False,
    )


@pytest.fixture
def files(fetched: Path, tmp_path: Path) -> Path:
    """A folder with what a stranger fetched; the test may change it."""
    return shutil.copytree(fetched, tmp_path, dirs_exist_ok=True)


@pytest.fixture(scope="module")
def fetched(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What all tests begin with."""
    folder = tmp_path_factory.mktemp("fetched")

    def keep(name: str, document: Any) -> None:
        (folder / name).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    created = documents.moment(AT)
    for name, made in {"cert.json": record(library), "expiring.json": record(library, years=1)}.items():
        keep(name, documents.signed(documents.credential(made, (0, 77), BASE, library), KEY, BASE, created))
    for name, gone, key in (("valid.json", {5}, OTHER), ("revoked.json", {77}, OTHER), ("forged.json", {5}, KEY)):
        keep(name, documents.signed(documents.status_list(0, gone, BASE, AT), key, BASE, created))
    keep("other.json", documents.signed(documents.status_list(1, {5}, BASE, AT), KEY, BASE, created))
    keep("did.json", documents.did_document(BASE, [OTHER.public, KEY.public]))
    keep("changed.json", json.loads((folder / "cert.json").read_text().replace("Sophea", "Samnang")))
    (folder / "code.txt").write_text(f"{BASE}/verify/LON-7K4M-2Q9X-HD37#{short.make(record(library), KEY)}\n")
    (folder / "sample.txt").write_text(short.make(record(library, Issuer()), KEY))
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7\n")
    config = Config(base_url=BASE, instance=folder)
    sealed = paper.make(config, record(library), key=KEY)
    (folder / "sealed.pdf").write_bytes(sealed)
    (folder / "added.pdf").write_bytes(sealed + b"\n1 0 obj\n")
    (folder / "flipped.pdf").write_bytes(sealed.replace(b"self-paced", b"self-placed").replace(b"/Size 6", b"/Size 7"))
    (folder / "marked.pdf").write_bytes(paper.make(config, record(library, Issuer()), key=KEY))
    return folder


def run(files: Path, name: str, *options: str) -> tuple[int, list[str]]:
    """Exit status and lines of `lontar verify`; names of files among the options are completed."""
    given = [str(files / one) if (files / one).exists() else one for one in options]
    result = CliRunner().invoke(main, ["verify", str(files / name), *given])
    return result.exit_code, (result.stdout or result.stderr).splitlines()


def test_what_the_guide_shows_is_what_the_command_prints(files: Path) -> None:
    code, lines = run(files, "cert.json", "--key", "did.json", "--status", "valid.json")
    assert code == 0
    shown = re.findall(r"```console\n\$ lontar verify .*\n((?:.+\n)+?)```", GUIDE)
    assert shown == ["\n".join(lines) + "\n"]


CASES = [
    ("cert.json", ["--key", KEY.public], 0, verifying.UNKNOWN),
    ("cert.json", ["--key", "did.json", "--status", "revoked.json"], 1, "Revoked: it no longer counts."),
    ("cert.json", ["--key", OTHER.public], 1, verifying.BAD),
    ("changed.json", ["--key", "did.json"], 1, verifying.BAD),
    ("expiring.json", ["--key", "did.json"], 0, verifying.UNKNOWN),
    ("code.txt", ["--key", "did.json"], 0, verifying.UNKNOWN),
    ("code.txt", ["--key", OTHER.public], 1, verifying.BAD),
    ("sealed.pdf", ["--key", "did.json"], 0, verifying.UNKNOWN),
    ("sealed.pdf", ["--key", OTHER.public], 1, verifying.BAD),
    ("flipped.pdf", ["--key", "did.json"], 1, verifying.BAD),
    ("added.pdf", ["--key", "did.json"], 1, verifying.UNKNOWN),
    ("paper.pdf", ["--key", "did.json"], 1, verifying.BAD),
]


@pytest.mark.parametrize(("name", "options", "code", "last"), CASES)
def test_the_verdict(files: Path, name: str, options: list[str], code: int, last: str) -> None:
    found = run(files, name, *options)
    assert (found[0], found[1][-1]) == (code, last)


REFUSED = [
    ("valid.json", ["--key", "did.json"], "it is a status list; give it with --status"),
    ("did.json", ["--key", "did.json"], "it is not of the form that Lontar issues"),
    ("cert.json", ["--key", "z6Mkwrong"], "is neither a public key (z6Mk…) nor a did.json"),
    ("cert.json", ["--key", "cert.json"], "is neither a public key (z6Mk…) nor a did.json"),
    ("cert.json", ["--key", "did.json", "--status", "other.json"], "is not its status list"),
    ("cert.json", ["--key", "did.json", "--status", "cert.json"], "is not its status list"),
    ("cert.json", ["--key", OTHER.public, "--key", KEY.public, "--status", "changed.json"], "is not its status list"),
]


@pytest.mark.parametrize(("name", "options", "said"), REFUSED)
def test_what_is_neither_is_refused_in_one_line(files: Path, name: str, options: list[str], said: str) -> None:
    code, lines = run(files, name, *options)
    assert (code, len(lines), said in lines[0]) == (1, 1, True)


def test_a_status_list_by_a_stranger_is_refused(files: Path) -> None:
    code, lines = run(files, "cert.json", "--key", KEY.public, "--status", "valid.json")
    assert (code, lines[0].rpartition("/")[2]) == (1, "valid.json is not signed by the given key(s)")


def test_an_expired_certificate_is_not_good(files: Path) -> None:
    for day, good in ((datetime(2027, 11, 22, 12, tzinfo=UTC), True), (datetime(2027, 11, 22, 17, tzinfo=UTC), False)):
        verdict = verifying.verify(files / "expiring.json", [KEY.public], None, day)
        assert verdict.good is good
        assert f"Valid until: 2027-11-23T00:00:00+07:00 ({'not ' if good else ''}expired)" in verdict.lines


def test_what_a_sealed_pdf_tells(files: Path) -> None:
    code, lines = run(files, "sealed.pdf", "--key", "did.json")
    assert (code, lines[0]) == (0, f"Seal: good, by {KEY.public}")
    assert {"Number: LON-7K4M-2Q9X-HD37", "Name: Sok Sophea", "Course title: A tiny course"} <= set(lines)
    assert verifying.ADDED in run(files, "added.pdf", "--key", "did.json")[1]
    assert "It certifies nothing: sample" in run(files, "marked.pdf", "--key", "did.json")[1]


def test_the_files_inside_a_pdf_are_enough_to_check_it(files: Path) -> None:
    found = opened((files / "sealed.pdf").read_bytes()).attachments
    assert sorted(found) == ["certificate.json", "issuer-key.json", "signed.txt"]
    for name in ("issuer-key.json", "signed.txt"):
        (files / name).write_bytes(found[name][0])
    code, lines = run(files, "signed.txt", "--key", "issuer-key.json")
    assert (code, "Name: Sok Sophea" in lines) == (0, True)


def test_a_sample_is_not_good(files: Path) -> None:
    verdict = verifying.verify(files / "sample.txt", [KEY.public], None, NOW)
    assert (verdict.good, "It certifies nothing: sample" in verdict.lines) == (False, True)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(Stopped):
        verifying.verify(file, [KEY.public], None, NOW)


def test_the_program_in_the_guide_checks_the_code(files: Path, library: Library) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", GUIDE, re.S)
    names: dict[str, Any] = {}
    exec(program, names)
    text = (files / "code.txt").read_text().strip()
    assert names["check"](text, raw_key(KEY.public)) == list(short.facts(record(library)).values())
    with pytest.raises(InvalidSignature):
        names["check"](text, raw_key(OTHER.public))
