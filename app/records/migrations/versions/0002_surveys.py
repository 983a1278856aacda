"""Surveys: what people answered, and what they want of them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "response",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("course", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_response_person_id")),
        sa.ForeignKeyConstraint(["version"], ["version.hash"], name=op.f("fk_response_version")),
        sa.PrimaryKeyConstraint("person_id", "course", "occasion", name=op.f("pk_response")),
    )
    op.create_index("ix_response_at", "response", ["course", "occasion", "at"], unique=False)
    op.create_table(
        "survey_choice",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("course", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("dismissed_at", MOMENT, nullable=True),
        sa.Column("ask_at", MOMENT, nullable=True),
        sa.Column("mailed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_survey_choice_person_id")),
        sa.PrimaryKeyConstraint("person_id", "course", "occasion", name=op.f("pk_survey_choice")),
    )
