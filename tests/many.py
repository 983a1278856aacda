"""How long 15,000 certificates take, and a PDF: `python -m tests.many`, on SQLite and, where it is, on PostgreSQL."""

import os
import time
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, text

from app.core.content import Library
from app.core.load import load
from app.core.progress import Facts, Result
from app.core.proofs import SigningKey
from app.ops import issuing_many, paper
from app.records import hot, standing
from app.records.engine import create_engine, migrate, open_session
from app.records.keys import new_id
from app.records.models import Enrolment, Person, Standing
from config import Config
from tests.core.test_certificates import record
from tests.databases import Copy, Server, folders

N = 15_000
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ROOT = Path(__file__).parents[1]
SHIPPED = "social-protection"


def populate(engine: Engine, library: Library) -> None:
    """People who have done all that the certificate of completion asks for, and nobody has issued it."""
    course = library.courses[SHIPPED]
    quizzes = [library.modules[module].quiz for module in course.modules] + [course.final]
    passed = (Result(number=1, at=NOW, passed=True, score=9000),)
    facts = Facts(
        enrolled_at=NOW,
        readings={place: "x" for module in course.modules for place, _ in library.modules[module].places},
        results={str(quiz): passed for quiz in quizzes if quiz},
        completions={"participation": "LON-0000-0000-0000"},
    )
    packed = standing.pack(facts)
    ids = [new_id() for _ in range(N)]
    bare = {column.name: None for column in Person.__table__.columns}
    with open_session(engine, write=True) as session:
        session.execute(
            Person.__table__.insert(),
            [
                bare
                | {"id": id, "login": f"p{no}", "login_key": f"p{no}", "password_hash": "", "name": f"Litia {no}"}
                | {"name_latin": "", "language": "en", "role": "learner", "demo": False, "search": "", "joined_at": NOW}
                | {"country": ("FJ", "KH", "NP", "TO")[no % 4], "sex": ("woman", "man")[no % 2]}
                for no, id in enumerate(ids)
            ],
        )
        for table, more in ((Enrolment, {"at": NOW, "cohort": None}), (Standing, {"packed": packed})):
            rows = [{"person_id": id, "course": SHIPPED, **({"id": uuid.uuid4()} if table is Enrolment else {}), **more}
                    for id in ids]  # fmt: skip
            session.execute(table.__table__.insert(), rows)
        session.commit()


@contextmanager
def silent(_label: str, _length: int) -> Any:
    yield lambda _n: None


def measure(address: str, library: Library) -> str:
    engine = create_engine(address)
    migrate(engine)
    populate(engine, library)
    config = Config(issuer_name="Institute", instance=Path("/nowhere"))
    begun, spent = time.perf_counter(), time.process_time()
    done = issuing_many.issue(engine, config, SHIPPED, False, NOW, silent)
    took, spent = time.perf_counter() - begun, time.process_time() - spent
    with open_session(engine, write=False) as session:
        numbers = session.execute(text("SELECT count(DISTINCT number) FROM certificate")).scalar()
    name = engine.dialect.name
    hot.close(engine)
    assert done.issued == numbers == N
    return f"{name}: {N:,} certificates in {took:.1f} s ({spent:.1f} s of processor time), {N / took:,.0f} a second"


def main() -> None:
    library, _problems = load(ROOT, today=NOW.date())
    assert library is not None
    issuing_many.library_of = lambda _config: library
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    with TemporaryDirectory() as folder:
        print(measure(f"sqlite:///{folder}/many.sqlite", library))
    if programs := folders():
        server = Server(programs[0])
        with Copy(server.address) as address:
            print(measure(address, library))
        server.stop()
    config, key, spent = Config(base_url="https://learn.example.org"), SigningKey(bytes(range(32))), []
    for number in range(40):
        begun = time.process_time()
        paper.make(config, record(name=f"Litia Vakatāwale {number}"), key=key)
        spent.append((time.process_time() - begun) * 1000)
    print(
        f"a PDF, signed and sealed: median {sorted(spent[1:])[19]:.0f} ms, best {min(spent):.0f} ms,"
        f" the first {spent[0]:.0f} ms"
    )


if __name__ == "__main__":
    main()
