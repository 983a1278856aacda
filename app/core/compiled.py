"""The compiled library in a file: what the check made of a course once, read again without the tools that made it."""

import hashlib
import os
from functools import cache
from importlib.metadata import version
from pathlib import Path

import msgspec

from app.core.content import Library

KEPT = "drafts.kept"  # the usual name of the file that keeps what files were turned into


@cache
def program() -> str:
    """A hash of the code that reads and compiles files, its libraries included."""
    seal = hashlib.sha256(f"{version('markdown')} {version('nh3')}".encode())
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            seal.update(f"{path.name}\0".encode() + path.read_bytes())
    return seal.hexdigest()


def write_library(library: Library, folder: Path) -> Path:
    """The library as JSON in `folder`, named by its release; the file appears whole or not at all."""
    path = folder / f"{library.release}.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{library.release}.{os.getpid()}"
        part.write_bytes(msgspec.json.encode(library))
        part.replace(path)
    return path


def read_library(path: Path) -> Library:
    """The library that `write_library` wrote."""
    return msgspec.json.decode(path.read_bytes(), type=Library)
