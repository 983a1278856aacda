"""Run by Alembic within the transaction that `app.records.engine.migrate` has begun."""

from alembic import context

from app.records.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
