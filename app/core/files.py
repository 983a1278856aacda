"""The files of a content root as text: every file that authors may write, and no other. Nothing is understood yet.

A picture is a file, too: its text is what `app.core.pictures` makes of its bytes.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core import pictures
from app.core.content import FOLDERS, ID
from app.core.scan import Faults

LARGEST = 1 << 20  # bytes of a file
NAME = re.compile(rf"({ID[1:-1]})(?:\.([A-Za-z]{{2,3}}(?:-[A-Za-z0-9]+)*))?\.(\w+)$")
UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000\ue001\ufffe\uffff]")


@dataclass(frozen=True)
class File:
    """A readable file; `language` is "" for an original. Of a picture, `folder` is "pictures" and `stem` the name of
    the module or quiz that may show it."""

    path: str
    folder: str
    stem: str
    language: str
    text: str


def read_files(root: Path, faults: Faults) -> Iterator[File]:
    """Every file that authors may write, as text; others are named."""
    for folder, ending in FOLDERS.items():
        place = root / folder
        if place.is_symlink() or not place.is_dir():
            Faults(folder, faults.found)(
                0, "folder", f"There is no folder {folder}/. Make one (a link to one will not do)."
            )
            continue
        for path in sorted(place.iterdir()):
            if not path.name.startswith(".") and not path.name.endswith(("~", ".swp", ".bak")):
                fault = Faults(f"{folder}/{path.name}", faults.found)
                if folder in pictures.FOLDERS and re.match(ID, path.name) and path.is_dir() and not path.is_symlink():
                    yield from _read_pictures(path, fault)
                else:
                    yield from _read_file(path, folder, ending, fault)


def _read_pictures(folder: Path, fault: Faults) -> Iterator[File]:
    for path in sorted(folder.iterdir()):
        here = Faults(f"{fault.path}/{path.name}", fault.found)
        if path.name.startswith(".") or path.name in ("Thumbs.db", "desktop.ini"):
            continue
        if path.is_symlink():
            here(0, "symlink", "This is a symbolic link. Put the file itself here.")
        elif not pictures.PATH.match(here.path) or not path.is_file():
            wanted = "name.png, .jpg, .gif or .webp, in lower-case letters, digits and hyphens"
            here(0, "file-name", f"This is not read. Such a folder holds the pictures of one file: {wanted}.")
        else:
            try:
                data = _bytes(path)
                text = pictures.as_text(data, pictures.look(data)[0])
            except pictures.Unfit as unfit:
                here(0, "image", f"This picture can't be shown: {unfit}.")
            else:
                yield File(here.path, "pictures", folder.name, "", text)


def _read_file(path: Path, folder: str, ending: str, fault: Faults) -> Iterator[File]:
    name = NAME.match(path.name)
    if path.is_symlink():
        fault(0, "symlink", "This is a symbolic link. Put the file itself here.")
    elif not name or name[3] != ending or not path.is_file():
        wanted = f"name.{ending} or name.fr.{ending}"
        fault(0, "file-name", f"This is not read. Name files {wanted}, in lower-case letters, digits and hyphens.")
    else:
        text = _text(_bytes(path), fault)
        if text is not None:
            yield File(fault.path, folder, name[1], name[2] or "", text)


def _bytes(path: Path) -> bytes:
    """At most one byte more than is allowed; never through a link or from a device."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as source:
        return source.read(LARGEST + 1) if stat.S_ISREG(os.fstat(source.fileno()).st_mode) else b""


def _text(data: bytes, fault: Faults) -> str | None:
    """The text with `\\n` at the end of lines, or None when it is too much or no text."""
    if len(data) > LARGEST:
        fault(0, "file-size", "The file is over 1 MB. Split it.")
        return None
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        fault(line, "encoding", "This line is not UTF-8. Save the file as UTF-8.")
        return None
    unwanted = UNWANTED.search(text)
    if unwanted:
        line, code = text.count("\n", 0, unwanted.start()) + 1, ord(unwanted[0])
        fault(line, "character", f"An invisible character (U+{code:04X}) stands on this line. Delete it.")
        return None
    return text
