"""Every test of records that asks for `engine` runs on SQLite and on PostgreSQL."""

from tests.databases import (
    backend,
    empty_url,
    engine,
    postgresql_server,
    postgresql_template,
    sqlite_template,
    url,
)

__all__ = ["backend", "empty_url", "engine", "postgresql_server", "postgresql_template", "sqlite_template", "url"]
