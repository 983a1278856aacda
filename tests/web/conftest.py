"""The whole application on a real database, with the tiny course, a clock that tests can move, and visitors."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
import pytest
from flask import Flask

from app import create_app
from app.core.content import Library
from app.core.load import load
from app.records import focal_posts, hot, people, sign_ins
from app.records.engine import open_session
from app.records.passwords import hash_password
from config import Config
from tests.databases import ENGINES, empty_url, engine, url
from tests.serving import SHIPPED
from tests.web.visitor import Page, Visitor

__all__ = ["empty_url", "engine", "url"]

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "courses" / "tiny"
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PASSWORD = "palm leaves keep words"
SECRET = "0123456789abcdef0123456789abcdef"
HASH = hash_password(PASSWORD)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """Pages are tested on SQLite, and on PostgreSQL too where a test or a module says so."""
    return str(getattr(request, "param", "sqlite"))


BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)


def load_course(root: Path, kept: Path | None = None) -> Library:
    library, problems = load(root, today=date(2026, 11, 22), kept=kept)
    assert library is not None, "\n".join(str(problem) for problem in problems)
    return library


@pytest.fixture(scope="session")
def tiny() -> Library:
    return load_course(TINY)


@pytest.fixture(scope="session")
def shipped() -> Library:
    return load_course(ROOT, SHIPPED)


COMPILED = jinja2.FileSystemBytecodeCache(str(SHIPPED.parent))  # templates, compiled once for all processes of a run


@dataclass
class Site:
    """A running application; `now` is its clock."""

    app: Flask
    library: Library
    config: Config
    now: datetime = START
    people: int = 0
    visitors: list[Visitor] = field(default_factory=list)

    def visitor(self, **headers: str) -> Visitor:
        return Visitor(self.app, self.config.base_url, **headers)

    def learner(self, name: str = "Litia Vakatawale", login: str = "", **profile: Any) -> Visitor:
        """A visitor with a new account, signed in."""
        return self.browser(self.account(login or self.next_login(), name, **profile))

    def staff(self, role: str, country: str = "FJ") -> Visitor:
        """A person of this role, signed in; `country` is that of a focal point."""
        id = self.account(self.next_login(), "Ana Tuilagi")
        with open_session(self.engine, write=True) as session:
            if role == "focal":
                focal_posts.begin(session, id, country, None, self.now)
            else:
                people.set_role(session, id, role)
            session.commit()
        return self.browser(id)

    def next_login(self) -> str:
        self.people += 1
        return f"learner{self.people}"

    def account(self, login: str, name: str = "Litia Vakatawale", **more: Any) -> uuid.UUID:
        """A new account with the password of all tests, where `more` gives no other."""
        with open_session(self.engine, write=True) as session:
            hers = {"login": login, "password_hash": HASH, "name": name, "now": self.now} | more
            person = people.register(session, **hers)
            session.commit()
            return person.id

    def browser(self, id: uuid.UUID, kind: str = "shared") -> Visitor:
        """A further browser on which this person is signed in."""
        with open_session(self.engine, write=True) as session:
            token = sign_ins.start(session, id, kind, self.now)
            session.commit()
        visitor = self.visitor()
        name = "__Host-lontar" if self.config.secure else "lontar"
        domain = str(urlsplit(visitor.base).hostname)
        visitor.client.set_cookie(name, token, domain=domain, secure=self.config.secure)
        return visitor

    def administrator(self) -> Visitor:
        return self.staff("administrator")

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    @property
    def engine(self) -> Any:
        return self.app.extensions["engine"]


Build = Callable[..., Site]


@dataclass
class Kept:
    """An application with the usual settings, and what it was when it was new."""

    app: Flask
    library: Library

    def __post_init__(self) -> None:
        self.config, self.extensions = dict(self.app.config), dict(self.app.extensions)

    def again(self, config: Config) -> Flask:
        """The same application for another test: all that tests change is as it was."""
        for place, before in ((self.app.config, self.config), (self.app.extensions, self.extensions)):
            place.clear()
            place.update(before)
        self.app.extensions["settings"] = config
        self.app.extensions["shelf"].put(self.library)
        return self.app


KEPT: dict[tuple[int, Config, int], Kept] = {}  # what an application learnt of statements and templates is dear
MOST = 12  # applications that are kept; the one that waited longest goes


def wired(config: Config, library: Library, number: int) -> Flask:
    """The `number`-th application of a test, with these settings, made once: only the instance's folders differ from
    test to test."""
    if config.metrics:  # what it has counted stays
        return create_app(config, library)
    key = (id(library), replace(config, instance=Path(), backups=Path()), number)
    kept = KEPT.pop(key, None) or Kept(create_app(config, library), library)
    KEPT[key] = kept
    if len(KEPT) > MOST:
        hot.close(KEPT.pop(next(iter(KEPT))).app.extensions["engine"])
    return kept.again(config)


@pytest.fixture
def build(tmp_path: Path, url: str) -> Iterator[Build]:
    """Makes sites with settings of one's own, on the database of this test."""
    made: list[Site] = []

    def make(library: Library, **settings: Any) -> Site:
        values = {"instance": tmp_path, "database_url": url, "secret": SECRET, "languages": ("en", "fr", "ar-XB")}
        values |= {"content": TINY}
        config = Config(testing=True, **(values | settings))
        site = Site(wired(config, library, len(made)), library, config)
        site.app.extensions["clock"] = lambda: site.now
        site.app.jinja_env.bytecode_cache = COMPILED
        made.append(site)
        return site

    yield make
    for site in made:
        if site.engine.dialect.name == "postgresql" and any(site.app is one.app for one in KEPT.values()):
            ENGINES[f"{id(site.app)} {url}"] = site.engine
        else:
            hot.close(site.engine)


@pytest.fixture
def site(build: Build, tiny: Library) -> Site:
    return build(tiny)


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return site.visitor()


def sign_in(visitor: Visitor, login: str, password: str = PASSWORD, **fields: Any) -> Page:
    return visitor.submit(visitor.get("/sign-in"), "/sign-in", login=login, password=password, **fields)
