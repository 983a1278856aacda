"""A full disk, and a database that somebody else holds: forms say that nothing was saved, reading pages go on."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import pytest

from app.records import attempts
from app.records.engine import open_session
from tests import learners, wire
from tests.learners import Learner
from tests.serving import Server

COURSE = "social-protection"
READING = ("/", f"/courses/{COURSE}/", f"/courses/{COURSE}/why/three-lives", "/glossary", "/healthz")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.geteuid() == 0 and shutil.which("mount")
    if not mounted or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", folder]).returncode:
        pytest.skip("a small file system cannot be mounted here: run as root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def ask(server: Server, path: str, who: Learner | None = None, fields: dict[str, str] | None = None) -> wire.Reply:
    host, cookies = f"127.0.0.1:{server.port}", {"Cookie": who.cookie} if who else {}
    if fields is None:
        return wire.ask(server.port, wire.request("GET", path, host, cookies))
    body = urlencode(fields | ({"csrf_token": who.csrf} if who else {})).encode()
    return wire.ask(server.port, wire.request("POST", path, host, cookies, body))


def begun(server: Server) -> tuple[Learner, str]:
    """A learner with an open attempt and one answer saved; the address of her second question."""
    who = learners.enter(server.engine, server.secret, "troubled")
    with open_session(server.engine, write=True) as session:
        attempt = learners.begin(session, server.library, who.id, "why")
        learners.save(session, attempt, {1: "A"})
        session.commit()
    return who, f"/attempts/{attempt.id}/2"


def saved(server: Server, who: Learner, address: str) -> set[int]:
    with open_session(server.engine, write=False) as session:
        return set(attempts.answers(session, attempts.find(session, UUID(address.split("/")[2]), who.id)))


def reading_goes_on(server: Server, who: Learner) -> list[int]:
    return [ask(server, path, one).status for path in READING for one in (None, who)]


def fill(path: Path) -> None:
    """Write until nothing more fits."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)


def test_on_a_full_disk_pages_are_read_and_forms_say_what_was_not_saved(small_disk: Path) -> None:
    with Server(small_disk / "instance") as server:
        who, question = begun(server)
        filler = small_disk / "filler"
        fill(filler)
        refused = ask(server, question, who, {"issued": str(2**50), "to_review": "1"})
        while_full = reading_goes_on(server, who)
        filler.unlink()
        after = ask(server, question, who, {"issued": str(2**50), "to_review": "1"})
        print(f"\nfull disk: form {refused.status}, pages {while_full}, after making room {after.status}")
        assert set(while_full) == {200}
        assert refused.status == 503
        assert b"not saved" in refused.text
        assert after.status == 303
        assert saved(server, who, question) == {1, 2}


def test_while_another_program_holds_the_database_pages_are_read(tmp_path: Path) -> None:
    with Server(tmp_path / "instance") as server:
        who, question = begun(server)
        holder = sqlite3.connect(tmp_path / "instance" / "lontar.sqlite", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        refused = ask(server, question, who, {"issued": str(2**50)})
        while_held = reading_goes_on(server, who)
        holder.execute("ROLLBACK")
        holder.close()
        after = ask(server, question, who, {"issued": str(2**50)})
        print(f"\nlocked database: form {refused.status}, pages {while_held}, afterwards {after.status}")
        assert (refused.status, set(while_held), after.status) == (503, {200}, 303)
        assert saved(server, who, question) == {1, 2}
