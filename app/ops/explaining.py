"""What the authors' guide says of a code of the check, with a bad and a good example; read from docs/."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from app.ops.checking import Stopped

DOCS = Path(__file__).parents[2] / "docs"
ROW = re.compile(r"^\| ((?:`[a-z-]+`(?:, )?)+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ENTRY = re.compile(r"^### `([a-z-]+)`\n(.*?)(?=^### `|\Z)", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^(`{3,})text (bad|good)\n(.*?)\n\1$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^In `(.+)`:$", re.MULTILINE)


@dataclass(frozen=True)
class Explained:
    """A code: what it means, what to do, and the examples; `file` is where they stand, "" for no single file."""

    code: str
    meaning: str
    advice: str
    file: str
    bad: str
    good: str


def explained(docs: Path = DOCS) -> dict[str, Explained]:
    """Every code that both pages know. Raises Stopped where the guide was not installed with the program."""
    try:
        guide, examples = ((docs / name).read_text(encoding="utf-8") for name in ("authoring.md", "codes.md"))
    except FileNotFoundError as error:
        raise Stopped(f"the guide is not installed here: there is no {error.filename}") from error
    said = guide.partition("\n## What the check says\n")[2]
    told = {code: (row[2], row[3]) for row in ROW.finditer(said) for code in re.findall(r"`([a-z-]+)`", row[1])}
    found = {}
    for code, text in ENTRY.findall(examples):
        shown = {kind: example for _, kind, example in EXAMPLE.findall(text)}
        file = FILE.search(text)
        if code in told:
            found[code] = Explained(code, *told[code], file[1] if file else "", shown["bad"], shown["good"])
    return found


def explain(code: str) -> Explained:
    """One code. Raises Stopped for one that there is not."""
    every = explained()
    if code in every:
        return every[code]
    near = get_close_matches(code, every, 3, 0.65)
    raise Stopped(f"there is no code {code}; {'did you mean: ' if near else 'there are: '}{', '.join(near or every)}")


def in_text(one: Explained) -> str:
    """The entry for a terminal."""
    where = f" (in {one.file})" if one.file else ""
    return (
        f"{one.code}: {_plain(one.meaning)}\nWhat to do: {_plain(one.advice)}\n\n"
        f"Bad{where}:\n\n{_indented(one.bad)}\n\nGood:\n\n{_indented(one.good)}\n"
    )


def _plain(cell: str) -> str:
    return cell.replace("`", "")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))
