"""Counts of answers, item by item. `app.records.engine.migrate` fills them from what was handed in before."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def cells(*who: str) -> list[sa.Column[Any]]:
    return [
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.String(length=32), nullable=False),
        sa.Column("later", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("option", sa.Text(), nullable=False),
        sa.Column("band", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in who),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
    ]


def upgrade() -> None:
    key = ("item", "key_hash", "later", "option", "band")
    who = ("sex", "language", "region")
    for name, more in (("item_tally", who), ("item_sum", ())):
        columns = (*key, *more)
        unique = sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{name}"))
        op.create_table(name, *cells(*more), unique, sqlite_with_rowid=False)
    op.create_table(
        "country_group",
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("country", name=op.f("pk_country_group")),
    )
