"""Files of rows on their way to somebody: packed with what is said about them, sent, and never kept."""

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from flask import Response, current_app

from app.core.formats import About
from app.web import db

CHUNK = 1 << 16
SQUEEZED = {"xlsx": zipfile.ZIP_STORED}  # what needs no packing


class Packed(NamedTuple):
    """A ZIP that has no name on this machine any more: it is gone when it has been sent, or was not."""

    name: str
    file: BinaryIO
    size: int
    about: About

    def response(self) -> Response:
        response = current_app.response_class(chunks(self.file), mimetype="application/zip")
        response.call_on_close(self.file.close)
        response.headers["Content-Length"] = str(self.size)
        response.headers["Content-Disposition"] = f'attachment; filename="{self.name}"'
        return response


def download(name: str, format: str, write: Callable[[Path], About]) -> Packed:
    """Let `write` make the file, then pack it with its `.about.json` as `<name>-<day>.zip`."""
    with tempfile.TemporaryDirectory(prefix="lontar-export-") as folder:
        target = Path(folder) / f"{name}.{format}"
        about = write(target)
        packed = target.with_suffix(".zip")
        with zipfile.ZipFile(packed, "w", SQUEEZED.get(format, zipfile.ZIP_DEFLATED), compresslevel=1) as archive:
            archive.write(target, target.name)
            archive.writestr(f"{name}.about.json", about.as_json() + "\n")
        return Packed(f"{name}-{db.now():%Y-%m-%d}.zip", packed.open("rb"), packed.stat().st_size, about)


def chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece
