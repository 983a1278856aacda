"""Sums for the overview, and how many officials are to be trained. `app.records.engine.migrate` fills the sums."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
MOMENT = sa.DateTime(timezone=True)
WHO = ("country", "sex", "ministry_type", "age_band", "language")


def counts(name: str, *key: str) -> None:
    op.create_table(
        name,
        *(sa.Column(one, sa.String(length=7) if one == "month" else sa.Text(), nullable=False) for one in key),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )


def upgrade() -> None:
    counts("group_tally", "course", "measure", "month", *WHO)
    counts("organisation_tally", "course", "measure", "month", "country", "organisation", "sex")
    for name in ("step_tally", "kept_step"):
        counts(name, "course", "measure", "step", "country", "sex")
    op.create_index("ix_tally_organisation", "tally", ["course", "organisation"], unique=False)
    op.create_table(
        "last_act",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("course", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        *(
            sa.Column(one, sa.Text(), nullable=False)
            for one in ("country", "sex", "ministry_type", "organisation", "age_band", "language")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_last_act_person_id")),
        sa.PrimaryKeyConstraint("person_id", "course", name=op.f("pk_last_act")),
    )
    covering = ["course", "at", "country", "sex", "ministry_type", "organisation", "age_band", "language"]
    op.create_index("ix_last_act_at", "last_act", covering, unique=False)
    op.create_table(
        "course_quiz",
        sa.Column("course", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("final", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("course", name=op.f("pk_course_quiz")),
    )
    op.create_table(
        "denominator",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(one, sa.Text(), nullable=False) for one in ("course", "country", "organisation")),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_denominator_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denominator")),
        sa.UniqueConstraint(
            "course", "country", "organisation", "sex", name=op.f("uq_denominator_course_country_organisation_sex")
        ),
    )
    op.create_index(op.f("ix_denominator_organisation_id"), "denominator", ["organisation_id"], unique=False)
