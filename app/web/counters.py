"""What this process has answered, for Prometheus and for the log: counts and seconds by endpoint, never by person."""

import logging
import os
import threading
import time
from collections import Counter, defaultdict

from flask import Flask, Response, g, request

from app.ops.logs import REQUESTS
from config import Config

log = logging.getLogger(REQUESTS)


class Counters:
    """Requests and seconds by endpoint and status of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.requests: Counter[tuple[str, int]] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def add(self, endpoint: str, status: int, seconds: float) -> None:
        with self.lock:
            self.requests[endpoint, status] += 1
            self.seconds[endpoint] += seconds

    def page(self) -> str:
        """The text format of Prometheus."""
        with self.lock:
            requests, seconds = dict(self.requests), dict(self.seconds)
        process = f'process="{os.getpid()}"'
        lines = ["# TYPE lontar_requests_total counter"]
        lines += [
            f'lontar_requests_total{{{process},endpoint="{endpoint}",status="{status}"}} {count}'
            for (endpoint, status), count in sorted(requests.items())
        ]
        lines.append("# TYPE lontar_request_seconds_total counter")
        lines += [
            f'lontar_request_seconds_total{{{process},endpoint="{endpoint}"}} {spent:.6f}'
            for endpoint, spent in sorted(seconds.items())
        ]
        return "\n".join(lines) + "\n"


def init(app: Flask) -> None:
    """Count and log requests where a setting asks for it; otherwise cost nothing."""
    counters = app.extensions["counters"] = Counters()
    settings: Config = app.extensions["settings"]
    if not settings.metrics and not settings.log_requests:
        return

    def begin() -> None:
        g.began = time.perf_counter()

    def end(response: Response) -> Response:
        spent = time.perf_counter() - g.get("began", time.perf_counter())
        endpoint = request.endpoint or "unknown"
        counters.add(endpoint, response.status_code, spent)
        if settings.log_requests:
            line = {"method": request.method, "endpoint": endpoint, "status": response.status_code}
            log.info("a request", extra={"fields": line | {"ms": round(spent * 1000, 1)}})
        return response

    app.before_request(begin)
    app.after_request(end)
