"""Regrades that were run: an attempt that was open then is judged by them when it is handed in."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.content import Item
from app.core.papers import Answer, Grade, Paper, Question
from app.core.regrading import Change, Rules, regrade
from app.core.tallying import VOID
from app.records import hot
from app.records.sitting import Regrade
from app.records.sql import Plain, insert_into


class Order(NamedTuple):
    """A regrade as it applies to an attempt that was open when it ran."""

    rules: Rules
    reason: str


NEXT = Plain("SELECT coalesce(max(number), 0) + 1 AS number FROM regrade")
ADD = Plain(insert_into(Regrade))
MET = Plain(
    """
    SELECT rules, reason FROM regrade WHERE quiz = :quiz AND regrade.at >= :opened_at ORDER BY number
    """
)


def add(session: Session, quiz: str, rules: Rules, reason: str, now: datetime) -> None:
    """Write a regrade down, to be met by the attempts that are open now."""
    kept = {"changes": [list(one) for one in rules.changes.values()], "void": sorted(rules.void), "lower": rules.lower}
    number = hot.first(session, NEXT, {}).number
    row = {"number": number, "quiz": quiz, "rules": json.dumps(kept), "reason": reason, "at": now}
    hot.rows(session, ADD, row)


def met(place: Session | Engine, quiz: str, opened_at: datetime) -> list[Order]:
    """The regrades that ran after an attempt at this quiz was opened, the first one first."""
    return [
        Order(_rules(row.rules), row.reason) for row in hot.rows(place, MET, {"quiz": quiz, "opened_at": opened_at})
    ]


def _rules(kept: str) -> Rules:
    read: dict[str, Any] = json.loads(kept)
    changes = [Change(*one) for one in read["changes"]]
    return Rules({(one.item, one.version): one for one in changes}, frozenset(read["void"]), read["lower"])


def versions_in(orders: Iterable[Order]) -> set[str]:
    """The versions of items that judge by these regrades."""
    return {change.today for order in orders for change in order.rules.changes.values()}


def judged_by(question: Question, orders: Iterable[Order]) -> str:
    """The version that judges this question of an open attempt, or "void" where everybody gets its points."""
    version = question.version
    for order in orders:
        if version != VOID and question.item in order.rules.void:
            version = VOID
        elif change := order.rules.changes.get((question.item, version)):
            version = change.today
    return version


def grades(
    paper: Paper,
    items: Mapping[str, Item],
    given: Mapping[int, Answer],
    first: Grade,
    pass_mark: int,
    orders: Sequence[Order],
) -> list[tuple[Grade, str]]:
    """The grades that follow the one by the key that was asked, each with its reason."""
    found: list[tuple[Grade, str]] = []
    for order in orders:
        newer = regrade(paper, items, given, found[-1][0] if found else first, pass_mark, order.rules)
        if newer:
            found.append((newer, order.reason))
    return found
