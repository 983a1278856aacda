"""Many certificates at once: after a change of the rules, from a file of earlier completions, by two nodes together."""

import threading
import uuid
from contextlib import contextmanager
from dataclasses import replace as with_settings
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, event, text

from app.core.content import Library
from app.ops import issuing_many
from app.ops.serving import Stopped
from app.records import audit, bulk, certificates, identities, places, standing
from app.records.engine import create_engine, open_session
from config import Config
from tests.ops.bars import SILENT
from tests.records.samples import COURSE, LIBRARY, NOW, join, read_all

RULES = replace(LIBRARY.courses[COURSE], completion={"every_section_read": True, "valid_years": 3})
CHANGED = replace(LIBRARY, courses={COURSE: RULES}, release="release-2")
NUMBERS = "SELECT count(*), count(DISTINCT number), count(DISTINCT completion_id) FROM certificate"


@pytest.fixture
def site(engine: Engine, config: Config, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setattr(issuing_many, "library_of", lambda _config: CHANGED)
    monkeypatch.setattr(bulk, "BATCH", 4)
    return with_settings(config, issuer_name="Institute")


def learners(engine: Engine, n: int, read: int) -> list[uuid.UUID]:
    """People, of whom the first `read` have read every section under the rules before."""
    with open_session(engine, write=True) as session:
        people = [join(session, f"login{one}", "Ana Moana", age_band=None) for one in range(n)]
        for person in people[:read]:
            read_all(session, person)
        session.commit()
    return people


def counts(engine: Engine) -> tuple[int, ...]:
    with open_session(engine, write=False) as session:
        assert standing.compare(session) == []
        assert places.lacking(session) == []
        assert audit.verify_chain(session) is None
        return tuple(session.execute(text(NUMBERS)).one())


def run(engine: Engine, site: Config, dry_run: bool = False) -> issuing_many.Done:
    return issuing_many.issue(engine, site, COURSE, dry_run, NOW, SILENT)


def test_a_changed_rule_is_made_good_for_all(engine: Engine, site: Config) -> None:
    people = learners(engine, 11, 9)
    with open_session(engine, write=True) as session:
        identities.confirm(session, people[0], COURSE, "Ministry of Rivers", NOW.date(), None, NOW)
        session.commit()
    assert counts(engine) == (9, 9, 9)
    assert run(engine, site, dry_run=True) == (9, 9)
    assert counts(engine) == (9, 9, 9)
    assert run(engine, site) == (9, 9)
    assert counts(engine) == (18, 18, 18)
    assert run(engine, site) == (0, 9)
    with open_session(engine, write=False) as session:
        found = next(one for one in certificates.of_person(session, people[0], NOW) if one.kind == "completion")
        assert found.record is not None
        assert found.record["identity"] == {"office": "Ministry of Rivers", "date": "2026-11-21"}
        assert (found.record["expiry"], found.record["name"]) == ("2029-11-21", "Ana Moana")
        assert audit.latest(session)[0].deed == "issue"


@contextmanager
def statements(engine: Engine) -> Any:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        seen.append(sql)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_a_batch_takes_the_same_number_of_statements_however_large(
    engine: Engine, site: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    learners(engine, 14, 14)
    taken = []
    for size in (3, 12):
        monkeypatch.setattr(bulk, "BATCH", size)
        with open_session(engine, write=True) as session, statements(engine) as seen:
            people, _after = bulk.due(session, CHANGED, RULES, uuid.UUID(int=0), NOW)
            issued = bulk.issue_due(session, CHANGED, RULES, people, NOW, issuing_many.issuer_of(site), "x")
        taken.append((issued, len(seen)))
    assert [issued for issued, _ in taken] == [3, 12]
    assert taken[0][1] == taken[1][1] < 20


def test_two_nodes_at_once_issue_nothing_twice(engine: Engine, url: str, site: Config) -> None:
    learners(engine, 16, 16)
    others = [create_engine(url) for _ in range(3)]
    done: list[issuing_many.Done] = []
    threads = [threading.Thread(target=lambda one=one: done.append(run(one, site))) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in others:
        one.dispose()
    assert sum(one.issued for one in done) == 16
    assert counts(engine) == (32, 32, 32)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_run_that_was_stopped_goes_on(engine: Engine, site: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    learners(engine, 10, 10)
    whole, calls = bulk.issue_due, []

    def stops(*given: Any) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return whole(*given)

    monkeypatch.setattr(bulk, "issue_due", stops)
    with pytest.raises(OSError, match="No space"):
        run(engine, site)
    assert counts(engine) == (14, 14, 14)
    assert run(engine, site).issued == 6
    assert counts(engine) == (20, 20, 20)


# Earlier completions


def table(folder: Path, *lines: str) -> Path:
    file = folder / "earlier.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return file


def bring(engine: Engine, site: Config, file: Path, dry_run: bool = False) -> issuing_many.Done:
    return issuing_many.import_completions(engine, site, file, COURSE, dry_run, NOW, SILENT)


def test_earlier_completions_are_certified_as_what_they_are(engine: Engine, site: Config, tmp_path: Path) -> None:
    people = learners(engine, 7, 1)
    lines = [f"LOGIN{one},2024-05-0{one + 1},,0.5,fr" for one in range(6)] + ["login0,2024-06-01,participation,,"]
    file = table(tmp_path, "login,date,kind,version,language", *lines)
    assert bring(engine, site, file, dry_run=True) == (0, 7)
    assert counts(engine) == (1, 1, 1)
    assert bring(engine, site, file) == (6, 7)  # who took part by reading has that certificate already
    assert bring(engine, site, file) == (0, 7)
    assert counts(engine) == (7, 7, 7)
    with open_session(engine, write=False) as session:
        (found,) = certificates.of_person(session, people[3], NOW)
        assert found.record is not None
        kept = {key: found.record[key] for key in ("date", "version", "expiry", "topics", "language")}
        assert kept == {"date": "2024-05-04", "version": "0.5", "expiry": "2027-05-04", "topics": [], "language": "fr"}
        assert found.record["rule"]["quiz_pass_mark"] is None
        assert standing.facts(session, people[3], COURSE).completions == {"completion": found.number}
        assert session.execute(text("SELECT count(*) FROM enrolment")).scalar() == 6


WRONG = [
    (("name,date", "x,2024-01-01"), "here: name, no login"),
    (("login,date", "nobody,2024-01-01"), "line 2: nobody signs in as nobody"),
    (("login,date", "login0,01/05/2024"), "line 2: the date is '01/05/2024'; write it like 2025-03-31"),
    (("login,date", "login0,2027-01-01"), "line 2: the date 2027-01-01 is yet to come"),
    (("login,date,kind", "login0,2024-01-01,diploma"), "line 2: the kind is 'diploma'"),
    (("login,date", "login0,2024-01-01", "Login0,2024-02-01"), "line 3: the same person and kind stand in line 2"),
    (("login,date", ",2024-01-01"), "line 2: there is no login"),
]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_wrong_file_issues_nothing_and_names_its_lines(engine: Engine, site: Config, tmp_path: Path) -> None:
    learners(engine, 1, 0)
    for lines, said in WRONG:
        with pytest.raises(Stopped) as raised:
            bring(engine, site, table(tmp_path, *lines))
        assert said in str(raised.value)
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\0\0")
    with pytest.raises(Stopped, match="no CSV file in UTF-8"):
        bring(engine, site, tmp_path / "bytes.csv")
    assert counts(engine) == (0, 0, 0)


def test_libraries_are_those_that_learners_get(tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        issuing_many.library_of(Config(instance=tmp_path, content=tmp_path / "nowhere"))
    assert isinstance(CHANGED, Library)
