"""Settings that are not safe stop the start, in words that say what to change."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from app.core.content import Library
from config import Config, SettingError, is_weak
from tests.web.conftest import SECRET

HTTPS = {"LONTAR_BASE_URL": "https://learn.example.org"}


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"LONTAR_SECRET": "short"}, "LONTAR_SECRET is shorter than 32 characters"),
        ({"LONTAR_SECRET": "x" * 64}, "LONTAR_SECRET is shorter than 32 characters or repeats a few"),
        ({"LONTAR_SECRET": "secret" * 6}, "LONTAR_SECRET is shorter than 32 characters or repeats a few"),
        ({"LONTAR_BASE_URL": "http://learn.example.org"}, "over plain http passwords and sessions can be read"),
        ({"LONTAR_BASE_URL": "http://192.168.1.5:8000"}, "over plain http passwords and sessions can be read"),
        ({"LONTAR_BASE_URL": "http://127.0.0.1.evil.example"}, "over plain http passwords and sessions can be read"),
        ({"LONTAR_BASE_URL": "ftp://learn.example.org"}, "write it like https://learn.example.org"),
        ({"LONTAR_BASE_URL": "learn.example.org"}, "write it like https://learn.example.org"),
        ({"LONTAR_BASE_URL": "https://learn.example.org/course"}, "write it like https://learn.example.org"),
        ({"LONTAR_BASE_URL": "https://learn.example.org?x=1"}, "write it like https://learn.example.org"),
        ({"LONTAR_BASE_URL": "https://learn.example.org?"}, "write it like https://learn.example.org"),
        ({"LONTAR_BASE_URL": "https://name:word@learn.example.org"}, "write it like https://learn.example.org"),
        ({"LONTAR_BASE_URL": "https://learn.example.org:port"}, "write it like https://learn.example.org"),
        ({"LONTAR_BASE_URL": "https://[::1"}, "write it like https://learn.example.org"),
        ({"LONTAR_BASE_URL": "https://"}, "write it like https://learn.example.org"),
        (HTTPS | {"LONTAR_DEBUG": "1"}, "LONTAR_DEBUG is on, but the base URL is not this machine"),
        (HTTPS | {"LONTAR_DEBUG": "perhaps"}, "LONTAR_DEBUG is 'perhaps'; write 1 or 0"),
        ({"LONTAR_SUPPRESSION": "4"}, "5 is the least that protects people"),
        ({"LONTAR_PORT": "-1"}, "LONTAR_PORT is '-1'; write a whole number"),
        ({"LONTAR_TRUSTED_PROXIES": "yes"}, "LONTAR_TRUSTED_PROXIES is 'yes'; write a whole number"),
        ({"LONTAR_MAIL_SECURITY": "some"}, "choose starttls, tls or none"),
        ({"LONTAR_TIMEZONE": "../../etc/passwd"}, "write it like Asia/Bangkok"),
        ({"LONTAR_TIMEZONE": "Asia"}, "write it like Asia/Bangkok"),
        ({"LONTAR_PORT": "99999"}, "LONTAR_PORT is 99999; write from 1 to 65535"),
        ({"LONTAR_WORKERS": "0"}, "LONTAR_WORKERS is 0; write from 1 to 64"),
        ({"LONTAR_THREADS": "0"}, "LONTAR_THREADS is 0; write from 1 to 64"),
        ({"LONTAR_RETENTION_MONTHS": "0"}, "LONTAR_RETENTION_MONTHS is 0; write 1 or more"),
        ({"LONTAR_TRUSTED_PROXIES": "10"}, "LONTAR_TRUSTED_PROXIES is 10; write from 0 to 9"),
        ({"LONTAR_DATABASE_URL": "mysql://name:word@x/y"}, "LONTAR_DATABASE_URL is neither an SQLite file nor"),
        ({"LONTAR_DATABASE_URL": "garbage"}, "LONTAR_DATABASE_URL is neither an SQLite file nor"),
        ({"LONTAR_LANGUAGES": "en,xx"}, "LONTAR_LANGUAGES names 'xx', and there is no "),
        ({"LONTAR_LANGUAGES": " , "}, "name at least one language"),
        ({"LONTAR_TESTING": "1"}, "there is no setting LONTAR_TESTING"),
        ({"LONTAR_SECERT": SECRET}, "there is no setting LONTAR_SECERT"),
    ],
)
def test_settings_that_are_refused(environment: dict[str, str], said: str) -> None:
    with pytest.raises(SettingError) as raised:
        Config.from_environment(environment)
    assert said in str(raised.value)
    assert "name:word" not in str(raised.value)


def test_an_empty_variable_is_the_default() -> None:
    variables = [f"LONTAR_{one.name.upper()}" for one in fields(Config) if one.metadata.get("environment", True)]
    assert Config.from_environment(dict.fromkeys(variables, "")) == Config()


@pytest.mark.parametrize(
    ("base_url", "kept", "secure"),
    [
        ("https://learn.example.org", "https://learn.example.org", True),
        ("https://learn.example.org/", "https://learn.example.org", True),
        ("HTTPS://Learn.Example.org:8443/", "https://learn.example.org:8443", True),
        ("http://localhost:8000", "http://localhost:8000", False),
        ("http://[::1]:8000", "http://[::1]:8000", False),
        ("", "http://127.0.0.1:8000", False),
    ],
)
def test_the_address_is_kept_as_browsers_send_it(base_url: str, kept: str, secure: bool) -> None:
    config = Config(base_url=base_url)
    assert (config.base_url, config.secure, config.host) == (kept, secure, kept.partition("//")[2])


def test_plain_http_on_a_closed_network_needs_a_setting_and_shows_a_banner(tmp_path: Path, tiny: Library) -> None:
    settings: dict[str, Any] = {"base_url": "http://192.168.1.5:8000", "secret": SECRET, "instance": tmp_path}
    with pytest.raises(SettingError):
        Config(**settings)
    app = create_app(Config(**settings, insecure_lan=True), tiny)
    page = app.test_client().get("/help", headers={"Host": "192.168.1.5:8000"}).get_data(as_text=True)
    assert "This connection is not protected" in page


@pytest.mark.parametrize("content", [None, "", "\n", "short\n", "x" * 64])
def test_no_start_without_a_good_secret(tmp_path: Path, tiny: Library, content: str | None) -> None:
    if content is not None:
        (tmp_path / "secret").write_text(content)
    with pytest.raises(SettingError, match="secret"):
        create_app(Config(instance=tmp_path), tiny)


@pytest.mark.parametrize(
    ("secret", "weak"),
    [("", True), ("a" * 31, True), ("abcdefg" * 10, True), (SECRET, False), ("abcdefgh" * 4, False)],
)
def test_what_a_weak_secret_is(secret: str, weak: bool) -> None:
    assert is_weak(secret) == weak
