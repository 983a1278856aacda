"""A visitor of the site for tests: opens pages, fills in the forms that stand there, checks every page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from flask import Flask
from werkzeug.test import TestResponse

from tests.web.html import check_page

X = "{http://www.w3.org/1999/xhtml}"


@dataclass
class Page:
    """A reply that was read: its status, address, headers and, for HTML, its tree."""

    path: str
    status: int
    headers: Any
    body: bytes
    tree: Element | None = None

    @property
    def html(self) -> str:
        return self.body.decode()

    @property
    def h1(self) -> str:
        assert self.tree is not None
        found = self.tree.find(f".//{X}h1")
        return words(found) if found is not None else ""

    @property
    def main(self) -> str:
        """The words of the page without header and footer."""
        assert self.tree is not None
        found = self.tree.find(f".//{X}main")
        return words(found) if found is not None else ""

    @property
    def errors(self) -> list[str]:
        """What the error summary says."""
        assert self.tree is not None
        return [words(one) for one in self.tree.iterfind(f".//{X}div[@role='alert']//{X}li")]

    def links(self) -> dict[str, str]:
        """Address of each link -> its words."""
        assert self.tree is not None
        return {one.get("href", ""): words(one) for one in self.tree.iterfind(f".//{X}a")}

    def forms(self) -> list[Form]:
        assert self.tree is not None
        return [read_form(one, self.path) for one in self.tree.iterfind(f".//{X}form")]

    def form(self, action: str) -> Form:
        """The one form whose address ends so."""
        found = [one for one in self.forms() if urlsplit(one.action).path.endswith(action)]
        assert len(found) == 1, f"forms for {action} on {self.path}: {[one.action for one in self.forms()]}"
        return found[0]


@dataclass
class Form:
    """A form as it stands on a page; `fields` holds what a browser would send if nothing was changed."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def read_form(element: Element, path: str) -> Form:
    form = Form(urljoin(path, element.get("action") or path), (element.get("method") or "get").lower())
    for one in element.iter():
        name = one.get("name")
        if not name:
            continue
        if one.tag == f"{X}input":
            read_input(form, one, name)
        elif one.tag == f"{X}textarea":
            form.fields.setdefault(name, []).append("".join(one.itertext()))
        elif one.tag == f"{X}select":
            read_select(form, one, name)
    return form


def read_input(form: Form, one: Element, name: str) -> None:
    kind, value = one.get("type", "text"), one.get("value", "")
    if kind in ("radio", "checkbox"):
        form.choices.setdefault(name, []).append(value or "on")
        if one.get("checked") is None:
            return
    form.fields.setdefault(name, []).append(value)


def read_select(form: Form, one: Element, name: str) -> None:
    options = list(one.iter(f"{X}option"))
    values = [option.get("value", words(option)) for option in options]
    chosen = [value for option, value in zip(options, values, strict=True) if option.get("selected") is not None]
    form.choices[name] = form.choices.get(name, []) + values
    form.fields.setdefault(name, []).append(chosen[0] if chosen else values[0] if values else "")


class Visitor:
    """A browser without scripts: keeps cookies, follows redirects after forms, sends the headers that browsers send."""

    def __init__(self, app: Flask, base: str = "http://127.0.0.1:8000", **headers: str) -> None:
        self.app = app
        self.base = base
        self.client = app.test_client()
        self.headers = {"Host": urlsplit(base).netloc, "Accept-Encoding": "identity"} | headers

    def get(self, path: str, status: int | None = 200, follow: bool = True, **headers: str) -> Page:
        reply = self.client.get(path, base_url=self.base, headers=self.headers | headers)
        page = self.read(reply, path)
        if follow and page.status in (301, 302, 303, 307, 308):
            return self.get(local(page.headers["Location"]), status)
        assert status in (None, page.status), f"GET {path}: {page.status}, not {status}\n{page.body[:2000]!r}"
        return page

    def post(self, path: str, data: Any = None, status: int | None = None, follow: bool = True, **headers: str) -> Page:
        sent = self.headers | {"Origin": self.base, "Sec-Fetch-Site": "same-origin"} | headers
        reply = self.client.post(path, base_url=self.base, data=data or {}, headers=sent)
        page = self.read(reply, path)
        if follow and page.status in (302, 303):
            return self.get(local(page.headers["Location"]), status or 200)
        assert status in (None, page.status), f"POST {path}: {page.status}, not {status}\n{page.body[:2000]!r}"
        return page

    def knock(self, method: str, path: str, data: Any, **headers: str) -> int:
        """The status of an answer whose page nobody looks at; `data` is what a form sends."""
        sent = self.headers | {"Origin": self.base, "Sec-Fetch-Site": "same-origin"} | headers
        reply = self.client.open(
            path, method=method, base_url=self.base, data=data if method == "POST" else None, headers=sent
        )
        return reply.status_code

    def submit(self, page: Page, action: str, status: int | None = None, follow: bool = True, **changes: Any) -> Page:
        """Send the form of the page whose address ends with `action`, with these fields changed (None: not sent)."""
        form = page.form(action)
        fields = {name: values for name, values in form.fields.items() if changes.get(name, "") is not None}
        for name, value in changes.items():
            if value is not None:
                fields[name] = list(value) if isinstance(value, (list, tuple)) else [value]
        if form.method == "get":
            query = "&".join(f"{name}={one}" for name, values in fields.items() for one in values)
            return self.get(f"{urlsplit(form.action).path}?{query}", status or 200)
        return self.post(urlsplit(form.action).path, fields, status, follow)

    def read(self, reply: TestResponse, path: str) -> Page:
        body = reply.get_data()
        page = Page(path, reply.status_code, reply.headers, body)
        if reply.mimetype == "text/html" and body and reply.status_code not in (301, 302, 303, 307, 308):
            kept = "attachment" in reply.headers.get("Content-Disposition", "")
            page.tree = check_page(body.decode(), reply.headers, kept=kept)
        return page


def local(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
