"""A learner at a browser who does, on each page, the one thing that the page asks for next; nothing else leads her."""

import re
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Error, Locator, Page

from app.core.grading import item_of
from app.records import models, versions
from app.records.attempts import PAPER
from app.records.engine import open_session
from tests.answering import right_fields
from tests.serving import Server

QUESTION = re.compile(r"/attempts/([0-9a-f-]{36})/(\d+)$")
TRIES = 12
FINISHED = "You have finished this course"


class Lost(Exception):
    """The reply did not arrive."""


@dataclass
class Learner:
    """`seen` is called with every page that arrived; `lost` counts those that did not;
    `taken`: she was told that the sign-in name exists."""

    page: Page
    server: Server
    login: str
    password: str = "palm leaves keep words"
    name: str = "Litia Vakatawale"
    seen: Callable[[Page], None] = lambda _page: None
    lost: int = 0
    taken: bool = False
    path: list[str] = field(default_factory=list)
    library: Any = None

    def __post_init__(self) -> None:
        self.library = self.library or self.server.library

    # Moving about

    def go(self, path: str) -> None:
        """Type an address."""
        for _ in range(TRIES):
            try:
                self.page.goto(self.server.base + path, wait_until="domcontentloaded")
                return self.arrived()
            except Error:
                self.lost += 1
                self.see_failure()
        raise Lost(path)

    def see_failure(self) -> None:
        """The browser's own page for what did not come; until it is there, it would break the next try off. Once in a
        while there is none: the page before stays."""
        with suppress(Error):
            self.page.wait_for_url("chrome-error://**", timeout=2000)

    def act(self, deed: Callable[[], Any]) -> None:
        """Press something that leads to another page. Where that does not come, she comes back as people do."""
        try:
            with self.page.expect_navigation(wait_until="domcontentloaded"):
                deed()
        except Error as error:
            if "net::" not in str(error) and "interrupted" not in str(error):
                raise
            self.lost += 1
            self.come_back()
        self.arrived()

    def come_back(self) -> None:
        """Back or Reload (which sends a form once more) until a page is there."""
        for number in range(TRIES):
            self.see_failure()
            with suppress(Error):
                turn_back = self.lost % 2 if number == 0 else number % 4 == 3
                (self.page.go_back if turn_back else self.page.reload)(wait_until="domcontentloaded")
            if not self.page.url.startswith("chrome-error:"):
                return
            self.page.wait_for_timeout(200)  # the browser's own error page takes a moment to stand
        raise Lost(self.page.url)

    def arrived(self) -> None:
        self.path.append(self.heading)
        self.seen(self.page)

    @property
    def heading(self) -> str:
        return self.page.locator("h1").first.inner_text()

    def press(self, words: str) -> None:
        self.act(self.main.get_by_role("button", name=words, exact=True).first.click)

    def follow(self, words: str) -> None:
        self.act(self.main.get_by_role("link", name=words, exact=True).first.click)

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def fill(self, fields: Mapping[str, list[str]]) -> None:
        """Answers into the form's fields, by their names."""
        for name, values in fields.items():
            for value in values:
                self.fill_one(name, value)

    def fill_one(self, name: str, value: str) -> None:
        places = self.main.locator(f'[name="{name}"]')
        kind = places.evaluate_all("all => all.length ? all[0].type : 'hidden'")
        if kind in ("radio", "checkbox"):
            self.main.locator(f'input[name="{name}"][value="{value}"]').first.check()
        elif kind == "select-one":
            places.first.select_option(value)
        elif kind != "hidden":
            places.first.fill(value)

    # What the course asks for

    def register_from(self, path: str) -> None:
        """Read a section as a visitor, register there, and come back to it."""
        self.go(path)
        for _ in range(60):
            if self.page.locator(".me").count() and self.page.url == self.server.base + path:
                return
            self.step_in()
        raise AssertionError(f"not signed in: {self.path}")

    def step_in(self) -> None:
        """One step of registering; the account exists already when only the reply was lost."""
        if self.heading == "Create an account":
            self.taken |= "This sign-in name is taken" in self.main.inner_text()
            if self.taken:
                return self.follow("Sign in")
            self.fill({"name": [self.name], "login": [self.login], "password": [self.password]})
            return self.press("Create the account")
        if self.heading == "Sign in" and self.taken:
            self.fill({"login": [self.login], "password": [self.password]})
            return self.press("Sign in")
        if self.heading == "Sign in":
            return self.follow("Create an account")
        if self.heading == "Write down your recovery code":
            return self.follow("I have written it down")
        return self.follow("Sign in")

    def finish_course(self) -> None:
        """From wherever she is: the next step of each page, until a page says that all is done."""
        for _ in range(400):
            if FINISHED in self.main.inner_text():
                return
            self.step()
        raise AssertionError(f"not finished: {self.path[-20:]}")

    def step(self) -> None:
        """What this page offers as the next thing to do, the same that any learner would press."""
        where = self.page.url.removeprefix(self.server.base).partition("?")[0]
        if found := QUESTION.search(where):
            self.fill(self.right_answer(uuid.UUID(found[1]), int(found[2])))
            self.press("Save and continue")
        elif where.endswith("/review"):
            self.review()
        elif "/quizzes/" in where:
            self.start_quiz()
        elif where.startswith("/certificates/"):
            self.act(self.page.locator("a.brand").click)
        elif self.main.locator(".onward").count():
            self.act(self.main.locator(".onward .button").first.click)
        else:
            self.act(self.main.locator(".next .button").first.click)

    def review(self) -> None:
        unanswered = self.main.locator(".next .button")
        if unanswered.count():
            self.act(unanswered.first.click)
        else:
            self.press("Hand in")

    def start_quiz(self) -> None:
        confirm = self.main.locator('[name="name_confirmed"]')
        if confirm.count():
            confirm.check()
        self.act(self.main.locator("#begin .next .button, #begin form > .button").first.click)

    def right_answer(self, attempt: uuid.UUID, number: int) -> Mapping[str, list[str]]:
        with open_session(self.server.engine, write=False) as session:
            paper = PAPER.decode(session.get_one(models.Attempt, attempt).paper)
            question = paper.questions[number - 1]
            return right_fields(item_of(question, versions.items_of(session, self.library, paper)), question.drawn)
