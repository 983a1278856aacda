"""People who are simply there: accounts made and signed in without the pages, so that a test can begin at its point."""

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.records import roles
from app.records.engine import open_session
from tests.web.conftest import Site
from tests.web.visitor import Visitor


@dataclass
class Member:
    """An account and a browser on which it is signed in."""

    visitor: Visitor
    id: uuid.UUID
    login: str

    @property
    def csrf(self) -> str:
        """The token of the session, as every page of hers carries it."""
        return self.visitor.get("/account/recovery").form("/sign-out").fields["csrf_token"][0]


def member(
    site: Site, login: str = "litia", name: str = "Litia Vakatawale", kind: str = "shared", **profile: Any
) -> Member:
    """A new account, signed in on a browser of its own."""
    id = site.account(login, name, **profile)
    return Member(site.browser(id, kind), id, login)


def set_role(site: Site, id: uuid.UUID, role: str) -> None:
    with open_session(site.engine, write=True) as session:
        roles.set_role(session, id, role)
        session.commit()


def cookie(visitor: Visitor, name: str) -> str | None:
    """The value of a cookie that this browser keeps."""
    found = visitor.client.get_cookie(name, domain=str(urlsplit(visitor.base).hostname))
    return found.value if found else None


def status(visitor: Visitor, path: str) -> int:
    """The status of a page, not followed and not read."""
    return visitor.client.get(path, base_url=visitor.base, headers=visitor.headers).status_code


def send(visitor: Visitor, path: str, data: Any = None, **headers: str) -> int:
    """Send a form as the site's own page would; the status of the answer, which is not read."""
    sent = visitor.headers | {"Origin": visitor.base} | headers
    return visitor.client.post(path, base_url=visitor.base, data=data or {}, headers=sent).status_code
