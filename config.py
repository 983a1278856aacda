"""Every setting of Lontar: one attribute, its meaning on the line beneath, its environment variable `LONTAR_<NAME>`.

`Config.from_environment()` reads the environment; a value that does not fit its type, or a combination that is not
safe, raises `SettingError` in words that say what to change.
"""

import os
import types
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ROOT = Path(__file__).parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")
WORDS = ("en", "ar-XB")  # languages of the interface that need no catalogue
DATABASES = ("sqlite:///", "sqlite+pysqlite:///", "postgresql://", "postgresql+psycopg://")
ANY = 1_000_000
LIMITS = (
    ("port", 1, 65_535),
    ("mail_port", 1, 65_535),
    ("workers", 1, 64),
    ("threads", 1, 64),
    ("retention_months", 1, ANY),
    ("figure_months", 1, ANY),
    ("trusted_proxies", 0, 9),
)
"""The least and the most that a setting can be."""


class SettingError(ValueError):
    """A setting that cannot work; the message names it and says what to do."""


@dataclass(frozen=True, kw_only=True)
class Config:
    content: Path = ROOT
    """The folder that holds course/, modules/ and quizzes/."""

    instance: Path = ROOT / "instance"
    """The folder for what this server keeps: its secret, the compiled course and, by default, the database."""

    database_url: str = ""
    """Where records are kept, as an SQLAlchemy address: empty for SQLite in the instance folder, or postgresql+psycopg://…"""

    secret: str = field(default="", metadata={"secret": True})
    """At least 32 characters known to this site only; signs forms. Empty: made at the first start."""

    base_url: str = ""
    """The address people type, without a path; certificates print it. Empty: this machine."""

    bind: str = "127.0.0.1"
    """The network address the server listens on."""

    port: int = 8000
    """The port the server listens on."""

    workers: int = 2
    """Server processes."""

    threads: int = 4
    """Threads in each server process."""

    site_name: str = "Lontar"
    """The name in the page header."""

    contact: str = ""
    """Who helps: a person, an e-mail address, a phone number; shown on help, sign-in and error pages."""

    issuer_name: str = ""
    """The institution that issues certificates. Empty: certificates say SAMPLE."""

    issuer_signatory: str = ""
    """The person who signs certificates."""

    issuer_role: str = ""
    """The signatory's office."""

    issuer_statement: str = ""
    """The sentence that says who stands behind a certificate. Empty: it says that the issuer alone does."""

    certificate_template: Path = ROOT / "templates" / "certificate"
    """The folder with certificate.typ and perhaps logo.svg: how the PDF of a certificate looks."""

    pades_key: Path = Path()
    """A PKCS#12 file (.p12) with the institution's key and certificate, to sign PDFs. Empty: PDFs are not signed."""

    pades_passphrase: Path = Path()
    """The file that holds the passphrase of that key, and nothing else."""

    languages: tuple[str, ...] = ("en", "fr")
    """Interface languages, the first being the default; `ar-XB` adds a right-to-left test language."""

    timezone: str = "UTC"
    """The time zone of days, months and certificate dates."""

    mail_host: str = ""
    """The mail server. Empty: no mail is sent, and lost passwords need a recovery code or an administrator."""

    mail_port: int = 587
    """The port of the mail server."""

    mail_user: str = ""
    """The account at the mail server, if it wants one."""

    mail_password: str = field(default="", metadata={"secret": True})
    """The password of that account."""

    mail_security: str = "starttls"
    """How mail is protected on its way: starttls, tls or none."""

    mail_from: str = ""
    """The sender of mail."""

    require_totp: str = "none"
    """Who must sign in with a second step (a code of an authenticator app): none, administrators or staff."""

    retention_months: int = 60
    """Accounts unused for longer than this may be erased; the privacy notice says so."""

    suppression: int = 10
    """Counts of people below this are hidden in statistics outside administration and in all surveys; 5 at least."""

    small_country: int = 30
    """A country with fewer enrolled people than this stands under its subregion in public statistics."""

    public_statistics: bool = True
    """Show the statistics for everybody at /statistics; 0 closes the page, its files and the links to it."""

    figure_months: int = 24
    """The check warns when a figure or a country box is older than this."""

    trusted_proxies: int = 0
    """How many proxies stand in front and set X-Forwarded-For and X-Forwarded-Proto; 0 ignores such headers."""

    insecure_lan: bool = False
    """Allow plain http on a closed network; a banner says that passwords travel unprotected."""

    metrics: bool = False
    """Serve counters for Prometheus at /metrics, to this machine only."""

    log_requests: bool = False
    """Log each request as a line of JSON: method, kind of page, status and milliseconds; never who, or from where."""

    backups: Path = Path()
    """Where `lontar backup` writes; the health report looks at its newest. Empty: backups/ in the instance folder."""

    debug: bool = False
    """Author's mode: an edited file shows at the next request. Never in production."""

    testing: bool = field(default=False, metadata={"environment": False})
    """Set by the tests: a request that leaves unsaved changes fails."""

    def __post_init__(self) -> None:
        for name, least, most in LIMITS:
            if not least <= getattr(self, name) <= most:
                room = f"from {least} to {most}" if most < ANY else f"{least} or more"
                raise SettingError(f"LONTAR_{name.upper()} is {getattr(self, name)}; write {room}")
        if not self.base_url:
            object.__setattr__(self, "base_url", f"http://127.0.0.1:{self.port}")
        if self.backups == Path():
            object.__setattr__(self, "backups", self.instance / "backups")
        object.__setattr__(self, "base_url", self.base_url.rstrip("/").lower())
        if not is_site(self.base_url):
            given = self.base_url.rpartition("@")[2]  # never a password that was written before it
            raise SettingError(f"LONTAR_BASE_URL is {given!r}; write it like https://learn.example.org")
        address = urlsplit(self.base_url)
        if address.scheme == "http" and not self.loopback and not self.insecure_lan:
            raise SettingError(
                f"LONTAR_BASE_URL is {self.base_url!r}: over plain http passwords and sessions can be read on the way. "
                "Use https, or set LONTAR_INSECURE_LAN=1 on a closed network"
            )
        if self.secret and is_weak(self.secret):
            raise SettingError(
                "LONTAR_SECRET is shorter than 32 characters or repeats a few; make one with: openssl rand -hex 32"
            )
        if self.debug and not self.loopback:
            raise SettingError("LONTAR_DEBUG is on, but the base URL is not this machine; debug is for authors only")
        if self.suppression < 5:
            raise SettingError(f"LONTAR_SUPPRESSION is {self.suppression}; 5 is the least that protects people")
        if self.mail_security not in ("starttls", "tls", "none"):
            raise SettingError(f"LONTAR_MAIL_SECURITY is {self.mail_security!r}; choose starttls, tls or none")
        if self.require_totp not in ("none", "administrators", "staff"):
            raise SettingError(f"LONTAR_REQUIRE_TOTP is {self.require_totp!r}; choose none, administrators or staff")
        if not self.languages:
            raise SettingError("LONTAR_LANGUAGES is empty; name at least one language, such as en")
        if strange := [tag for tag in self.languages if tag not in WORDS and not catalogue(tag).is_file()]:
            raise SettingError(f"LONTAR_LANGUAGES names {strange[0]!r}, and there is no {catalogue(strange[0])}")
        if self.database_url and not self.database_url.startswith(DATABASES):
            raise SettingError(
                "LONTAR_DATABASE_URL is neither an SQLite file nor a PostgreSQL database; "
                "write it like sqlite:////srv/lontar.sqlite or postgresql+psycopg://lontar@/lontar"
            )
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise SettingError(f"LONTAR_TIMEZONE is {self.timezone!r}; write it like Asia/Bangkok") from error

    @property
    def secure(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        """Host and port of the base URL, as a browser sends them."""
        return urlsplit(self.base_url).netloc

    @property
    def hosts(self) -> frozenset[str]:
        """The Host headers that are answered."""
        port = urlsplit(self.base_url).port
        near = ("127.0.0.1", "localhost", "[::1]") if self.loopback else ()
        return frozenset({self.host, *(f"{name}:{port}" if port else name for name in near)})

    @property
    def loopback(self) -> bool:
        """Whether the base URL is this machine only: certificates then say that they are a trial."""
        return urlsplit(self.base_url).hostname in LOOPBACK

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.instance / 'lontar.sqlite'}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, **given: Any) -> "Config":
        """The settings of an environment; `given` wins. A variable that is empty counts as one that is not there.

        Unknown LONTAR_ variables are refused.
        """
        hints = get_type_hints(cls)
        known = {f"LONTAR_{one.name.upper()}": one.name for one in fields(cls) if one.metadata.get("environment", True)}
        strange = sorted(name for name in environment if name.startswith("LONTAR_") and name not in known)
        strange = [name for name in strange if not name.startswith("LONTAR_TEST_")]
        if strange:
            raise SettingError(f"there is no setting {strange[0]}; the settings are listed in config.py")
        values = {
            name: convert(variable, environment[variable], hints[name])
            for variable, name in known.items()
            if environment.get(variable, "").strip()
        }
        return cls(**(values | given))


def catalogue(tag: str) -> Path:
    """Where the words of an interface language stand."""
    return ROOT / "translations" / tag / "messages.po"


def is_site(url: str) -> bool:
    """Whether this is http or https, a host and perhaps a port, and nothing else."""
    try:
        address = urlsplit(url)
        whole = url == f"{address.scheme}://{address.netloc}" and "@" not in url and address.port != 0
        return address.scheme in ("http", "https") and bool(address.hostname) and whole
    except ValueError:
        return False


def is_weak(secret: str) -> bool:
    """Whether a secret could be guessed: shorter than 32 characters, or made of fewer than 8 different ones."""
    return len(secret) < 32 or len(set(secret)) < 8


def convert(variable: str, text: str, kind: Any) -> Any:
    """The text of an environment variable as the type of its setting."""
    if isinstance(kind, types.UnionType):
        kind = get_args(kind)[0]
    if kind is bool:
        if text.lower() not in ("0", "1", "no", "yes", "false", "true", "off", "on", ""):
            raise SettingError(f"{variable} is {text!r}; write 1 or 0")
        return text.lower() in ("1", "yes", "true", "on")
    if kind is int:
        if not text.isascii() or not text.isdigit():
            raise SettingError(f"{variable} is {text!r}; write a whole number")
        return int(text)
    if kind is Path:
        return Path(text).expanduser().absolute()
    if get_origin(kind) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text
