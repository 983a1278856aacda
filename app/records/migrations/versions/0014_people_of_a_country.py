"""The people of one country, by name: a focal point's list reads no others. The open attempts of a quiz: else all that
were ever made are read to find them; likewise the open invitations of a cohort."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_index("ix_person_country", "person", ["country", "search"], unique=False)
    where = sa.text("handed_in_at IS NULL")
    op.create_index("ix_attempt_open", "attempt", ["quiz"], unique=False, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_invitation_open", "invitation", ["cohort_id", "person_id"], unique=False)
