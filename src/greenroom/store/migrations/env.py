"""What Alembic runs for every migration: on the connection that it is given, in its transaction."""

from alembic import context

from greenroom.store.tables import VERSION_TABLE, Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
