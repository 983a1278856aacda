"""Smaller sums of the counts of people. `app.records.engine.migrate` fills them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def counts(name: str, *by: str) -> None:
    key = ("course", "measure", "month", *by)
    op.create_table(
        name,
        *(sa.Column(one, sa.String(length=7) if one == "month" else sa.Text(), nullable=False) for one in key),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )


def upgrade() -> None:
    counts("profile_tally", "sex", "ministry_type", "age_band", "language", "named")
    counts("country_tally", "country", "sex", "named")
