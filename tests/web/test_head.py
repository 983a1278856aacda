"""HEAD asks what GET would answer, and changes as little."""

from tests.web.conftest import Site

PAGES = (
    "/",
    "/account",
    "/account/profile",
    "/account/password",
    "/account/recovery",
    "/account/data",
    "/account/erase",
)
OUTSIDE = ("/register", "/sign-in", "/reset", "/verify")


def test_head_answers_as_get_does(site: Site) -> None:
    site.app.config["RAISE_ERRORS"] = False
    learner, visitor = site.learner(), site.visitor()
    asked = [(learner, path) for path in PAGES] + [(visitor, path) for path in OUTSIDE]
    wrong = []
    for who, path in asked:
        reply = who.client.head(path, base_url=who.base, headers=who.headers)
        if (reply.status_code, reply.get_data()) != (200, b""):
            wrong.append((path, reply.status_code))
    assert wrong == []
