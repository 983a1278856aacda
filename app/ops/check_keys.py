"""Health checks of what certificates are signed with."""

from collections.abc import Iterator

from app.ops import keys
from app.ops.findings import ERROR, OK, WARNING, Finding, Site
from app.records import issuer_keys, places
from app.records.engine import open_session

SHOWN = 3  # numbers named in one line


def signing_key(site: Site) -> Iterator[Finding]:
    """Red until the key signs, and somebody has opened it in a backup; on a trial site the latter is a warning."""
    with open_session(site.engine, write=False) as session:
        known = issuer_keys.known(session)
        sealed = issuer_keys.sealed(session)
    if not known and not keys.place(site.config).exists():
        yield Finding("issuer key", WARNING, "there is none yet", "the first `lontar serve` makes it")
        return
    if found := keys.trouble(site.engine, site.config):
        yield Finding("issuer key", ERROR, str(found), found.advice)
        return
    public = keys.load(site.config).public
    with open_session(site.engine, write=False) as session:
        confirmed = issuer_keys.confirmed(session, public)
    state = ERROR if site.serious else WARNING
    if sealed is None or sealed.public != public:
        advice = "run `lontar keys protect`, then `lontar backup` and `lontar keys confirm FILE`"
        yield Finding("issuer key", state, "it is in no backup: with this machine it would be lost", advice)
    elif confirmed is None or confirmed < sealed.at:
        advice = "run `lontar backup`, then `lontar keys confirm FILE` with that backup"
        yield Finding("issuer key", state, "nobody has yet opened it in a backup", advice)
    else:
        said = f"{public} signs; it was opened in a backup on {confirmed:%Y-%m-%d}; {len(known)} key(s) in all"
        yield Finding("issuer key", OK, said)


def status_places(site: Site) -> Iterator[Finding]:
    with open_session(site.engine, write=False) as session:
        lacking = places.lacking(session)
    if lacking:
        more = " …" if len(lacking) > SHOWN else ""
        said = f"{len(lacking)} certificate(s) could not be revoked offline ({', '.join(lacking[:SHOWN])}{more})"
        yield Finding("status lists", ERROR, said, "start the server again, which gives them their places")
    else:
        yield Finding("status lists", OK, "every certificate has its place")
