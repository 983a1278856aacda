"""The page of codes is true: each bad example makes the check say its code, the good one that stands there does not."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from app.core.content import Library
from app.core.load import load
from app.core.worker import Worker
from app.ops.explaining import Explained, explained
from tests.test_docs import EXAMPLE, GUIDE, codes

Served = tuple[Library, set[tuple[str, str]]]
TODAY = date(2026, 11, 22)
TOLD = explained()
# What no piece of a text can show; test_load.py and test_check.py make such files and folders.
IN_WORDS = {
    *("folder", "file-name", "symlink", "file-size", "encoding", "character", "render-limit", "engine"),
    *("course", "page-weight"),
}


def test_every_code_has_its_examples_and_no_other() -> None:
    assert set(TOLD) == codes()
    assert {code for code, one in TOLD.items() if not one.file} == IN_WORDS


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as running:
        yield running


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course of the guide."""
    root = tmp_path_factory.mktemp("guide")
    for _, _, name, text in EXAMPLE.findall(GUIDE):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def served(guide: Path, worker: Worker) -> Served:
    library, problems = load(guide, today=TODAY, worker=worker)
    assert library
    return library, {(one.path, one.code) for one in problems}


@pytest.mark.parametrize("one", [one for one in TOLD.values() if one.file], ids=lambda one: one.code)
def test_the_examples(one: Explained, guide: Path, served: Served, worker: Worker) -> None:
    library, said = served
    file = guide / one.file
    before = file.read_text(encoding="utf-8") if file.exists() else None
    try:
        if before is None:
            file.write_text(one.good + "\n", encoding="utf-8")
            said = spoken(guide, library, worker)
            file.write_text(one.bad + "\n", encoding="utf-8")
        else:
            assert before.count(one.good) == 1
            file.write_text(before.replace(one.good, one.bad), encoding="utf-8")
        assert one.code in {code for _, code in spoken(guide, library, worker) - said}
    finally:
        file.unlink() if before is None else file.write_text(before, encoding="utf-8")


def spoken(root: Path, before: Library, worker: Worker) -> set[tuple[str, str]]:
    return {(one.path, one.code) for one in load(root, today=TODAY, worker=worker, before=before)[1]}
