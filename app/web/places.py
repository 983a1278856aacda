"""Which page an address names, and which address a page has: werkzeug's rules. What was found before is found again at
once; what writes an address is made when one is first written."""

from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.routing import Map, MapAdapter, Rule

MOST = 2000  # addresses that are remembered; then it begins anew

Found = tuple[Rule, Mapping[str, Any]]


class LateRule(Rule):
    """A rule that compiles what writes its address when that is first asked for.

    Werkzeug compiles two functions for each rule at once: for all pages of the site that is a quarter of a second in
    each worker, and most of them are never linked to there.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        name = "_build_unknown" if append_unknown else "_build"

        def late(rule: Rule, /, **values: Any) -> tuple[str, str]:
            compiled = super(LateRule, self)._compile_builder(append_unknown).__get__(self, None)
            setattr(rule, name, compiled)
            written: tuple[str, str] = compiled(**values)
            return written

        return late


class Place(MapAdapter):
    """The address of one request. `known`: what was found for (method, path) so far, shared by all requests."""

    def __init__(self, rules: Map, environ: Mapping[str, Any], known: dict[tuple[str, str], Found]) -> None:
        super().__init__(
            rules,
            server_name=environ.get("HTTP_HOST", "").lower(),  # `headers.check_host` refuses all but the site's own
            script_name=decoded(environ.get("SCRIPT_NAME", "")),
            subdomain="",
            url_scheme=environ["wsgi.url_scheme"],
            path_info=decoded(environ.get("PATH_INFO", "")),
            default_method=environ["REQUEST_METHOD"],
            query_args=decoded(environ.get("QUERY_STRING", "")),
        )
        self.known = known

    def match(self, *wanted: Any, **named: Any) -> Any:
        """As werkzeug does; it is asked for the address of the request itself once, by Flask."""
        if wanted or named != {"return_rule": True}:
            return super().match(*wanted, **named)
        key = self.default_method, self.path_info
        found = self.known.get(key)
        if found is None:
            found = super().match(return_rule=True)
            if len(self.known) >= MOST:
                self.known.clear()
            self.known[key] = found
        rule, values = found
        return rule, dict(values)


def decoded(text: str) -> str:
    """A text of the environment, which holds bytes, as UTF-8."""
    return text if text.isascii() else text.encode("latin1").decode(errors="replace")
