"""Keys that sign certificates, and a place in the status lists for each certificate that was issued before."""

import random

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
PLACES = 131_072
FILL = PLACES // 2  # of a list, so that later certificates find free places at once


def upgrade() -> None:
    op.create_table(
        "issuer_key",
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("public", name=op.f("pk_issuer_key")),
    )
    op.create_table(
        "sealed_key",
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["public"], ["issuer_key.public"], name=op.f("fk_sealed_key_public_issuer_key")),
        sa.PrimaryKeyConstraint("public", name=op.f("pk_sealed_key")),
    )
    places = op.create_table(
        "status_place",
        sa.Column("list", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("list", "place", name=op.f("pk_status_place")),
        sa.UniqueConstraint("number", name=op.f("uq_status_place_number")),
    )
    numbers = op.get_bind().execute(sa.text("SELECT number FROM certificate ORDER BY number")).scalars().all()
    for start in range(0, len(numbers), FILL):
        some = numbers[start : start + FILL]
        free = random.SystemRandom().sample(range(PLACES), len(some))
        rows = [{"list": start // FILL, "place": at, "number": no} for at, no in zip(free, some, strict=True)]
        op.bulk_insert(places, rows)
