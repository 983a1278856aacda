"""The child process that converts a question bank for the author page, so that no file can hang or eat the server.

It reads one `Order` in msgpack from its standard input and writes one `Answer`; past its limits it dies.
"""

import os
import re
import resource
import sys
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import msgspec

from app.core.exchange import READERS, guess
from app.core.exchange.bank import Known, Remark, make
from app.core.exchange.decoding import decode
from app.core.exchange.model import Found, LeftOut
from app.core.exchange.model import Refused as Unusable
from app.core.exchange.word import read
from app.core.worker import Worker

WORD = ".docx"
QUESTIONS = 2000  # of one file; a larger bank is for `lontar import`
SECONDS, PATIENCE = 15, 25  # of processor time; of any
MEGABYTES = 768
FORMAT = re.compile(r" (?:Say which with|Choose) --format[^.]*\.")  # what only the command line can be told
TOO_MUCH = (
    "reading this file takes too much time or memory. Export a part of the questions at a time, or let an operator "
    "take it in with `lontar import`."
)


class Order(msgspec.Struct):
    name: str
    data: bytes
    language: str
    known: Known
    title: str


class Answer(msgspec.Struct):
    """Texts of course files with the pictures of each, and what is said; or why the file is `refused`: for being too
    `much`, or otherwise."""

    files: list[str] = []
    pictures: list[dict[str, bytes]] = []
    notes: list[tuple[int, str]] = []
    remarks: list[Remark] = []
    refused: str = ""
    much: bool = False


class TooMany(Exception):
    pass


def convert(order: Order) -> Answer:
    """A bank as quiz files, or a Word document as a module, in this process and without limits of time."""
    try:
        if order.name.lower().endswith(WORD):
            return document(order)
        text, notes = decode(order.data)
        format = guess(order.name, text)
        with Worker() as worker:
            found = few(READERS[format](text, order.language))
            bank = make(found, order.title, order.language, order.known, worker)
    except Unusable as refused:
        return Answer(refused=FORMAT.sub(" Export it again as GIFT, Moodle XML or Aiken.", str(refused)))
    except TooMany:
        return Answer(
            refused=f"it has more than {QUESTIONS} questions. Export a part of them at a time, or let an operator take "
            "it in with `lontar import`.",
            much=True,
        )
    return Answer(files=bank.files, pictures=bank.pictures, notes=notes, remarks=bank.remarks)


def document(order: Order) -> Answer:
    """A Word document as a module. Raises Unusable."""
    found = read(order.data, PurePosixPath(order.name).stem, None, order.known)
    return Answer(files=[found.text], pictures=[found.pictures], notes=[(0, one) for one in found.lost])


def few(found: Iterable[Found]) -> Iterator[Found]:
    for number, one in enumerate(found, 1):
        if number > QUESTIONS and not (isinstance(one, LeftOut) and not one.question):
            raise TooMany
        yield one


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # whatever is printed by mistake must not stand in the answer
        order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
        answers.write(msgspec.msgpack.encode(convert(order)))


if __name__ == "__main__":
    main()
