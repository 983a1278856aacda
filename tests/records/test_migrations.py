"""The schema: made by migrations, equal to the models, guarded after every change, data in place."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Engine, Text, text

from app.core.filters import Filters
from app.records import overview, places, standing, triggers
from app.records.engine import HEAD, MIGRATIONS, create_engine, migrate, open_session, schema_change, schema_ready
from app.records.models import FACTS, Base
from tests.databases import Copy
from tests.records.samples import COURSE, LIBRARY, NOW, complete, join


@pytest.fixture
def script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


@pytest.fixture
def own(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database with all tables, whose schema the test may change."""
    with ExitStack() as undo:
        if backend == "sqlite":
            file = shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "own.sqlite")
            address = f"sqlite:///{file}"
        else:
            server = request.getfixturevalue("postgresql_server")
            address = undo.enter_context(Copy(server, request.getfixturevalue("postgresql_template")))
        engine = create_engine(address)
        undo.callback(engine.dispose)
        yield engine


COLUMNS = """
    SELECT table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns
    WHERE table_schema = 'public' ORDER BY 1, 2
"""
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"


def schema(engine: Engine) -> list[tuple[object, ...]]:
    """Tables, columns and indexes as the database itself tells them."""
    told = ("SELECT name, sql FROM sqlite_master ORDER BY 1, 2",)
    with engine.connect() as connection:
        queries = told if engine.dialect.name == "sqlite" else (COLUMNS, INDEXES)
        return [tuple(row) for query in queries for row in connection.exec_driver_sql(query)]


def guards(engine: Engine) -> set[str]:
    with open_session(engine, write=False) as session:
        return triggers.present(session.connection())


LATER_INDEXES = (
    *("ix_person_country", "ix_attempt_open", "ix_tally_organisation"),
    *("ix_completion_country", "ix_completion_organisation_id"),
)
LATER = (  # tables of later releases, those that point first
    *("checked", "allowance", "timer", "uptime", "regrade"),
    *("draft_file", "draft", "source", "release", "response", "survey_choice"),
    *("sealed_key", "issuer_key", "status_place"),
    *("reissue", "identity_check", "name_correction"),
    *("import_row", "import_run", "focal_post", "shared_note", "wish", "membership", "no_mail", "invitation"),
    *("enrolment_key", "cohort", "organisation_merge", "listed_organisation"),
    *("item_tally", "item_sum", "country_group"),
    *("second_step", "spare_code", "announcement"),
    *("api_token", "intervention", "double_count"),
    *("frozen", "saved_export"),
    *(
        "profile_tally",
        "country_tally",
        "group_tally",
        "organisation_tally",
        "step_tally",
        "step_profile",
        "step_group",
        "kept_step",
        "last_act",
        "course_quiz",
        "denominator",
    ),
)


def test_the_newest_migration_is_the_one_that_this_program_needs(script: ScriptDirectory) -> None:
    assert script.get_heads() == [HEAD]


def test_an_empty_database_gets_all_tables_and_guards_once(empty_url: str) -> None:
    engine = create_engine(empty_url)
    for _ in range(2):
        migrate(engine)
        assert schema_ready(engine) is True
        assert guards(engine) == triggers.names(engine.dialect.name)
    engine.dispose()


def test_a_database_of_the_first_release_is_brought_up_to_date(empty_url: str) -> None:
    engine = create_engine(empty_url)
    if engine.dialect.name == "sqlite":
        Path(str(engine.url.database)).touch()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with schema_change(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    first = tuple(one for one in FACTS if one not in LATER)
    assert guards(engine) == triggers.names(engine.dialect.name, first)
    assert schema_ready(engine) is False
    migrate(engine)
    with open_session(engine, write=True) as session:
        person = join(session)
        numbers = complete(session, person)
        session.commit()
        facts = standing.facts(session, person, COURSE)
    with schema_change(engine) as connection:  # as the first release left it
        for table in LATER:
            connection.exec_driver_sql(f"DROP TABLE {table}")
        for index in LATER_INDEXES:
            connection.exec_driver_sql(f"DROP INDEX {index}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert guards(engine) == triggers.names(engine.dialect.name, first)
    migrate(engine)
    assert guards(engine) == triggers.names(engine.dialect.name)
    with open_session(engine, write=False) as session:
        assert len(numbers) == len(facts.completions) == 2
        assert standing.recount(session, person, COURSE) == facts
        assert standing.compare(session) == []
        found = {places.of(session, number) for number in numbers}
        assert (len(found), None in found, places.lacking(session)) == (2, False, [])
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_steps_of_erased_people_outlive_their_new_columns(empty_url: str) -> None:
    engine, config = create_engine(empty_url), Config()
    if engine.dialect.name == "sqlite":
        Path(str(engine.url.database)).touch()
    config.set_main_option("script_location", str(MIGRATIONS))
    with schema_change(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0016")
        row = f"('{COURSE}', 'section', 'welcome/start', 'FJ', 'woman', 3)"
        for table in ("kept_step", "step_tally"):
            connection.exec_driver_sql(f"INSERT INTO {table} (course, measure, step, country, sex, n) VALUES {row}")
    migrate(engine)
    with open_session(engine, write=False) as session:
        for filters in (
            Filters(course=COURSE, country=("FJ",)),
            Filters(course=COURSE, sex=("woman",), age_band=("",)),
        ):
            assert overview.steps(session, filters, LIBRARY, ("section",)) == {"section": {"welcome/start": 3}}, filters
        assert standing.compare(session) == []
    engine.dispose()


def test_migrations_make_the_tables_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_table_of_facts_is_guarded(engine: Engine) -> None:
    kinds = ["kept", "unchanged", *(["whole"] if engine.dialect.name == "postgresql" else [])]
    assert guards(engine) == {f"{table}_{kind}" for table in FACTS for kind in kinds}


def test_rebuilding_tables_keeps_their_rows_and_guards(own: Engine) -> None:
    with open_session(own, write=True) as session:
        person = join(session)
        complete(session, person)
        session.commit()
        facts = standing.recount(session, person, COURSE)
    for table in ("attempt", "reading", "completion", "certificate"):
        with schema_change(own) as connection:
            operations = Operations(MigrationContext.configure(connection, opts={"transactional_ddl": True}))
            always = "always" if own.dialect.name == "sqlite" else "auto"
            with operations.batch_alter_table(table, recreate=always) as change:
                change.add_column(Column("extra", Text(), nullable=True))
        assert guards(own) == triggers.names(own.dialect.name)
    with open_session(own, write=False) as session:
        assert standing.recount(session, person, COURSE) == facts


def test_a_change_that_fails_changes_nothing(own: Engine) -> None:
    def change() -> None:
        with schema_change(own) as connection:
            connection.execute(text("ALTER TABLE note ADD COLUMN extra TEXT"))
            raise RuntimeError("the power went")

    before = schema(own)
    with pytest.raises(RuntimeError, match="the power went"):
        change()
    assert guards(own) == triggers.names(own.dialect.name)
    assert schema(own) == before


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_change_that_leaves_orphans_is_undone_on_sqlite(own: Engine) -> None:
    with open_session(own, write=True) as session:
        complete(session, join(session), NOW)
        session.commit()

    def change() -> None:
        with schema_change(own) as connection:
            connection.execute(text("DELETE FROM person"))

    with pytest.raises(RuntimeError, match="points to a row of person that is gone"):
        change()
