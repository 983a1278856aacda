"""Pages by the address pattern that answers them: which patterns there are, and a place or two for each."""

from collections.abc import Sequence

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from app import create_app
from app.core.content import Library
from config import Config
from tests.browser.places import Place

CONFIG = Config(secret="0123456789abcdef" * 2, database_url="sqlite:///never-opened", testing=True)
FILES = ("api.", "credentials.", "pages.asset", "pages.health", "pages.icon", "pages.metrics",
         "pages.picture", "pages.robots", "statistics.one_file")  # fmt: skip
ENDINGS = (".csv", ".json", ".pdf", ".zip", "/file", "<any(json,csv):style>")
STAFF = ("/admin", "/author", "/focal")


def routes_of(library: Library) -> Map:
    return create_app(CONFIG, library).url_map


def pages(routes: Map) -> set[str]:
    """The endpoints that answer with a page."""
    return {rule.endpoint for rule in routes.iter_rules() if "GET" in (rule.methods or ()) and is_page(rule)}


def is_page(rule: Rule) -> bool:
    return not rule.endpoint.startswith(FILES) and not rule.rule.endswith(ENDINGS)


def endpoint_of(routes: Map, place: Place) -> str:
    """The place's path where nothing answers there."""
    return match(routes, place)[0]


def match(routes: Map, place: Place) -> tuple[str, dict[str, str]]:
    try:
        endpoint, values = routes.bind("").match(place.path.partition("?")[0])
    except HTTPException:
        return place.path, {}
    return str(endpoint), dict(values)


def is_staff(place: Place) -> bool:
    return place.path.startswith(STAFF)


def ends(routes: Map, places: Sequence[Place]) -> list[Place]:
    """The first and the last place of each address pattern, for the staff the last; and each module to print, which
    holds all its sections."""
    kinds: dict[str, list[Place]] = {}
    for place in places:
        endpoint, values = match(routes, place)
        own = values["module"] if endpoint == "learn.print_module" else ""
        kinds.setdefault(f"{endpoint} {own}", []).append(place)
    return [
        place for kind in kinds.values() for place in dict.fromkeys((kind[-1 if is_staff(kind[0]) else 0], kind[-1]))
    ]
