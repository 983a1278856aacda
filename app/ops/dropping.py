"""What an author drops on the page -> course files: archives and single files taken apart, what others wrote converted.

Nothing is written to the disk here, and nothing outside the three folders of a course ever comes out.
"""

import io
import re
import stat
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from app.core import pictures
from app.core.content import FOLDERS
from app.core.files import LARGEST
from app.records.drafts import Remark

if TYPE_CHECKING:
    from app.ops.converting import Answer, Order

FILES = 400  # in one drop
UNPACKED = 16 << 20  # bytes of all files together
PLACE = (
    "a picture is a .png, .jpg, .gif or .webp in a folder with the name of its module or quiz, "
    "modules/name/picture.png, in lower-case letters, digits and hyphens"
)
NAME = re.compile(r"[^\x00-\x1f\x7f/\\.][^\x00-\x1f\x7f/\\]{0,99}$")
KIND = re.compile(r"^#{2,3} .*\{#[^}\s]+[^}]*\s\.[a-z]", re.MULTILINE)  # a question's heading names its kind
LITTER = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")
BANKS = (".gift", ".xml", ".txt")
WORD = ".docx"
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Refused(ValueError):
    """A drop of which nothing is kept; the message says why and what to do. `status` is that of the answer."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.status = status


class Dropped(msgspec.Struct):
    """Course files (path -> bytes), and what is said of those that were left out or changed."""

    files: dict[str, bytes]
    remarks: list[Remark]

    def add(self, path: str, data: bytes, name: str) -> None:
        if path in self.files:
            raise Refused(f"{name}: {path} comes twice. Drop each file once.")
        self.files[path] = data
        if len(self.files) > FILES:
            raise Refused(f"These are more than {FILES} files. Drop fewer at once.", 413)
        if sum(map(len, self.files.values())) > UNPACKED:
            raise Refused(f"The files have more than {UNPACKED >> 20} MB together. Drop fewer at once.", 413)


def receive(
    given: Mapping[str, bytes],
    root: Path,
    site: str,
    folder: str = "",
    draft: Mapping[str, bytes] = MappingProxyType({}),
) -> Dropped:
    """The course files in what was dropped (name -> bytes). `folder` is where a single Markdown file belongs, where
    the author said so; `root` is the content root under which banks are converted, and which pictures are shown by
    where neither the drop nor the `draft` that it is added to (path -> bytes) shows them. Raises Refused."""
    dropped = Dropped({}, [])
    shown = {name: data for name, data in given.items() if name.lower().endswith(pictures.LOOKS_LIKE)}
    for name, data in given.items():
        if name in shown:
            continue
        ending = PurePosixPath(name).suffix.lower()
        if not data:
            raise Refused(f"{name} is empty.")
        if ending == WORD:
            _convert(name, data, root, site, dropped, "modules")
        elif ending == ".zip" or data.startswith(b"PK\x03\x04"):
            _unpack(name, data, dropped)
        elif ending in (".md", ".yml", ".yaml"):
            dropped.add(f"{_folder(name, data, ending, folder)}/{_safe(name)}", data, name)
        elif ending in BANKS:
            _convert(name, data, root, site, dropped, "quizzes")
        else:
            raise Refused(
                f"{name} is not read here. Drop .md, .yml, .zip or .docx files, pictures that a file shows, "
                "or a bank in GIFT, Moodle XML or Aiken."
            )
    for name, data in shown.items():
        _picture(name, data, dropped, draft, root)
    if not dropped.files:
        raise Refused("There is no course file in it. A course has the folders course/, modules/ and quizzes/.")
    return dropped


def _picture(name: str, data: bytes, dropped: Dropped, draft: Mapping[str, bytes], root: Path) -> None:
    """A picture that was dropped by itself goes to the file that shows it."""
    if unfit := _unfit(data):
        raise Refused(f"{name} is no picture for a course: {unfit}.")
    last = _safe(name)
    if not pictures.NAME.match(last):
        raise Refused(f"{name[:100]}: name pictures in lower-case letters, digits and hyphens, like map-of-fiji.png.")
    alone = _pages(dropped.files)
    pages = alone if len(alone) == 1 else _shown_by(last, dropped.files)
    pages = pages or _shown_by(last, draft) or _shown_by(last, _originals(root))
    if not pages:
        raise Refused(f"No file shows {last}. Write ![what it shows]({last}) into one, and drop both together.")
    if len(pages) > 1:
        [one, another] = sorted(pages)[:2]
        raise Refused(
            f"{one}.md and {another}.md show a picture {last}. Drop it as a .zip that says which one: {one}/{last}."
        )
    dropped.add(f"{pages.pop()}/{last}", data, name)


def _pages(paths: Iterable[str]) -> set[str]:
    """The modules and quizzes among these course files, without ending and language."""
    return {
        path.partition(".")[0] for path in paths if path.endswith(".md") and path.partition("/")[0] in pictures.FOLDERS
    }


def _shown_by(name: str, files: Mapping[str, bytes]) -> set[str]:
    """The modules and quizzes whose text shows a picture of this name."""
    return _pages(path for path, data in files.items() if f"]({name})".encode() in data)


def _originals(root: Path) -> dict[str, bytes]:
    """The modules and quizzes that are served, in the original."""
    found = [one for folder in pictures.FOLDERS for one in (root / folder).glob("*.md")]
    return {one.relative_to(root).as_posix(): one.read_bytes() for one in found if one.stat().st_size <= LARGEST}


def _safe(name: str) -> str:
    """The name without folders that a browser may put before it."""
    last = re.split(r"[/\\]", name)[-1]
    if not NAME.match(last):
        raise Refused(f"{name[:100]!r} is no name for a course file. Use lower-case letters, digits and hyphens.")
    return last


def _folder(name: str, data: bytes, ending: str, wanted: str) -> str:
    """Where a single file belongs: a file with questions to the quizzes, other Markdown to the modules."""
    if ending != ".md":
        return "course"
    if wanted in ("modules", "quizzes"):
        return wanted
    text = data[:LARGEST].decode("utf-8", "replace").replace("\r", "\n")
    return "quizzes" if KIND.search(text) else "modules"


# Archives


def _unpack(name: str, data: bytes, dropped: Dropped) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > 4 * FILES:
                raise Refused(f"{name} has {len(entries)} entries, more than {4 * FILES}. Pack the course alone.", 413)
            inside = [(one, _inside(name, one)) for one in entries if not one.is_dir()]
            prefix = _common([path for _, path in inside if not _is_litter(path)])
            for one, path in inside:
                _take(name, archive, one, path.removeprefix(prefix), dropped)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise Refused(f"{name} can't be unpacked: it is broken or packed in an unusual way. Make it again.") from error


def _inside(name: str, one: zipfile.ZipInfo) -> str:
    """The path of an entry; raises Refused for one that leads out of the archive or is no plain file."""
    path = one.filename.replace("\\", "/")
    shown = path[:100]
    if path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in path.split("/") or "\0" in one.orig_filename:
        raise Refused(f"{name}: the path {shown!r} leads out of the archive. Nothing was taken from it.")
    mode = one.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise Refused(f"{name}: {shown!r} is a link or no plain file. Put the file itself into the archive.")
    if one.flag_bits & 1:
        raise Refused(f"{name} is locked with a password. Pack it without one.")
    if one.compress_type not in PACKED:
        raise Refused(f"{name} is packed in an unusual way. Make it again as an ordinary ZIP file.")
    return path


def _common(paths: list[str]) -> str:
    """The one folder that everything stands in, where that is none of a course."""
    first = {path.partition("/")[0] for path in paths}
    [top] = first if len(first) == 1 and all("/" in path for path in paths) else [""]
    return f"{top}/" if top and top not in FOLDERS else ""


def _is_litter(path: str) -> bool:
    low = path.lower()
    return low.startswith(LITTER[0]) or low.rpartition("/")[2] in LITTER[1:]


def _take(name: str, archive: zipfile.ZipFile, one: zipfile.ZipInfo, path: str, dropped: Dropped) -> None:
    """One file of an archive; reading stops where it is larger than a course file may be, whatever it says."""
    if _is_litter(path):
        return
    folder, _, rest = path.partition("/")
    picture = path.lower().endswith(pictures.LOOKS_LIKE)
    if not (pictures.PATH.match(path) if picture else folder in FOLDERS and NAME.match(rest)):
        vector = "it is SVG, which can hold scripts; save it as PNG" if path.lower().endswith(".svg") else ""
        why = vector or PLACE if picture else "it stands in none of the three folders of a course"
        dropped.remarks.append(Remark(path[:200], 0, f"left out: {why}", left_out=True))
        return
    with archive.open(one) as packed:
        data = packed.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Refused(f"{name}: {path} has more than {LARGEST >> 20} MB. Split it.", 413)
    if picture and (unfit := _unfit(data)):
        dropped.remarks.append(Remark(path[:200], 0, f"left out: {unfit}", left_out=True))
        return
    dropped.add(path, data, name)


def _unfit(data: bytes) -> str:
    """Why these bytes are no picture for a course; "" where they are one."""
    try:
        pictures.look(data)
    except pictures.Unfit as unfit:
        return str(unfit)
    return ""


# Banks of other programs


def _convert(name: str, data: bytes, root: Path, site: str, dropped: Dropped, folder: str) -> None:
    """A question bank as one or more quiz files, or a Word document as a module, converted by a process that can't take
    more than its share."""
    from app.core.exchange.bank import slug  # brings the readers of banks, which a server needs for authors only
    from app.ops.converting import Order
    from app.ops.exchanging import look_around

    known, language = look_around(root, site)
    taken = {path.removeprefix(f"{folder}/").removesuffix(".md") for path in dropped.files}
    taken |= {path.stem for path in (root / folder).glob("*.md")}
    stem = next(one for one in _names(slug(PurePosixPath(name).stem) or "bank") if one not in taken)
    answer = _in_child(Order(name=name, data=data, language=language, known=known, title=stem))
    if answer.refused:
        raise Refused(f"{name}: {answer.refused}", 413 if answer.much else 422)
    dropped.remarks += [Remark(name, line, f"changed: {note}") for line, note in answer.notes]
    for one in answer.remarks:
        said = f"“{one.name}”: {one.text}"
        dropped.remarks.append(Remark(name, one.line, said, left_out=one.left_out))
    if not answer.files:
        first = f" ({dropped.remarks[-1].text})" if dropped.remarks else ""
        raise Refused(f"{name}: no question could be read{first}.")
    for number, (text, album) in enumerate(zip(answer.files, answer.pictures, strict=True), 1):
        place = f"{folder}/{stem}{f'-{number}' if number > 1 else ''}"
        dropped.add(f"{place}.md", text.encode(), name)
        for shown, data in album.items():
            dropped.add(f"{place}/{shown}", data, name)


def _names(stem: str) -> Iterator[str]:
    yield stem
    yield from (f"{stem}-bank-{number}" if number > 1 else f"{stem}-bank" for number in range(1, 1000))


def _in_child(order: "Order") -> "Answer":
    from app.ops import converting

    try:
        done = subprocess.run(
            [sys.executable, "-m", "app.ops.converting"],
            input=msgspec.msgpack.encode(order),
            stdout=subprocess.PIPE,
            timeout=converting.PATIENCE,
            cwd=Path(__file__).parents[2],
            check=True,
        )
        return msgspec.msgpack.decode(done.stdout, type=converting.Answer)
    except (subprocess.SubprocessError, msgspec.MsgspecError):
        return converting.Answer(refused=converting.TOO_MUCH, much=True)
