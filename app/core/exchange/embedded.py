"""Pictures that come with a question or a document: taken out, looked at, and given a name of ours; and put back in.

In between a text holds `course:name.png` where a picture of ours is meant, `course:` where one was left out.
"""

import binascii
import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import NamedTuple
from urllib.parse import unquote

from app.core.pictures import NAME, Unfit, look

SOURCE = re.compile(r"""(<img\b[^>]*?\bsrc\s*=\s*)(["'])(@@PLUGINFILE@@/[^"']*|data:[^"']*)\2""", re.IGNORECASE)
DATA = re.compile(r"data:[^,]*;base64,", re.IGNORECASE)
OURS = "course:"
SHOWN = re.compile(r'<img src="/pictures/([0-9a-f]{32})\.[a-z]+" alt="([^"]*)"[^>]*>')
MENTIONED = re.compile(r'src="course:([^"]*)"')


@dataclass
class Album:
    """The pictures of one question or document: `taken` (our name -> bytes), and why others were not."""

    taken: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, data: bytes) -> str:
        """Our name for a picture; "" where it is none for a course, which is noted."""
        try:
            kind = look(data)[0]
        except Unfit as unfit:
            self.notes.append(f"the picture {name[:80]} is left out: {unfit}")
            return ""
        stem = re.sub(r"[^a-z0-9]+", "-", name.rpartition(".")[0].lower()).strip("-")[:40].strip("-") or "picture"
        seal = hashlib.sha256(data).hexdigest()[:8]
        ours = f"{stem.removesuffix(f'-{seal}')}-{seal}.{kind}"
        self.taken[ours] = data
        return ours

    def lift(self, html: str, files: Mapping[str, str]) -> tuple[str, set[str]]:
        """The text with its embedded pictures by our names, and which of `files` (name -> base64) it shows."""
        used: set[str] = set()

        def replaced(found: re.Match[str]) -> str:
            source = found[3]
            if source.startswith("data:"):
                name, packed = "embedded", DATA.sub("", source) if DATA.match(source) else ""
            else:
                name = unquote(unescape(source.partition("/")[2].partition("?")[0])).rpartition("/")[2]
                packed = files.get(name, "")
                used.add(name)
            data = unpacked(packed)
            if data is None:
                return found[0]  # the writer of the text names it as missing
            ours = self.add(name, data)
            return f"{found[1]}{found[2]}{OURS}{ours}{found[2]}"

        return SOURCE.sub(replaced, html), used


def unpacked(packed: str) -> bytes | None:
    """The bytes of a base64 text; None where it holds none."""
    try:
        return b64decode("".join(packed.split()), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def name_in(source: str) -> str:
    """Our name of a picture that was lifted, "" for any other source."""
    name = source.removeprefix(OURS)
    return name if source.startswith(OURS) and NAME.match(name) else ""


class Shown(NamedTuple):
    """A picture of the course that goes out: its name and bytes."""

    name: str
    data: bytes


Find = Callable[[str], Shown | None]


def mentioned(html: str, find: Find, shown: dict[str, bytes], lost: list[str]) -> str:
    """Our HTML with its pictures as `course:name`, which `shown` takes; one that can't go along leaves its words."""

    def replaced(found: re.Match[str]) -> str:
        picture = find(found[1])
        if picture is None:
            lost.append(f"a picture is left out, its words stay: {unescape(found[2])[:80]}")
            return f"[{found[2]}]"
        shown[picture.name] = picture.data
        return f'<img src="{OURS}{picture.name}" alt="{found[2]}">'

    return SHOWN.sub(replaced, html)


def packed_in(text: str, pictures: Mapping[str, bytes]) -> str:
    """A `<text>` of Moodle XML, escaped already, with the files behind it that its pictures need."""
    names = [name for name in dict.fromkeys(MENTIONED.findall(text)) if name in pictures]
    files = "".join(
        f'<file name="{name}" path="/" encoding="base64">{b64encode(pictures[name]).decode()}</file>' for name in names
    )
    going = MENTIONED.sub(r'src="@@PLUGINFILE@@/\1"', text)
    return f"<text>{going}</text>{files}"
