"""Regrades that were run, for attempts that were open then."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "regrade",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("quiz", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_regrade")),
    )
    op.create_index(op.f("ix_regrade_quiz"), "regrade", ["quiz"], unique=False)
