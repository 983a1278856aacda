"""How often a wrong password may be tried: by account, by device that has signed in before, by network.

A known device has a count of its own, so that strangers cannot lock its owner out; a ministry on one address passes.
"""

import ipaddress
import secrets
from dataclasses import dataclass

from flask import Response, request

from app.records import sign_ins
from app.records.people import fold
from app.web import db, sessions
from app.web.i18n import gettext as _

DEVICE_COOKIE = "lontar-device"
DEVICE_SECONDS = 400 * 24 * 3600
MOST_KNOWN = 8
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PER_ACCOUNT, PER_DEVICE, PER_NETWORK, PER_NETWORK_NEW = 10, 10, 300, 300


@dataclass(frozen=True)
class Device:
    """A browser as its cookie describes it: a random id and marks of the accounts that have signed in on it."""

    id: str
    marks: tuple[str, ...]

    def knows(self, login: str) -> bool:
        return mark(self.id, login) in self.marks


def mark(device: str, login: str) -> str:
    return sessions.sign("device", device, fold(login))[:16]


def device() -> Device:
    id, _dot, marks = request.cookies.get(DEVICE_COOKIE, "").partition(".")
    return Device(id[:32], tuple(marks.split(".")[:MOST_KNOWN])) if id else Device("", ())


def remember_device(response: Response, login: str) -> None:
    """Mark this browser as one on which this account has signed in."""
    known = device()
    id = known.id or secrets.token_hex(8)
    marks = (mark(id, login), *(one for one in known.marks if one != mark(id, login)))[:MOST_KNOWN]
    secure = db.settings().secure
    value = ".".join((id, *marks))
    response.set_cookie(DEVICE_COOKIE, value, max_age=DEVICE_SECONDS, secure=secure, httponly=True, samesite="Lax")


def network() -> str:
    """The caller's network: /24 for IPv4, /64 for IPv6, hashed."""
    address = caller()
    size = 24 if address.version == 4 else 64
    return "network:" + sessions.sign("network", str(ipaddress.ip_network((address.packed, size), strict=False)))


def caller() -> Address:
    """The caller's address, without the port that some proxies add; all whose address is unreadable are one caller."""
    given = request.remote_addr or ""
    for text in (given, given.rpartition(":")[0].strip("[]")):
        try:
            return ipaddress.ip_address(text)
        except ValueError:
            continue
    return ipaddress.IPv4Address(0)


def keys(login: str) -> dict[str, int]:
    """The counters that a failure for this sign-in name moves, each with its limit."""
    here = device()
    if here.knows(login):
        return {"device:" + sessions.sign("throttle", here.id, fold(login)): PER_DEVICE}
    return {"account:" + sessions.sign("throttle", fold(login)): PER_ACCOUNT, network(): PER_NETWORK}


def too_many(limits: dict[str, int]) -> bool:
    counts = sign_ins.count(db.reading(), list(limits), db.now())
    return any(counts.get(key, 0) >= limit for key, limit in limits.items())


def add_failure(limits: dict[str, int]) -> None:
    """Count one failure within the open transaction."""
    for key in limits:
        sign_ins.add(db.writing(), key, db.now())


def too_many_words() -> str:
    return _("There were too many wrong tries. Wait an hour, or use a device on which you signed in before.")
