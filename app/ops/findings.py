"""What a health check finds, and the site that it looks at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Engine

from app.core.content import Library, Problem
from app.ops.serving import actual, check
from app.records import hot
from app.records.engine import create_engine
from config import Config

OK, WARNING, ERROR = "ok", "warning", "error"


@dataclass(frozen=True)
class Finding:
    """One row of the report: `state` is ok, warning or error, `said` what was found, `advice` what to do about it."""

    check: str
    state: str
    said: str
    advice: str = ""


class Site:
    """The site of these settings at `now`; what is costly is made when first asked for."""

    def __init__(self, config: Config, now: datetime) -> None:
        self.config = config
        self.now = now
        self.told: Callable[[float], None] = lambda _share: None  # how far a check is that takes long, from 0 to 1

    @cached_property
    def engine(self) -> Engine:
        return create_engine(self.config.database)

    @cached_property
    def course(self) -> tuple[Library | None, list[Problem]]:
        return check(actual(self.config))

    def close(self) -> None:
        hot.close(self.engine)

    @property
    def serious(self) -> bool:
        """Whether certificates of this site certify: it has an issuer and an address that others can reach."""
        return bool(self.config.issuer_name) and not self.config.loopback


Check = Callable[[Site], Iterator[Finding]]
