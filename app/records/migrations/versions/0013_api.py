"""Tokens of other systems, administrators' changes of learners, doubled counts, an index for the list of people."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
MOMENT = sa.DateTime(timezone=True)
CELL = ("course", "measure", "month", "country", "sex", "ministry_type", "organisation", "age_band", "language")
LISTED = ["search", "id", "country", "sex", "ministry_type", "age_band", "language", "organisation_id"]


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("noted", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_token_hash")),
    )
    op.create_index(op.f("ix_api_token_person_id"), "api_token", ["person_id"], unique=False)
    op.create_table(
        "intervention",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_intervention_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intervention")),
    )
    op.create_index(op.f("ix_intervention_person_id"), "intervention", ["person_id"], unique=False)
    op.create_index("ix_intervention_other_id", "intervention", ["other_id"], unique=False)
    op.create_table(
        "double_count",
        *(sa.Column(name, sa.String(7) if name == "month" else sa.Text(), nullable=False) for name in CELL),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*CELL, name=op.f("pk_double_count")),
    )
    op.drop_index("ix_person_search", table_name="person", if_exists=True)
    op.create_index("ix_person_listed", "person", LISTED, unique=False, if_not_exists=True)
    op.create_index("ix_act_subject", "act", ["subject"], unique=False, if_not_exists=True)
    op.create_index("ix_enrolment_joined", "enrolment", ["course", "at", "person_id"], unique=False, if_not_exists=True)
