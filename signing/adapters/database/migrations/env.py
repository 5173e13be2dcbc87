"""Run by Alembic with the connection that ``upgrade`` gives."""

from alembic import context

from signing.adapters.database.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
