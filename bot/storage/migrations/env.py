"""What Alembic runs: always inside the transaction that `bot.storage.schema` opened."""

from alembic import context

from bot.storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite alters a table by writing it anew
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
