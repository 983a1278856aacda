"""The health report: a sound site, and each trouble by itself."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from app.core.load import load
from app.ops import backup, check_settings, doctor, files, freezing, keys, serving
from app.ops.findings import Finding, Site
from app.records import attempts, audit, clocks, hot, outbox
from app.records.engine import file_of, open_session
from config import ROOT, Config, SettingError
from tests.databases import Copy
from tests.ops.bars import Bars
from tests.ops.conftest import TINY
from tests.ops.post import PostOffice
from tests.ops.test_paper import make_key
from tests.records.samples import LIBRARY, QUIZ, complete, join
from tests.serving import SHIPPED, free_port

CHECKS = {**dict(doctor.CHECKS), "database": doctor.database, **dict(doctor.RECORDS)}
SOUND: dict[str, dict[str, str]] = {}  # what the report says of a sound site, by the kind of its database
NOW = datetime.now(UTC)
BEGAN = NOW - timedelta(days=40)


@dataclass
class Made:
    """Sound sites by the kind of their database, made once: what each test copies."""

    folder: Path
    undo: ExitStack
    databases: dict[str, str | Path] = field(default_factory=dict)

    def keep(self, kind: str, engine: Engine, config: Config, server: str) -> None:
        hot.close(engine)
        if kind == "sqlite":
            self.databases[kind] = shutil.copyfile(str(file_of(engine)), self.folder / "sound.sqlite")
        else:
            copy = self.undo.enter_context(Copy(server, str(engine.url.database)))
            self.databases[kind] = str(make_url(copy).database)
        shutil.copytree(config.instance, self.folder / kind)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with ExitStack() as undo:
        yield Made(tmp_path_factory.mktemp("sound"), undo)


@pytest.fixture
def template(backend: str, made: Made, request: pytest.FixtureRequest) -> str | Path:
    """The database of a sound site, once there is one."""
    return made.databases.get(backend) or request.getfixturevalue(f"{backend}_template")


@pytest.fixture
def environment(
    config: Config,
    engine: Engine,
    backend: str,
    made: Made,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., None]:
    """A sound site, described by environment variables; calling it changes some."""

    def change(**settings: str) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(f"LONTAR_{name.upper()}", value)

    for name in [name for name in os.environ if name.startswith("LONTAR_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    if backend in made.databases:
        shutil.copytree(made.folder / backend, config.instance, dirs_exist_ok=True)
    else:
        furnish(engine, config)
        server = request.getfixturevalue("postgresql_server") if backend == "postgresql" else ""
        made.keep(backend, engine, config, server)
    change(
        database_url=config.database_url,
        instance=str(config.instance),
        content=str(config.content),
        contact="training@example.org",
        issuer_name="Institute",
        issuer_signatory="Mere Talani",
        issuer_role="Director",
    )
    return change


def furnish(engine: Engine, config: Config) -> None:
    """Make a new site a sound one: people, frozen tables, secret, key, a backup that holds the key and was opened."""
    with open_session(engine, write=True) as session:
        join(session, "administrator", role="administrator")
        complete(session, join(session, "ana"), BEGAN)
        audit.record(session, None, "add", "x", "", BEGAN)
        session.commit()
    freezing.freeze_due(engine, config, LIBRARY, NOW)
    serving.make_secret(Config(instance=config.instance))
    keys.ensure(engine, config, BEGAN)
    public = keys.protect(engine, config, "palm leaves keep words", BEGAN).public
    backup.write(engine, config, config.backups, None, NOW - timedelta(hours=3), Bars())
    with open_session(engine, write=True) as session:
        audit.record(session, None, "key backup", public, "", NOW - timedelta(hours=2))
        session.commit()


def states() -> dict[str, str]:
    """The worst state of each check."""
    order = ("ok", "warning", "error")
    worst: dict[str, str] = {}
    for one in doctor.examine(NOW, Bars()):
        worst[one.check] = max(worst.get(one.check, "ok"), one.state, key=order.index)
    return worst


def found(check: str) -> list[tuple[str, str]]:
    """What one check finds, or what is said of the settings where they stand in its way."""
    try:
        site = Site(Config.from_environment(), NOW)
    except SettingError:
        return [(one.state, one.said) for one in doctor.examine(NOW, Bars()) if one.check == check]
    with closing(site):
        return [(one.state, one.said) for one in doctor.run(check, CHECKS[check], site) if one.check == check]


def test_a_sound_site(environment: Callable[..., None], backend: str) -> None:
    bars = Bars()
    report = doctor.examine(NOW, bars)
    assert [(one.check, one.said) for one in report if one.state == "error"] == []
    assert {one.check for one in report if one.state == "warning"} <= {"address", "course"}
    checks = [one.check for one in report]
    assert checks == [
        *("settings", "program", "address", "certificates", "certificate PDF", "contact", "secret", "files", "disk"),
        *("backup", "course", "mail", "database", *(["integrity"] if backend == "sqlite" else [])),
        *("release", "guards", "counts", "audit log", "frozen tables", "clock", "people", "names", "outbox"),
        *("time limits", "issuer key", "status lists", "second steps"),
    ]
    assert [(label, length == steps) for label, length, steps in bars.told] == [("Checking", True)]


def test_every_warning_and_error_says_what_to_do(environment: Callable[..., None]) -> None:
    environment(issuer_name="", contact="")
    report = [one for one in doctor.examine(NOW, Bars()) if one.state != "ok"]
    assert [one for one in report if not one.advice] == []


SETTINGS = [
    (
        {"timezone": "Mars/Olympus"},
        "settings",
        "error",
        "LONTAR_TIMEZONE is 'Mars/Olympus'; write it like Asia/Bangkok",
    ),
    ({"colour": "red"}, "settings", "error", "there is no setting LONTAR_COLOUR; the settings are listed in config.py"),
    ({"contact": ""}, "contact", "warning", "help and error pages name nobody who helps"),
    ({"issuer_name": ""}, "certificates", "warning", "no issuer is named: certificates say SAMPLE"),
    ({"issuer_role": ""}, "certificates", "warning", "issued by Institute, signed by nobody"),
    ({}, "address", "warning", "http://127.0.0.1:8000 is this machine: certificates say TRIAL"),
    (
        {"base_url": "http://lan.example.org", "insecure_lan": "1"},
        "address",
        "warning",
        "http://lan.example.org is not encrypted: passwords can be read on the way",
    ),
    (
        {"base_url": "https://learn.invalid", "trusted_proxies": "0"},
        "address",
        "warning",
        "the proxy's X-Forwarded headers are ignored, so all people seem to come from one place",
    ),
    ({"secret": "0123456789abcdef" * 2}, "secret", "ok", "set by LONTAR_SECRET"),
    ({"content": "/nowhere"}, "course", "error", "there is no content folder /nowhere; set LONTAR_CONTENT"),
    ({}, "mail", "ok", "none is sent; lost passwords need a recovery code or `lontar user code`"),
    ({"mail_host": "127.0.0.1", "mail_port": "9"}, "mail", "error", "LONTAR_MAIL_HOST is set, but no sender"),
    (
        {"mail_host": "127.0.0.1", "mail_port": "9", "mail_from": "a@example.org"},
        "mail",
        "error",
        "127.0.0.1:9 cannot be used (ConnectionRefusedError)",
    ),
]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("settings", "check", "state", "said"), SETTINGS)
def test_settings(
    environment: Callable[..., None], settings: dict[str, str], check: str, state: str, said: str
) -> None:
    environment(**settings)
    assert (state, said) in found(check)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_mail_server_that_answers(environment: Callable[..., None]) -> None:
    with PostOffice() as post:
        environment(mail_host="127.0.0.1", mail_port=str(post.port), mail_from="a@example.org", mail_security="none")
        assert found("mail") == [("ok", f"127.0.0.1:{post.port} takes mail")]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_an_address_that_does_not_answer(environment: Callable[..., None]) -> None:
    address = f"https://127.0.0.2:{free_port()}"  # this machine, but not by a name that the settings know as such
    environment(base_url=address, trusted_proxies="1")
    assert found("address") == [("warning", f"{address} was not reached from here (connection refused)")]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_shipped_final_on_a_site_that_certifies(
    environment: Callable[..., None], config: Config, tmp_path: Path
) -> None:
    load(ROOT, today=NOW.date(), kept=SHIPPED)
    shutil.copyfile(SHIPPED, config.instance / "shipped.kept")

    def of(**settings: str) -> list[tuple[str, str]]:
        environment(**settings)
        site = Site(Config.from_environment(), NOW)
        return [(one.state, one.said) for one in check_settings.final_bank(site)]

    copy = tmp_path / "content"
    for name in ("course", "modules", "quizzes"):
        shutil.copytree(ROOT / name, copy / name)
    assert of(content=str(ROOT)) == []  # a trial
    ((state, said),) = of(base_url="https://learn.invalid")
    assert (state, said.partition(" ")[2]) == (
        "warning",
        "question(s) of the final come with the program, so everybody can read their answers",
    )
    assert of(content=str(copy)) == [(state, said)]
    assert of(content=str(TINY)) == [("ok", "its questions are this site's own")]


def guard_off(engine: Engine, config: Config) -> None:
    on = " ON grade" if engine.dialect.name == "postgresql" else ""
    execute(engine, f"DROP TRIGGER grade_unchanged{on}")


def count_wrong(engine: Engine, config: Config) -> None:
    execute(engine, "UPDATE tally SET n = n + 1")


def standing_gone(engine: Engine, config: Config) -> None:
    execute(engine, "DELETE FROM standing")


def tables_of_another_release(engine: Engine, config: Config) -> None:
    execute(engine, "UPDATE alembic_version SET version_num = '0000'")


def act_of_tomorrow(engine: Engine, config: Config) -> None:
    with open_session(engine, write=True) as session:
        audit.record(session, None, "add", "x", "", NOW + timedelta(days=1))
        session.commit()


def nobody_in_charge(engine: Engine, config: Config) -> None:
    execute(engine, "UPDATE person SET role = 'learner'")


def mail_of_yesterday(engine: Engine, config: Config) -> None:
    with open_session(engine, write=True) as session:
        outbox.add(session, None, "ana@example.org", "Hello", "Ana", NOW - timedelta(days=1))
        session.commit()


def clock_without_server(engine: Engine, config: Config) -> None:
    with open_session(engine, write=True) as session:
        attempt = attempts.open_attempt(session, LIBRARY, join(session, "timed"), QUIZ, 1, "seed", BEGAN)
        clocks.start(session, attempt.id, BEGAN)
        session.commit()


def no_backup(engine: Engine, config: Config) -> None:
    for _, path in files.backups_in(config.backups):
        path.unlink()


def old_backup(days: int) -> Callable[[Engine, Config], None]:
    def make(engine: Engine, config: Config) -> None:
        ((_, path),) = files.backups_in(config.backups)
        path.rename(path.with_name(f"lontar-{files.stamp(NOW - timedelta(days=days))}{path.suffix}"))

    return make


def open_backup(engine: Engine, config: Config) -> None:
    ((_, path),) = files.backups_in(config.backups)
    path.chmod(0o644)


def open_secret(engine: Engine, config: Config) -> None:
    (config.instance / "secret").chmod(0o640)


def short_secret(engine: Engine, config: Config) -> None:
    (config.instance / "secret").write_text("palm\n")


def no_secret(engine: Engine, config: Config) -> None:
    (config.instance / "secret").unlink()


def other_release(engine: Engine, config: Config) -> None:
    (config.instance / serving.POINTER).write_text("0000.json\n")


def letters_without_font(engine: Engine, config: Config) -> None:
    with open_session(engine, write=True) as session:
        complete(session, join(session, "han", "Ana \U0003134a", name_latin=""), BEGAN)  # a rare Han character
        session.commit()


def execute(engine: Engine, sql: str) -> None:
    with open_session(engine, write=True) as session:
        session.execute(text(sql))
        session.commit()


OF_RECORDS = [
    (guard_off, "guards", "error"),
    (count_wrong, "counts", "error"),
    (standing_gone, "counts", "error"),
    (tables_of_another_release, "database", "error"),
    (act_of_tomorrow, "clock", "error"),
    (nobody_in_charge, "people", "warning"),
    (mail_of_yesterday, "outbox", "warning"),
    (clock_without_server, "time limits", "warning"),
]
OF_FILES = [
    (no_backup, "backup", "warning"),
    (old_backup(3), "backup", "warning"),
    (old_backup(20), "backup", "error"),
    (open_backup, "files", "warning"),
    (open_secret, "secret", "error"),
    (short_secret, "secret", "error"),
    (no_secret, "secret", "warning"),
    (other_release, "course", "warning"),
    (letters_without_font, "names", "error"),
]
TROUBLES = [(kind, *one) for kind in ("sqlite", "postgresql") for one in OF_RECORDS]
TROUBLES += [("sqlite", *one) for one in OF_FILES]


@pytest.mark.parametrize(("backend", "trouble", "check", "state"), TROUBLES, indirect=["backend"])
def test_each_trouble_is_found_and_no_other(
    environment: Callable[..., None],
    engine: Engine,
    config: Config,
    backend: str,
    trouble: Callable[[Engine, Config], None],
    check: str,
    state: str,
) -> None:
    before = SOUND[backend] = SOUND.get(backend) or states()
    trouble(engine, config)
    after = states()
    assert after[check] == state
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {check} - {name for name in before if before[name] == state}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_template_or_a_seal_that_cannot_be_used(environment: Callable[..., None], tmp_path: Path) -> None:
    ((state, said),) = found("certificate PDF")
    assert (state, said) == ("ok", "the built-in template prints; PDFs are not signed (LONTAR_PADES_KEY is empty)")
    (tmp_path / "certificate.typ").write_text("#panic()")
    environment(certificate_template=str(tmp_path))
    ((state, said),) = found("certificate PDF")
    assert (state, said.startswith(f"{tmp_path}: error: panicked")) == ("error", True)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (300, ("ok", "the built-in template prints; PDFs are signed with a certificate that ends on")),
        (20, ("warning", "the built-in template prints; PDFs are signed with a certificate that ends on")),
        (-1, ("error", "the certificate in ")),
    ],
)
def test_the_end_of_a_seal_is_seen_coming(
    environment: Callable[..., None], tmp_path: Path, days: int, expected: tuple[str, str]
) -> None:
    seal = make_key(tmp_path, days=days)
    environment(pades_key=str(seal["pades_key"]), pades_passphrase=str(seal["pades_passphrase"]))
    ((state, said),) = found("certificate PDF")
    assert (state, said[: len(expected[1])]) == expected


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.unlink(), "the database cannot be opened"),
        (lambda path: path.write_bytes(b"palm leaves" * 1000), "the file is not a database"),
    ],
)
def test_a_database_that_cannot_be_read(
    environment: Callable[..., None], engine: Engine, damage: Callable[[Path], None], said: str
) -> None:
    engine.dispose()
    path = Path(str(file_of(engine)))
    for log in path.parent.glob(f"{path.name}-*"):
        log.unlink()
    damage(path)
    assert found("database") == [("error", said)]
    assert "guards" not in states()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_report_changes_nothing(environment: Callable[..., None], config: Config) -> None:
    before = sorted(path.name for path in config.instance.rglob("*"))
    doctor.examine(NOW, Bars())
    assert sorted(path.name for path in config.instance.rglob("*")) == before


def test_how_a_report_is_printed() -> None:
    findings = [
        Finding("disk", "ok", "much is free"),
        Finding("final test", "warning", "it is public", "keep your own"),
    ]
    assert doctor.as_table(findings).splitlines() == [
        "ok       disk        much is free",
        "warning  final test  it is public",
        "                     → keep your own",
        "0 error(s), 1 warning(s), 1 ok",
    ]
    assert json.loads(doctor.as_json(findings))[0] == {
        "check": "disk",
        "state": "ok",
        "said": "much is free",
        "advice": "",
    }
