"""The health check of what was published: whether this machine serves what the records say."""

from collections.abc import Iterator

from app.ops import releases, serving
from app.ops.findings import ERROR, OK, Finding, Site
from app.records import releases as kept
from app.records.engine import open_session


def published(site: Site) -> Iterator[Finding]:
    with open_session(site.engine, write=False) as session:
        wrong, last = releases.differs(session, site.config), kept.newest(session)
    if wrong:
        advice = "run `lontar reload` (or start the server), which makes it anew from the records"
        yield Finding("release", ERROR, wrong, advice)
    elif last and last.content:
        since = last.at.astimezone(site.config.zone).strftime("%Y-%m-%d %H:%M %Z")
        folder = serving.folder_of(site.config, last.content)
        yield Finding("release", OK, f"release {last.content} is served since {since}, from {folder}")
    else:
        yield Finding("release", OK, f"nothing is published: the content root {site.config.content} is served")
