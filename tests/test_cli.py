"""The command line: each command's help, what it prints, and its refusals, one line each."""

import csv
import json
import os
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
import psutil
import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.ops.serving import PID, POINTER, running
from app.records import outages
from config import Config
from tests.ops.post import PostOffice
from tests.serving import LONTAR, Server, free_port

TINY = Path(__file__).parent / "courses" / "tiny"


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site's folder; the environment describes the site."""
    for name in [name for name in os.environ if name.startswith("LONTAR_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    folder = tmp_path / "instance"
    monkeypatch.setenv("LONTAR_INSTANCE", str(folder))
    monkeypatch.setenv("LONTAR_CONTENT", str(TINY))
    monkeypatch.setenv("LONTAR_PORT", str(free_port()))
    return folder


def lontar(*arguments: str, typed: str = "", environment: Mapping[str, str] | None = None) -> Result:
    """Run a command; an error that it did not foresee fails the test."""
    result = CliRunner().invoke(main, list(arguments), input=typed, env=environment)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def test_the_commands() -> None:
    assert sorted(" ".join(path) for path, _ in commands()) == [
        *("backup", "certificate import", "certificate issue", "certificate preview"),
        *("check", "demo", "doctor", "export attempts", "export completions", "export enrolments", "export items"),
        *("export learners", "export quiz", "export statistics", "import people", "import questions"),
        *("items", "keys confirm", "keys list", "keys protect", "keys recover", "keys rotate"),
        *("mail", "new course", "new module", "new quiz", "new translation", "preview", "publish"),
        *("regrade", "reload", "restore", "serve", "statistics freeze", "statistics show"),
        *("user add", "user code", "user passwd", "user role", "user totp", "verify", "version"),
    ]


@pytest.mark.parametrize("path", [path for path, _ in commands()], ids=" ".join)
def test_help_ends_in_an_example(path: tuple[str, ...]) -> None:
    result = lontar(*path, "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.search(rf"\n  Example: .*\blontar {' '.join(path)}\b", result.stdout) or path == ("serve",)
    assert lontar(*path, "-h").stdout == result.stdout


@pytest.mark.parametrize(("path", "command"), list(commands()), ids=str)
def test_every_option_says_what_it_is_for(path: tuple[str, ...], command: click.Command) -> None:
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not (one.help or isinstance(one.type, click.Choice))] == []
    assert command.help


def refusal(result: Result) -> str:
    """The one line that says why."""
    assert (result.exit_code, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("lontar: ")
    return line.removeprefix("lontar: ")


@pytest.mark.parametrize(
    "path", [path for path, _ in commands() if path not in [("doctor",), ("restore",), ("verify",)]], ids=" ".join
)
def test_a_wrong_setting_is_one_line(path: tuple[str, ...], instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONTAR_WORKERS", "many")
    needed = {"add": ["ana", "--name", "Ana"], "code": ["ana"], "passwd": ["ana"], "role": ["ana", "author"]}
    needed["totp"] = ["ana"]
    needed["confirm"] = [str(TINY / "course" / "tiny.yml")]
    needed |= {"quiz": ["one"], "questions": [__file__, "--into", "quizzes/new.md"], "import": [__file__]}
    needed["publish"] = ["--list"]
    needed["people"] = [__file__, "--cohort", "Nowhere"]
    needed |= {"course": ["pensions", "--title", "Pensions"], "module": ["one", "--title", "One"]}
    needed |= {"translation": ["modules/one.md", "fr"]}
    needed |= {"regrade": ["one", "--dry-run"], "show": ["report", "2026-10"]}
    needed |= {"items": ["one"]} if path == ("items",) else {"items": []}  # of a quiz, and of all in an export
    result = lontar(*path, *needed.get(path[-1], []), typed="palm leaves keep words\n" * 2)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "lontar: LONTAR_WORKERS is 'many'; write a whole number"
    assert not instance.exists()


# Accounts


def test_accounts(instance: Path) -> None:
    made = lontar("user", "add", "litia", "--name", "Litia Vakatawale", "--role", "administrator")
    assert re.fullmatch(
        r"Account litia made \(administrator\)\. Password, printed once: \w{4}(-\w{4}){4}\n", made.stdout
    )
    assert refusal(lontar("user", "add", "LITIA", "--name", "Other")) == "the sign-in name LITIA is taken"
    assert refusal(lontar("user", "role", "litia", "learner")) == (
        "litia is the last administrator; give this role to another person first"
    )
    lontar("user", "add", "sina", "--name", "Sina")
    assert lontar("user", "role", "sina", "author").stdout == "sina is now: author. The person signs in again.\n"
    assert re.fullmatch(
        r"One-time code for sina, printed once: \w{4}(-\w{4}){3}\n", lontar("user", "code", "sina").stdout
    )
    assert refusal(lontar("user", "code", "nobody")) == "nobody has the sign-in name nobody"


def test_a_new_password(instance: Path) -> None:
    lontar("user", "add", "sina", "--name", "Sina")
    done = lontar("user", "passwd", "sina", typed="palm leaves keep words\n" * 2)
    assert done.stdout.splitlines()[-1] == "The password of sina is changed and all its sessions have ended."
    weak = lontar("user", "passwd", "sina", typed="password1234\n" * 2)
    assert (weak.exit_code, weak.stderr.splitlines()[-1]) == (
        1,
        "lontar: the password is too easy to guess; use 12 characters or more that do not belong together",
    )


# Course


def test_check(instance: Path, tmp_path: Path) -> None:
    assert lontar("check").exit_code == 0
    rows = json.loads(lontar("check", "--format", "json").stdout)
    assert all(set(row) == {"path", "line", "severity", "code", "message", "range"} for row in rows)
    (tmp_path / "empty").mkdir()
    broken = lontar("check", "--content", str(tmp_path / "empty"))
    assert (broken.exit_code, broken.stdout.splitlines()[1]) == (
        1,
        "course:0: error[folder]: There is no folder course/. Make one (a link to one will not do).",
    )
    assert (
        refusal(lontar("check", "--content", "/nowhere")) == "there is no content folder /nowhere; set LONTAR_CONTENT"
    )


def test_version(instance: Path) -> None:
    assert lontar("version").stdout == "lontar 0.1.0, compiled course none\n"


def test_an_export_says_how_many_rows(instance: Path, tmp_path: Path) -> None:
    lontar("demo", "--learners", "3")
    target = tmp_path / "completions.csv"
    done = lontar("export", "completions", "--output", str(target))
    assert (done.exit_code, done.stdout) == (0, "")
    rows = int(re.findall(r"(\d+) row\(s\) written to", done.stderr)[0])
    about = json.loads(target.with_suffix(".about.json").read_text())
    assert about["rows"] == rows == len(target.read_text("utf-8-sig").splitlines()) - 1
    assert lontar("export", "completions").stdout_bytes == target.read_bytes()
    assert (
        "there is no course moon; choose one with --course: tiny"
        in lontar("export", "completions", "--course", "moon").stderr
    )
    nobodys = lontar("export", "completions", "--filter", f"organisation={'ab' * 16}")
    assert (nobodys.exit_code, nobodys.stderr) == (1, "lontar: filter organisation: there is no such value\n")
    people = csv.DictReader(target.read_text("utf-8-sig").splitlines())
    office = next(row["organisation_id"] for row in people if row["organisation_id"] and row["country"])
    apart = lontar(
        "export", "enrolments", "--filter", f"organisation={office.replace('-', '')}", "--filter", "country=-"
    )
    assert apart.stderr == "lontar: filter organisation: together with the others it leaves nothing\n"
    nothing = lontar("export", "completions", "--filter", "status=started", "--filter", "period=2026")
    assert (nothing.exit_code, nothing.stderr) == (
        1,
        "lontar: filter status: together with the others it leaves nothing\n",
    )


# Demonstration, backup, restore


def test_demonstration_backup_and_restore(instance: Path) -> None:
    made = lontar("demo", "--learners", "4", "--seed", "palm")
    assert re.fullmatch(
        r"4 people made: \d enrolled, \d+ attempts, \d+ certificates\.\n"
        r"Sign in as demo-0000001 with the password, printed once: \w{4}(-\w{4}){4}\n",
        made.stdout,
    )
    written = lontar("backup", "--keep", "1")
    (path,) = (instance / "backups").glob("*.sqlite")
    assert re.fullmatch(rf"{path}: \d\.\d MB, \d+ rows, read back and right\n", written.stdout)
    assert written.stderr == ""
    checked = lontar("restore", "--check", str(path))
    assert checked.stdout.splitlines()[0].startswith("It holds accounts: 4, attempts: ")
    assert checked.stdout.splitlines()[1:] == [
        "Integrity, guards, counts and audit log are right.",
        "Nothing was changed.",
    ]
    lontar("demo", "--learners", "1")
    restored = lontar("restore", str(path)).stdout.splitlines()
    assert restored[2] == "The backup is in place. Everybody signs in anew."
    (aside,) = instance.glob("lontar.sqlite.before-restore-*")
    assert restored[3] == f"The records before are kept as {aside}; delete them when you no longer need them."
    assert restored[4].startswith("They hold more than the backup — accounts: 1")
    with sqlite3.connect(instance / "lontar.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM person").fetchone() == (4,)
    connection.close()


def test_a_backup_elsewhere(instance: Path, tmp_path: Path) -> None:
    lontar("backup", "--to", str(tmp_path / "usb"))
    assert sorted(path.suffix for path in (tmp_path / "usb").iterdir()) == [".sqlite", ".txt"]
    assert [path.name for path in (instance / "backups").iterdir()] == ["erased.txt"]


def test_what_is_refused(instance: Path, tmp_path: Path) -> None:
    lontar("user", "add", "ana", "--name", "Ana")
    assert refusal(lontar("demo")) == (
        "this database has real learners, so no demonstration people are added; use another instance"
    )
    readme = tmp_path / "readme"
    readme.write_text("hello")
    assert refusal(lontar("restore", str(readme))) == f"{readme} is no backup of records in SQLite"
    (tmp_path / "wall").write_text("a file")
    assert refusal(lontar("backup", "--to", str(tmp_path / "wall" / "in"))) == f"{tmp_path}/wall/in: not a directory"
    lontar("backup")
    (path,) = (instance / "backups").glob("*.sqlite")
    with subprocess.Popen(["lontar", "60"], executable="/bin/sleep") as server:
        (instance / PID).write_text(str(server.pid))
        assert refusal(lontar("restore", str(path))) == (
            f"the server of this site runs (process {server.pid}); stop it first"
        )
        server.kill()


@pytest.mark.parametrize("left", ["", "?", str(2**22 - 1), "1"])
def test_a_file_that_a_power_cut_left_behind_is_no_server(instance: Path, left: str) -> None:
    """Nobody, nothing that was ever written, a process that is no more, and another program that has its number now."""
    instance.mkdir(exist_ok=True)
    (instance / PID).write_text(left)
    assert running(Config(instance=instance)) is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            "restore nothing.sqlite",
            "Invalid value for 'FILE': File 'nothing.sqlite' does not exist; see lontar restore --help",
        ),
        (
            "user role ana king",
            "'king' is not one of 'learner', 'author', 'administrator'; see lontar user role --help",
        ),
        ("user role ana", "Choose from: learner, author, administrator; see lontar user role --help"),
        ("backup --zzz 3", "No such option '--zzz'; see lontar backup --help"),
        ("nothing", "No such command 'nothing'; see lontar --help"),
        ("--all", "No such option '--all'; see lontar --help"),
    ],
)
def test_wrong_usage_is_one_line(arguments: str, said: str) -> None:
    result = CliRunner().invoke(main, arguments.split(), prog_name="lontar")
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("lontar: ")
    assert line.endswith(said)


def test_a_locked_database_is_one_line(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages, "PATIENCE", 1)
    lontar("user", "add", "ana", "--name", "Ana")
    with sqlite3.connect(instance / "lontar.sqlite", isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert refusal(lontar("user", "add", "sina", "--name", "Sina")) == ("the database is locked by another program")
    holder.close()


def test_tables_of_another_release_are_left_alone(instance: Path) -> None:
    lontar("user", "add", "ana", "--name", "Ana")
    with sqlite3.connect(instance / "lontar.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert refusal(lontar("mail")) == (
        "the tables are of another release of Lontar: install that one again, or restore a backup made before it"
    )


# Health and mail


def test_doctor(instance: Path) -> None:
    ill = lontar("doctor")
    assert ill.exit_code == 1
    assert "error    database" in ill.stdout
    assert not instance.exists()
    lontar("user", "add", "ana", "--name", "Ana", "--role", "administrator")
    lontar("backup")
    well = lontar("doctor", "--format", "json")
    assert well.exit_code == 0
    rows = json.loads(well.stdout)
    assert {row["state"] for row in rows} == {"ok", "warning"}
    assert set(rows[0]) == {"check", "state", "said", "advice"}


def test_mail(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lontar("mail").stdout == "No mail is sent, since LONTAR_MAIL_HOST is empty.\n"
    with sqlite3.connect(instance / "lontar.sqlite") as connection:
        connection.execute(
            "INSERT INTO outbox VALUES (?, NULL, 'ana@example.org', 'Hello', 'Ana', ?, ?, NULL, 0, NULL)",
            ("0" * 32, "2026-11-21 12:00:00.000000", "2026-11-21 12:00:00.000000"),
        )
    connection.close()
    with PostOffice() as post:
        given = {"HOST": "127.0.0.1", "PORT": "9", "SECURITY": "none", "FROM": "lontar@example.org"}
        for name, value in given.items():
            monkeypatch.setenv(f"LONTAR_MAIL_{name}", value)
        failed = lontar("mail")
        assert (failed.exit_code, failed.stdout) == (1, "0 mail(s) sent, 1 waiting\n")
        assert failed.stderr.splitlines()[-1] == (
            "lontar: 1 mail(s) were not sent (ConnectionRefusedError); they are tried again later"
        )
        monkeypatch.setenv("LONTAR_MAIL_PORT", str(post.port))
        assert lontar("mail").stdout == "0 mail(s) sent, 1 waiting\n"  # its pause is not over
        assert post.mails == []


# A running server


def test_a_server_is_reloaded_backed_up_and_not_restored_over(tmp_path: Path) -> None:
    """Nor by what a killed server leaves: no process id, but workers that have the records open."""
    with Server(tmp_path / "instance", {"content": str(TINY), "workers": "1"}) as server:

        def run(*arguments: str) -> Result:
            return lontar(*arguments, environment=server.environment)

        def status() -> int:
            return server.get("/verify/LON-0000-0000-0000")

        assert status() == 404  # its workers have the database open now
        (old,) = server.workers()
        assert re.fullmatch(r"Release \w{32} is being served\.\n", run("reload").stdout)
        new = next_worker(server, old)
        new.suspend()  # on a busy machine it takes long to get ready
        time.sleep(4)
        assert (status(), old.is_running()) == (404, True)
        new.resume()
        old.wait(20)
        assert (status(), server.workers()) == (404, [new])
        assert run("backup").exit_code == 0
        (path,) = server.config.backups.glob("*.sqlite")
        assert server.process
        assert refusal(run("restore", str(path))) == (
            f"the server of this site runs (process {server.process.pid}); stop it first"
        )
        assert run("restore", "--check", str(path)).exit_code == 0
        port = subprocess.run([LONTAR, "serve"], env=server.environment, capture_output=True, text=True)
        assert (port.returncode, port.stderr.count("\n")) == (1, 1)
        assert f"port {server.port} cannot be used (address already in use)" in port.stderr
        told = f"port {server.port} cannot be used (address already in use); choose another: --port 8100"
        assert refusal(run("preview", "--port", str(server.port))) == told
        assert status() == 404
        workers = server.workers()
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(10)
        refused = run("restore", str(path))
        for worker in workers:
            worker.kill()
            worker.wait(10)
        assert refusal(refused) == (
            f"another program has {server.folder / 'lontar.sqlite'} open; stop the server first"
        )


def next_worker(server: Server, old: psutil.Process) -> psutil.Process:
    while not (new := [one for one in server.workers() if one != old]):
        time.sleep(0.01)
    return new[0]


def test_a_server_stops_also_while_its_workers_get_ready(tmp_path: Path) -> None:
    server = Server(tmp_path / "site", {"content": str(TINY)})
    process = subprocess.Popen([LONTAR, "serve"], env=server.environment, stdout=subprocess.PIPE, text=True)
    while not (server.folder / PID).exists() or not all(map(at_work, psutil.Process(process.pid).children() or [None])):
        assert process.poll() is None
        time.sleep(0.005)
    workers = psutil.Process(process.pid).children()
    for worker in workers:
        worker.suspend()  # a quick machine is done while this one looks
    process.terminate()
    for worker in workers:
        worker.resume()
    said, _ = process.communicate(timeout=10)
    assert (process.returncode, "is ready" in said) == (0, False)


def test_who_reads_that_the_server_is_ready_finds_it_ready(tmp_path: Path) -> None:
    server = Server(tmp_path / "site", {"content": str(TINY), "workers": "1"})
    process = subprocess.Popen([LONTAR, "serve"], env=server.environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        said = next(line for line in process.stdout if not line.startswith(("Administrator", "This password")))
        assert (said, server.get("/")) == (f"Lontar is ready at {server.base} (stop it with Ctrl+C)\n", 200)
    finally:
        process.terminate()
        rest, _ = process.communicate(timeout=20)
    assert (process.returncode, rest) == (0, "")


def at_work(worker: psutil.Process | None) -> bool:
    """Whether a process of the server is in the middle of getting ready, which takes a third of a second or longer."""
    return worker is not None and worker.cpu_times().user > 0.05


def test_a_reload_needs_a_server(instance: Path) -> None:
    assert refusal(lontar("reload")) == "no server runs for this instance folder; start one with: lontar serve"
    assert not (instance / POINTER).exists()


# Keys


def test_the_key_is_sealed_confirmed_rotated_and_recovered(instance: Path) -> None:
    from app.ops import keys
    from app.ops.serving import open_database
    from app.records import hot

    typed = "palm leaves keep words\n"
    assert "there is no key file" in refusal(lontar("keys", "protect", typed=typed * 2))
    config = Config.from_environment()
    engine = open_database(config)
    keys.ensure(engine, config, datetime.now(UTC))
    hot.close(engine)
    public = keys.load(config).public
    assert lontar("keys", "list").stdout.split()[0] == public
    assert "too easy" in lontar("keys", "protect", typed="password\n" * 2).stderr
    assert "The key that signs certificates is not in this backup" in lontar("backup").stderr
    assert f"{public} is sealed" in lontar("keys", "protect", typed=typed * 2).stdout
    time.sleep(1.1)  # backups are named by the second
    assert lontar("backup").stderr == ""
    file = max(config.backups.glob("lontar-*.sqlite"))
    assert lontar("keys", "confirm", str(file), typed="wrong words\n").stderr.endswith(
        "lontar: this passphrase does not open the sealed key\n"
    )
    assert (
        f"{file.name} holds {public}, and this passphrase opens it."
        in lontar("keys", "confirm", str(file), typed=typed).stdout
    )
    (config.instance / "issuer.key").unlink()
    assert f"{public} signs again" in lontar("keys", "recover", typed=typed).stdout
    assert public not in lontar("keys", "rotate").stdout
    assert [line.split()[0] == public for line in lontar("keys", "list").stdout.splitlines()] == [False, True]
