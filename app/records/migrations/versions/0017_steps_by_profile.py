"""Steps by all that people state, which `app.records.engine.migrate` counts; people of a country by name and id."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
TAKEN = ("course", "measure", "step")
WHO = ("country", "sex", "ministry_type", "organisation", "age_band", "language")


def counts(name: str, *key: str) -> None:
    op.create_table(
        name,
        *(sa.Column(one, sa.Text(), nullable=False) for one in key),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )


def upgrade() -> None:
    stated = ("ministry_type", "age_band", "language", "named")
    op.drop_table("step_tally")
    counts("step_tally", "course", "step", "country", "sex", "measure")
    counts("step_profile", "course", "step", "sex", *stated, "measure")
    counts("step_group", "course", "country", "step", "sex", *stated, "measure")
    # What was kept of erased people, of whom nobody knows any more what else they stated.
    counts("kept_step_0017", *TAKEN, *WHO)
    op.execute(
        f"INSERT INTO kept_step_0017 ({', '.join((*TAKEN, *WHO))}, n)"
        f" SELECT {', '.join(TAKEN)}, country, sex, '', '', '', '', n FROM kept_step"
    )
    op.drop_table("kept_step")
    op.rename_table("kept_step_0017", "kept_step")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE kept_step RENAME CONSTRAINT pk_kept_step_0017 TO pk_kept_step")
    op.drop_index("ix_person_country", table_name="person")
    op.create_index("ix_person_country", "person", ["country", "search", "id"], unique=False)
    op.create_index("ix_completion_country", "completion", ["country"], unique=False)
    op.create_index("ix_completion_organisation_id", "completion", ["organisation_id"], unique=False)
