"""Starting and reloading the server: the course is checked and compiled first, then handed to the workers as a file."""

import hashlib
import os
import secrets
import signal
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from app.core.compiled import program, write_library
from app.core.content import FOLDERS, Library, Problem
from app.ops.checking import CURRENT as CURRENT
from app.ops.checking import POINTER as POINTER
from app.ops.checking import RELEASES as RELEASES
from app.ops.checking import Stopped as Stopped
from app.ops.checking import actual as actual
from app.ops.checking import check as check
from app.ops.checking import compiled as compiled
from app.ops.checking import content_of as content_of
from app.ops.checking import folder_of as folder_of
from app.ops.checking import root as root
from app.ops.checking import with_content as with_content
from app.records import country_groups, hot, people, roles, step_facts, steps
from app.records.engine import OtherRelease, create_engine, migrate, open_session
from app.records.passwords import hash_password
from config import Config, SettingError, is_weak

PID = "lontar.pid"
CHECKED = "library.checked"
LAST_REQUESTS = 30  # seconds that a worker has to answer what it was asked before it is told to stop for good
ENOUGH = 2_000_000  # bytes of a file; the check refuses larger ones


def prepare(config: Config) -> tuple[Library, list[Problem]]:
    """Check and compile the course and point the workers at it. Raises Stopped, leaving what was there before.

    Files that this program has checked and compiled before are not checked again.
    """
    config = actual(config)
    mark = fingerprint(config.content)
    if known := compiled_before(config, mark):
        return known, []
    library, problems = check(config)
    if library is None:
        errors = sum(problem.severity == "error" for problem in problems)
        raise Stopped(f"the course has {errors} error(s), so nothing was started or changed; see `lontar check`")
    point(config, library, mark)
    return library, problems


def point(config: Config, library: Library, mark: str) -> None:
    """Write the compiled library and point the workers at it; `mark` is the fingerprint of the files it was made of."""
    config.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = write_library(library, config.instance)
    pointer = config.instance / POINTER
    old = pointer.read_text().strip() if pointer.exists() else ""
    if old != path.name:
        replace_text(pointer, path.name)
    for stale in config.instance.glob(f"{'?' * 32}.json"):
        if stale.name not in (path.name, old):
            stale.unlink()
    (config.instance / CHECKED).write_text(f"{mark}\n")


def replace_text(file: Path, text: str) -> None:
    """Put one line into a file that others read: they find the old one or the new one."""
    waiting = file.with_name(f".{file.name}.{os.getpid()}")
    with waiting.open("w") as opened:
        opened.write(text + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    waiting.replace(file)


def fingerprint(content: Path) -> str:
    """A hash of the course's files and of the program that reads them; "" where one can't be read: it fits nothing."""
    seal = hashlib.sha256(program().encode())
    roots = [content / name for name in FOLDERS]
    try:
        for path in sorted(path for root in roots for path in root.rglob("*") if path.is_file()):
            with path.open("rb") as file:
                seal.update(f"{path}\0{path.is_symlink()}\0{path.stat().st_size}\0".encode() + file.read(ENOUGH))
    except OSError:
        return ""
    return seal.hexdigest()


def compiled_before(config: Config, mark: str) -> Library | None:
    """The library that the workers are pointed at, where it was made from these very files."""
    try:
        if not mark or (config.instance / CHECKED).read_text().strip() != mark:
            return None
    except OSError:
        return None
    return compiled(config)


def checked_course(config: Config) -> Library:
    """What the site serves, checked now or when it was compiled: the release in force, or the content root.

    Raises Stopped where it has errors.
    """
    config = actual(config)
    library = compiled_before(config, fingerprint(config.content)) or check(config)[0]
    if library is None:
        raise Stopped("the course files have errors; see `lontar check`")
    return library


def served(config: Config) -> Library | None:
    """The library that learners get: what was compiled last or, behind another server, what the files say."""
    return compiled(config) or check(actual(config))[0]


def make_secret(config: Config) -> None:
    """At the first start: a secret of this site's own, readable by its user alone."""
    file = config.instance / "secret"
    if config.secret or file.exists():
        return
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(secrets.token_hex(32) + "\n")


def secret_of(config: Config) -> bytes:
    """The site's secret: from the settings, or the file that `lontar serve` made at the first start."""
    if config.secret:
        return config.secret.encode()
    file = config.instance / "secret"
    if not file.exists():
        raise SettingError(f"there is no secret: set LONTAR_SECRET, or let `lontar serve` make {file}")
    secret = file.read_bytes().strip()
    if is_weak(secret.decode(errors="replace")):
        raise SettingError(f"{file} holds no good secret; delete it, and `lontar serve` makes another")
    return secret


def open_database(config: Config) -> Engine:
    """The database, its tables up to date. Raises Stopped for tables that a newer release has made."""
    engine = create_engine(config.database)
    try:
        migrate(engine)
    except OtherRelease as error:
        hot.close(engine)
        raise Stopped(
            "the tables are of another release of Lontar: install that one again, or restore a backup made before it"
        ) from error
    return engine


def group_countries(engine: Engine, library: Library) -> None:
    """Let answers be counted by the subregions of `course/countries.yml`, and gains between the entry check and the
    final of each course; where these changed, all are counted anew."""
    groups = {code: country.subregion for code, country in library.countries.items() if country.subregion}
    roles = {one.id: step_facts.Role(one.entry or "", one.final or "") for one in library.courses.values()}
    with open_session(engine, write=False) as session:
        if country_groups.of(session) == groups and step_facts.roles(session) == roles:
            return
    with open_session(engine, write=True) as session:
        country_groups.put(session, groups)
        steps.put_roles(session, roles)
        session.commit()


def make_first_administrator(engine: Engine) -> str | None:
    """Where there is no administrator yet: make one; returns the password, which is kept nowhere."""
    with open_session(engine, write=True) as session:
        if roles.has_administrator(session):
            return None
        password = "-".join(secrets.token_hex(2) for _ in range(5))
        people.register(
            session,
            login="administrator",
            password_hash=hash_password(password),
            name="Administrator",
            now=datetime.now(UTC),
            role="administrator",
        )
        session.commit()
        return password


def free_port(config: Config, other: str = "PORT=8001 make run") -> None:
    """Raises Stopped where another program listens already; `other` is how to choose another port."""
    family = socket.AF_INET6 if ":" in config.bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.bind, config.port))
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            raise Stopped(f"port {config.port} cannot be used ({reason}); choose another: {other}") from error


def serve(config: Config, ready: Callable[[], None]) -> None:
    """Run the server until it is stopped; `lontar reload` and SIGHUP renew its workers. `ready` is called when it can
    be asked for the first page."""
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from app.ops.workers import Server

    server = Server(
        "app:worker",
        instance=config.instance,
        ready=ready,
        factory=True,
        interface=Interfaces.WSGI,
        address=config.bind,
        port=config.port,
        workers=config.workers,
        blocking_threads=config.threads,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=LAST_REQUESTS,
        pid_file=config.instance / PID,
    )
    server.serve()


def reload(config: Config) -> Library:
    """Check and compile again, then renew the running server's workers. Raises Stopped and changes nothing else."""
    pid = running(config)
    if pid is None:
        raise Stopped("no server runs for this instance folder; start one with: lontar serve")
    library, _problems = prepare(config)
    engine = open_database(config)
    group_countries(engine, library)
    hot.close(engine)
    tell(pid)
    return library


def tell(pid: int) -> None:
    """Let the server renew its workers, one after the other, each when it has answered what it was asked."""
    os.kill(pid, signal.SIGHUP)


def running(config: Config) -> int | None:
    """The process id of the server of this instance folder, if it runs.

    After a power cut the file names a process that is no more, or by now is another program.
    """
    try:
        pid = int((config.instance / PID).read_text())
        os.kill(pid, 0)
    except PermissionError:  # it is another user's, and runs
        return pid
    except (OSError, ValueError):
        return None
    try:
        called = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # a system without /proc
        return pid
    return pid if b"lontar" in called or not called else None  # it has no name while it begins and when it has ended
