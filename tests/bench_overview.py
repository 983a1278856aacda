"""How long the pages of the overview take with many people: python -m tests.bench_overview [--people 1000000] [--url …]

The counts are made up (drawn by weights over every cell that people fill) and lie in a database of their own, an
SQLite file or the empty PostgreSQL database of the address. Times are of the application in this process: the clock,
and the processor time, in which a PostgreSQL server's own is not.
"""

import argparse
import random
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median

from sqlalchemy import text

from app import create_app
from app.core.content import Library
from app.core.profile import AGE_BANDS, MINISTRY_TYPES, SEXES
from app.ops.serving import check
from app.records import margins, tallies
from app.records.engine import create_engine, migrate, open_session
from app.records.sql import statement
from app.records.steps import SUMS
from config import Config
from tests import learners
from tests.bench import COURSE, machine

TIMES, MONTHS, ORGANISATIONS = 5, 24, 40
SECRET, BASE = "a secret that is long enough for a measurement", "http://127.0.0.1:8000"
FILTERS = (
    "",
    "period=",
    "country=IN",
    "sex=woman&ministry_type=labour",
    "group=ldc&sex=man",
    "period=2025",
    "organisation=-",
)
PAGES = ("/admin", "/admin/overview/people", "/admin/overview/learning", "/admin/overview/surveys")
WIDE = "course, measure, month, country, sex, ministry_type, organisation, age_band, language, n"


def months(now: datetime) -> list[str]:
    places = [now.year * 12 + now.month - 1 - ago for ago in range(MONTHS)]
    return [f"{place // 12}-{place % 12 + 1:02}" for place in places]


def people(library: Library, number: int, now: datetime) -> Iterator[tuple[str, ...]]:
    """The profile of each, with the month of enrolment."""
    chance = random.Random(number)
    countries = [*library.countries, ""]
    weights = [1 / (place + 2) for place in range(len(countries))]
    chance.shuffle(weights)
    whos = {code: [uuid.UUID(int=chance.getrandbits(128)).hex for _ in range(ORGANISATIONS)] for code in countries}
    drawn = zip(
        chance.choices(countries, weights, k=number),
        chance.choices((*SEXES, ""), (52, 41, 1, 6), k=number),
        chance.choices((*MINISTRY_TYPES, ""), k=number),
        chance.choices(range(-20, ORGANISATIONS), k=number),
        chance.choices((*AGE_BANDS, ""), k=number),
        chance.choices(("en", "fr", "km"), (8, 1, 1), k=number),
        chance.choices(months(now), k=number),
        strict=True,
    )
    for country, sex, ministry, organisation, age, language, month in drawn:
        named = whos[country][organisation] if organisation >= 0 else ""
        yield month, country, sex, ministry, named, age, language


def fill(engine, library: Library, number: int, now: datetime) -> int:
    """Write the counts of so many people; returns how many rows `tally` has."""
    cells: Counter[tuple[str, ...]] = Counter()
    steps = {sums.table: Counter[tuple[str, ...]]() for sums in SUMS}
    sections = [place for id in library.courses[COURSE].modules for place, _section in library.modules[id].places]
    who = {sums.table: Counter[tuple[str, ...]]() for sums in SUMS}
    acts = []
    for place, (month, *profile) in enumerate(people(library, number, now)):
        reached = ("enrolled", "started", "completion", "certificate")[: 1 + (place % 10 > 0) + 2 * (place % 2)]
        cells.update((COURSE, measure, month, *profile) for measure in reached)
        for sums in SUMS:
            who[sums.table][sums.of(profile)] += 1
        if place % 8 == 0:
            at = now - timedelta(seconds=place % 2_500_000)
            acts.append({"person_id": uuid.UUID(int=place), "course": COURSE, "at": at}
                        | dict(zip(("country", "sex", "ministry_type", "organisation", "age_band", "language"),
                                   profile, strict=True)))  # fmt: skip
    for table, groups in who.items():
        for stated, n in groups.items():
            steps[table].update(
                {(COURSE, "section", one, *stated): n * (100 - place) // 100 for place, one in enumerate(sections)}
            )
            steps[table].update({(COURSE, "days", str(one), *stated): 1 + n // 400 for one in range(200)})
    with open_session(engine, write=True) as session:
        if engine.dialect.name == "postgresql":
            session.execute(text("SET session_replication_role = replica"))  # last acts of people who are not there
        else:
            session.execute(text("PRAGMA defer_foreign_keys = ON"))
        _insert(session, "tally", tallies.KEY, cells)
        for sums in SUMS:
            _insert(session, sums.table, sums.key, steps[sums.table])
        margins.rebuild(session)
        session.commit()
    _write_acts(engine, acts)
    return len(cells)


def _insert(session, table: str, key: tuple[str, ...], counts: Counter[tuple[str, ...]]) -> None:
    sql = statement(f"INSERT INTO {table} ({', '.join(key)}, n) VALUES ({', '.join(f':{one}' for one in key)}, :n)")
    rows = [dict(zip(key, cell, strict=True)) | {"n": n} for cell, n in sorted(counts.items())]
    for start in range(0, len(rows), 50_000):
        session.execute(sql, rows[start : start + 50_000])


def _write_acts(engine, acts: list[dict[str, object]]) -> None:
    names = list(acts[0])
    sql = statement(f"INSERT INTO last_act ({', '.join(names)}) VALUES ({', '.join(f':{one}' for one in names)})")
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=0")
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(sql, acts)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "postgresql" else "PRAGMA optimize")


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--people", type=int, default=100_000)
    asked.add_argument("--url", default="")
    given = asked.parse_args()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = {"LONTAR_INSTANCE": folder, "LONTAR_SECRET": SECRET, "LONTAR_BASE_URL": BASE}
        config = Config.from_environment(settings | ({"LONTAR_DATABASE_URL": given.url} if given.url else {}))
        library, _problems = check(config)
        assert library is not None
        engine, now = create_engine(config.database), datetime.now(UTC)
        migrate(engine)
        began = time.process_time()
        rows = fill(engine, library, given.people, now)
        with open_session(engine, write=True) as session:
            (boss,) = learners.make(session, SECRET.encode(), ["boss"], role="administrator")
            session.commit()
        print(
            f"{given.people:,} people, {rows:,} rows of counts, filled in {time.process_time() - began:.0f} s",
            flush=True,
        )
        visitor = create_app(config, library).test_client()
        visitor.set_cookie("lontar", boss.token, domain="127.0.0.1")
        for path in PAGES:
            for query in FILTERS:
                measure(visitor, f"{path}?{query}")


def measure(visitor, path: str) -> None:
    waits, cpu = [], []
    for _ in range(TIMES):
        start, spent = time.perf_counter(), time.process_time()
        reply = visitor.get(path, base_url=BASE)
        cpu.append(1000 * (time.process_time() - spent))
        waits.append(1000 * (time.perf_counter() - start))
        assert reply.status_code == 200, (reply.status_code, path)
    print(f"{path}: median {median(waits):.0f} ms, {median(cpu):.0f} ms of CPU, {len(reply.data):,} bytes", flush=True)


if __name__ == "__main__":
    main()
