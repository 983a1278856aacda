"""How often a network may look certificates up: counted in this process's memory, since looking writes nothing.

Numbers can't be guessed (55 bits of chance); this only keeps the server free for others.
"""

import threading
from collections import OrderedDict

from flask import Response, current_app, make_response, render_template

from app.web import db, throttle

SPAN = 600  # seconds
KEPT = 10_000  # networks remembered
LOOKS, MISSES, FILES, CALLS = "looks", "misses", "files", "calls"
MOST = {LOOKS: 1200, MISSES: 60, FILES: 60, CALLS: 3000}  # in that span, by network; calls by token


class Pace:
    """Counts by kind and network within spans of time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.counts: OrderedDict[tuple[str, str], tuple[int, int]] = OrderedDict()

    def add(self, kind: str, network: str, seconds: float, n: int = 1) -> bool:
        """Count a look; says whether there were too many of its kind."""
        span, key = int(seconds // SPAN), (kind, network)
        with self.lock:
            begun, count = self.counts.pop(key, (span, 0))
            count = n + (count if begun == span else 0)
            self.counts[key] = span, count
            if len(self.counts) > KEPT:
                self.counts.popitem(last=False)
        return count > MOST[kind]


def too_many(kind: str, n: int = 1) -> bool:
    """Count this request for its network, or with n=0 only look."""
    return too_many_by(kind, throttle.network(), n)


def too_many_by(kind: str, key: str, n: int = 1) -> bool:
    """The same for another key than the network."""
    pace: Pace = current_app.extensions.setdefault("pace", Pace())
    return pace.add(kind, key, db.now().timestamp(), n)


def refused() -> Response:
    body = render_template("public/verify_later.html")
    response = make_response(body, 429)
    response.headers["Retry-After"] = str(SPAN)
    return response
