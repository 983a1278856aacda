"""What the description says of the interface for other systems, with many requests for each endpoint."""

import os

from tests.databases import sqlite_template, url
from tests.web.conftest import Site, backend, build, site, tiny
from tests.web.test_api_description import ask, secret

__all__ = ["backend", "build", "secret", "site", "sqlite_template", "tiny", "url"]
HOW_MANY = int(os.environ.get("LONTAR_TEST_FUZZ", "10000")) // 50


def test_many_requests_are_answered_as_described(site: Site, secret: str) -> None:
    print(f"{ask(site, secret, HOW_MANY)} requests of the description answered as it says")
