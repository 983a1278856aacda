"""A database that is out of order, and failures that may pass: what the errors of both drivers mean."""

import sqlite3

from sqlalchemy.exc import DBAPIError

PATIENCE = 5  # seconds to wait for a lock or a connection

SQLITE_OUT_OF_ORDER = {
    sqlite3.SQLITE_BUSY: "the database is locked by another program",
    sqlite3.SQLITE_LOCKED: "the database is locked by another program",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written",
    sqlite3.SQLITE_READONLY: "the database cannot be written",
    sqlite3.SQLITE_PERM: "the database cannot be opened",
    sqlite3.SQLITE_CORRUPT: "the database is damaged",
    sqlite3.SQLITE_NOTADB: "the file is not a database",
}
POSTGRESQL_OUT_OF_ORDER = ("08", "53", "57P", "55P03", "58", "25006", "3D000", "28")
TRANSIENT = ("40001", "40P01")


class Unavailable(Exception):
    """The database is locked, full, missing or out of reach; nothing was written. The message says which."""


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may succeed when tried again: a deadlock or a failed serialisation."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) in TRANSIENT


def unavailable(error: BaseException) -> Unavailable | None:
    """The error in plain words where the database itself is out of order; None for any other error."""
    if isinstance(error, sqlite3.Error):
        reason = SQLITE_OUT_OF_ORDER.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        return Unavailable(reason) if reason else None
    state = getattr(error, "sqlstate", None)
    lost = state is None and type(error).__name__ == "OperationalError"
    if lost or (state or "").startswith(POSTGRESQL_OUT_OF_ORDER):
        return Unavailable("the database server does not answer" if lost else str(error).splitlines()[0])
    return None
