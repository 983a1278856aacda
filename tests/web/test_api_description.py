"""The description of the interface for other systems says what the interface does: schemathesis asks, and compares."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from app.core.api import ENDPOINTS
from app.core.openapi import describe
from tests.web.conftest import Site
from tests.web.test_admin import FIJI, complete, person
from tests.web.test_api import token

EXAMPLES = 3  # requests for each endpoint; `make prove` asks for more


def operations(site: Site) -> list[Any]:
    """Each endpoint as schemathesis reads it from the site."""
    import schemathesis

    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", site.app, base_url=f"{site.config.base_url}/api/v1", headers={"Host": host(site)}
    )
    return [one.ok() for one in schema.get_all_operations()]


def host(site: Site) -> str:
    return site.config.base_url.partition("://")[2]


def ask(site: Site, secret: str, examples: int) -> int:
    """Ask every endpoint so often and compare each answer with the description; returns how many were asked."""
    from hypothesis import Phase, given
    from schemathesis.checks import CHECKS, load_all_checks

    load_all_checks()
    wanted = ("not_a_server_error", "status_code_conformance", "content_type_conformance")
    wanted += ("response_headers_conformance", "response_schema_conformance")
    checks = CHECKS.get_by_names(wanted)
    asked = 0
    headers = {"Host": host(site), "Authorization": f"Bearer {secret}"}
    for operation in operations(site):

        @settings(
            max_examples=examples,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
        )
        @given(operation.as_strategy())
        def one(case: Any) -> None:
            nonlocal asked
            site.later(minutes=11)  # nobody waits here
            case.call_and_validate(checks=checks, headers=headers)
            asked += 1

        one()
    return asked


@pytest.fixture
def secret(site: Site) -> str:
    person(site, "ana", act=complete, **FIJI)
    return token(site, site.account("boss", role="administrator"))


def test_every_answer_is_as_described(site: Site, secret: str) -> None:
    assert ask(site, secret, EXAMPLES) >= len(ENDPOINTS)


def test_the_description_names_every_endpoint_and_refusal() -> None:
    found = describe("https://learn.example.org/api/v1", "1")
    assert found["openapi"] == "3.1.0"
    assert set(found["paths"]) == {one.path for one in ENDPOINTS}
    row = found["components"]["schemas"]["PersonRow"]
    assert row["properties"]["sex"]["description"] == "woman, man or other; null: not stated."
    for one in ENDPOINTS:
        said = found["paths"][one.path]["get"]
        codes = {"200", "406", "422", "429", "503"}
        codes |= {"401"} if one.scope is not None else set()
        codes |= {"403"} if one.scope else set()
        codes |= {"404"} if "{" in one.path else set()
        assert (set(said["responses"]), said["operationId"]) == (codes, one.name)
    assert (
        found["paths"]["/courses/{course}/enrolments/{learner}"]["get"]["parameters"][1]["schema"]["format"] == "uuid"
    )
