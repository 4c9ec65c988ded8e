"""A row of a broadcast stands in fewer indexes, and on PostgreSQL no key of the person is checked: a million are made at a time.

Nobody looked for such a row by its age or its state. `bot.storage.ownership` says what takes the place of the key.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_NEW = {
    "ix_message_alone_created_at": ("created_at", "broadcast_id IS NULL"),
    "ix_message_kept_changed_at": ("changed_at", "sealed IS NOT NULL AND address_hash IS NULL"),
    "ix_message_lost_created_at": ("created_at", "state IN ('failed', 'unknown')"),
}


def upgrade() -> None:
    """Forward."""
    for name, (column, which) in _NEW.items():
        op.create_index(name, "message", [column], sqlite_where=sa.text(which), postgresql_where=sa.text(which))
    op.drop_index("ix_message_created_at", "message")
    op.drop_index("ix_message_state", "message")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("fk_message_person_id", "message", type_="foreignkey")


def downgrade() -> None:
    """Back."""
    if op.get_bind().dialect.name == "postgresql":
        gone = "UPDATE message SET person_id = NULL WHERE person_id NOT IN (SELECT id FROM person)"
        op.execute(gone)
        op.create_foreign_key("fk_message_person_id", "message", "person", ["person_id"], ["id"], ondelete="SET NULL")
    op.create_index("ix_message_state", "message", ["state"])
    op.create_index("ix_message_created_at", "message", ["created_at"])
    for name in _NEW:
        op.drop_index(name, "message")
