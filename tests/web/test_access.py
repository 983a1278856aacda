"""Every endpoint stands in the access table; the whole table is tried, role by role, for GET and for POST."""

import uuid

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.web.access import ACCESS, ADMINISTRATOR, AUTHOR, FOCAL, LEARNER, PUBLIC, TOKEN
from tests.web.conftest import Site
from tests.web.visitor import Visitor

VALUES = {
    "course": "nowhere",
    "module": "nowhere",
    "section": "nowhere",
    "quiz": "nowhere",
    "attempt": uuid.UUID(int=1),
    "number": 1,
    "person": uuid.UUID(int=1),
    "item": "nowhere",
    "activity": "nowhere",
    "wish": uuid.UUID(int=1),
    "occasion": "nowhere",
    "name": "nowhere",
    "draft": uuid.UUID(int=1),
    "folder": "nowhere",
    "tag": "fr",
    "code": "NOWHERE",
    **dict.fromkeys(("cohort", "key", "invitation", "organisation", "post", "run"), uuid.UUID(int=1)),
    **dict.fromkeys(("announcement", "denominator", "learner", "saved", "token"), uuid.UUID(int=1)),
    "order": 1,
    "period": "2026-09",
    "kind": "report",
    "style": "csv",
    "part": "people",
}
ROLES = ("visitor", LEARNER, FOCAL, AUTHOR, ADMINISTRATOR)
ALLOWED = {TOKEN: (), PUBLIC: ROLES, LEARNER: ROLES[1:], FOCAL: (FOCAL,), AUTHOR: ROLES[3:], ADMINISTRATOR: ROLES[4:]}
LEAVES = "account.sign_out"  # would end the session that the table is tried with


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != LEAVES]


def signed_in_as(site: Site, role: str) -> Visitor:
    if role == "visitor":
        return site.visitor()
    return site.learner() if role == LEARNER else site.staff(role)


def address(app: Flask, rule: Rule) -> str:
    values = {name: VALUES[name] for name in rule.arguments}
    return app.url_map.bind("").build(rule.endpoint, values, method=next(iter(rule.methods or {"GET"})))


def test_the_table_and_the_routes_are_the_same_set(site: Site) -> None:
    assert {rule.endpoint for rule in site.app.url_map.iter_rules()} == set(ACCESS)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_past_the_guard_where_the_table_says_so(site: Site, role: str) -> None:
    site.app.config["RAISE_ERRORS"] = False
    visitor = signed_in_as(site, role)
    token = visitor.get("/account").form("/sign-out").fields["csrf_token"] if role != "visitor" else []
    wrong = []
    for rule in rules(site.app):
        for method in {"GET", "POST"} & (rule.methods or set()):
            path = address(site.app, rule)
            status = visitor.knock(method, path, {"csrf_token": token})
            if (status in (401, 403)) == (role in ALLOWED[ACCESS[rule.endpoint]]) or status >= 500:
                wrong.append((method, path, status))
    assert wrong == []


def test_a_foreign_site_may_post_nothing(site: Site) -> None:
    visitor = site.learner()
    for rule in rules(site.app):
        if "POST" in (rule.methods or set()):
            path = address(site.app, rule)
            stranger = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
            assert visitor.knock("POST", path, {}, **stranger) == 403
