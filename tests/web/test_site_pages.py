"""The settings in force and the health report, as administrators see them: everything but the secrets."""

import base64
import os
import time
from dataclasses import fields, replace
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ops import checkup, configuration
from app.ops.findings import ERROR, OK, Finding
from config import Config
from tests.web.conftest import Site

HIDDEN = "xN7-hidden-Value-0123456789-abcdef"
SECRETS = [one.name for one in fields(Config) if one.metadata.get("secret")]
NO_SECRET = {"pades_passphrase"}  # the name of a file


def test_every_setting_that_sounds_secret_is_marked_so() -> None:
    sound = {
        one.name for one in fields(Config) if any(word in one.name for word in ("secret", "password", "pass", "token"))
    }
    assert sound - NO_SECRET == set(SECRETS) == {"secret", "mail_password"}


HIDDEN = "postgresql+psycopg://ana:***@db.example/records"  # what is shown of an address with a password


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=8).filter(
        lambda one: len(set(one)) > 5 and one not in HIDDEN and quote(one, safe="") not in HIDDEN
    )
)
def test_no_secret_stands_in_any_row(value: str) -> None:
    url = f"postgresql+psycopg://ana:{quote(value, safe='')}@db.example/records?password={quote(value, safe='')}"
    config = Config(mail_password=value, database_url=url)
    for variable in ("", *(f"LONTAR_{name.upper()}" for name in SECRETS)):
        rows = configuration.rows(config, {variable: value})
        told = [cell for row in rows for cell in (row.value, row.origin)]
        assert [one for one in told if value in one or quote(value, safe="") in one] == []
    shown = {row.variable: row for row in rows}
    assert shown["LONTAR_MAIL_PASSWORD"][2:] == ("", "environment", True, True)
    assert shown["LONTAR_DATABASE_URL"].value == HIDDEN


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("", ""),
        ("sqlite:////var/lib/lontar.sqlite", "sqlite:////var/lib/lontar.sqlite"),
        ("postgresql://u@h/d?host=/run&password=x", "postgresql://u@h/d"),
        ("no address at all: pass", "***"),
    ],
)
def test_addresses_of_databases_without_passwords(url: str, shown: str) -> None:
    assert configuration.without_password(url) == shown


def test_where_a_value_comes_from() -> None:
    config = Config(port=8001, instance=Path("/srv/x"), languages=("en",))
    rows = {row.variable: row for row in configuration.rows(config, {"LONTAR_PORT": "8001"})}
    assert [
        rows[f"LONTAR_{name}"][2:4] for name in ("PORT", "BASE_URL", "WORKERS", "BACKUPS", "LANGUAGES", "DEBUG")
    ] == [
        ("8001", "environment"),
        ("http://127.0.0.1:8001", "follows"),
        ("2", "default"),
        ("/srv/x/backups", "follows"),
        ("en", "follows"),
        ("0", "default"),
    ]
    assert len(rows) == len([one for one in fields(Config) if one.metadata.get("environment", True)])
    assert all(row.meaning.endswith(".") or row.meaning for row in rows.values())


def test_the_settings_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = dict.fromkeys(SECRETS, HIDDEN)
    for name in SECRETS:
        monkeypatch.setenv(f"LONTAR_{name.upper()}", HIDDEN)
    boss = site.administrator()
    site.app.extensions["settings"] = replace(site.config, **hidden, contact="desk@example.org")
    page = boss.get("/admin/settings")
    coded = (HIDDEN, quote(HIDDEN), base64.b64encode(HIDDEN.encode()).decode()[:20], site.config.secret)
    assert [one for one in coded if one in page.html] == []
    told = ("LONTAR_SECRET", "desk@example.org", "SQLite 3.", "UTC", site.library.release, "Python")
    assert [one for one in told if one not in page.main] == []
    assert (page.headers["Cache-Control"], len(page.body) < 40_000) == ("no-store", True)


def test_the_health_report_runs_beside_the_pages_one_at_a_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {
        "INSTANCE": site.config.instance,
        "DATABASE_URL": site.config.database_url,
        "SECRET": site.config.secret,
    }
    for name in [name for name in os.environ if name.startswith("LONTAR_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    for name, value in (environment | {"CONTENT": site.config.instance / "nowhere"}).items():
        monkeypatch.setenv(f"LONTAR_{name}", str(value))
    boss = site.administrator()
    page = boss.get("/admin/health")
    assert "The site has not been checked from here yet." in page.main
    began = time.monotonic()
    waiting = boss.submit(page, "/admin/health")
    assert ("A check is running." in waiting.main, "Check again" in waiting.main) == (True, False)
    assert checkup.begin(site.config) is False  # somebody else presses, too
    assert time.monotonic() - began < 5
    while checkup.running(site.config):
        time.sleep(0.1)
        assert time.monotonic() - began < 120
    done = boss.get("/admin/health")
    report = checkup.last(site.config)
    assert report is not None
    assert {one.state for one in report.findings} >= {OK, ERROR}  # there is no course at that place
    assert [one.check for one in report.findings if one.check in ("database", "counts", "second steps")] == [
        "database", "counts", "second steps"
    ]  # fmt: skip
    assert all(one.said in done.main.replace("→ ", "") or len(one.said) > 60 for one in report.findings[:3])
    assert site.config.secret not in done.html
    assert (done.forms() and "Check again" in done.main, "refresh" in done.html) == (True, False)


def test_a_report_that_fails_or_is_broken(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[Finding]:
        raise ZeroDivisionError

    monkeypatch.setattr("app.ops.doctor.examine", fail)
    report = checkup.examine(site.now)
    assert report.findings == (
        Finding("check", ERROR, "the check itself failed (ZeroDivisionError)", "run `lontar doctor`"),
    )
    (site.config.instance / checkup.FILE).write_text('{"at": 1}')
    assert checkup.last(site.config) is None
    (site.config.instance / checkup.FILE).unlink()
