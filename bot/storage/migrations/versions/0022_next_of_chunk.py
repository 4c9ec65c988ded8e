"""The next rows of a chunk are found in their order: without it PostgreSQL walks through everything sent before them."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_OF_BROADCASTS = sa.text("broadcast_id IS NOT NULL")


def _replace(old: str, new: str, columns: list[str]) -> None:
    op.create_index(new, "message", columns, sqlite_where=_OF_BROADCASTS, postgresql_where=_OF_BROADCASTS)
    op.drop_index(old, "message")


def upgrade() -> None:
    """Forward."""
    columns = ["broadcast_id", "chunk", "state", "seq"]
    _replace("ix_message_broadcast_id_chunk_state", "ix_message_broadcast_id_chunk_state_seq", columns)


def downgrade() -> None:
    """Back."""
    columns = ["broadcast_id", "chunk", "state"]
    _replace("ix_message_broadcast_id_chunk_state_seq", "ix_message_broadcast_id_chunk_state", columns)
