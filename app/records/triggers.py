"""The guards of the facts: triggers that refuse UPDATE and DELETE, in the words of both databases.

A fact may go in one case only: its person stands in `erasure`. An attempt may change once, when it is handed in.
`app.records.engine.schema_change` drops and makes them anew, since rebuilding a table on SQLite loses its triggers.
"""

from sqlalchemy import Connection, inspect, text

from app.records.models import FACTS, Attempt

OF_CERTIFICATE = (
    "(SELECT completion.person_id FROM certificate JOIN completion ON completion.id = certificate.completion_id"
    " WHERE certificate.id = OLD.certificate_id)"
)
OWNER = {
    "enrolment": "OLD.person_id",
    "reading": "OLD.person_id",
    "attempt": "OLD.person_id",
    "completion": "OLD.person_id",
    "response": "OLD.person_id",
    "allowance": "OLD.person_id",
    "grade": "(SELECT person_id FROM attempt WHERE id = OLD.attempt_id)",
    "checked": "(SELECT person_id FROM attempt WHERE id = OLD.attempt_id)",
    "certificate": "(SELECT person_id FROM completion WHERE id = OLD.completion_id)",
    "revocation": OF_CERTIFICATE,
    "reissue": OF_CERTIFICATE,
    "identity_check": "OLD.person_id",
    "intervention": "OLD.person_id",
}
HAND_IN = ("handed_in_at", "answers", "sex", "country", "language")
FIXED = tuple(column.name for column in Attempt.__table__.columns if column.name not in HAND_IN)
HANDED_IN_ONCE = " AND ".join(
    [
        "OLD.handed_in_at IS NULL",
        "NEW.handed_in_at IS NOT NULL",
        *(f"NEW.{name} = OLD.{name}" for name in FIXED),
    ]
)


def names(dialect: str, tables: tuple[str, ...] = FACTS) -> set[str]:
    """The triggers that must stand on these tables."""
    kinds = ("unchanged", "kept", "whole") if dialect == "postgresql" else ("unchanged", "kept")
    return {f"{table}_{kind}" for table in tables for kind in kinds}


def present(connection: Connection) -> set[str]:
    """The triggers that stand in the database."""
    query = (
        "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " WHERE NOT tgisinternal AND tgenabled = 'O' AND relnamespace = current_schema()::regnamespace"
        if connection.dialect.name == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    return set(connection.execute(text(query)).scalars())


def drop(connection: Connection) -> None:
    """Take every guard away; only within a change of the schema."""
    for name in sorted(present(connection)):
        table = name.rpartition("_")[0]
        on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")


def create(connection: Connection) -> None:
    """Put the guards on every table of facts that exists."""
    statements = on_postgresql if connection.dialect.name == "postgresql" else on_sqlite
    existing = set(inspect(connection).get_table_names())
    for table in FACTS:
        if table in existing:
            for statement in statements(table):
                connection.exec_driver_sql(statement)


def words(table: str) -> tuple[str, str]:
    """What is said to whoever tries to change or to delete a row."""
    change = f"{table} is a fact and " + ("changes once, at hand-in" if table == "attempt" else "never changes")
    removal = "only for a person who is being erased" if table in OWNER else "never"
    return f"refused: {change}", f"refused: {table} is a fact and is deleted {removal}"


def on_sqlite(table: str) -> list[str]:
    change, removal = words(table)
    unless_handed_in = f"WHEN NOT coalesce({HANDED_IN_ONCE}, FALSE) " if table == "attempt" else ""
    erased = f"EXISTS (SELECT 1 FROM erasure WHERE person_id = {OWNER.get(table)})"
    unless_erased = f"WHEN NOT {erased} " if table in OWNER else ""
    return [
        f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} {unless_handed_in}"
        f"BEGIN SELECT RAISE(ABORT, '{change}'); END",
        f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {unless_erased}"
        f"BEGIN SELECT RAISE(ABORT, '{removal}'); END",
    ]


def on_postgresql(table: str) -> list[str]:
    change, removal = words(table)
    allow_hand_in = f"IF {HANDED_IN_ONCE} THEN RETURN NEW; END IF; " if table == "attempt" else ""
    allow_erased = (
        f"IF EXISTS (SELECT 1 FROM erasure WHERE person_id = {OWNER[table]}) THEN RETURN OLD; END IF; "
        if table in OWNER
        else ""
    )
    return [
        _function(f"{table}_unchanged", allow_hand_in, change),
        _function(f"{table}_kept", allow_erased, removal),
        _function(f"{table}_whole", "", removal),
        f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_unchanged()",
        f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_kept()",
        f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_whole()",
    ]


def _function(name: str, exception: str, message: str) -> str:
    """A PostgreSQL function that refuses as an integrity error, except where `exception` lets the row pass."""
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {exception}"
        f"RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$"
    )
