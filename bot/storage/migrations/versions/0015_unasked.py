"""What people get unasked: which rows of the ledger count as one announcement, and when each was let out."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

COUNTED = sa.text("announcement IS NOT NULL")


def upgrade() -> None:
    """Forward. What was queued before counts for nobody."""
    op.add_column("message", sa.Column("announcement", sa.String(length=64)))
    op.add_column("message", sa.Column("let_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_message_person_id_let_at", "message", ["person_id", "let_at"], sqlite_where=COUNTED, postgresql_where=COUNTED
    )


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_message_person_id_let_at", "message")
    for column in ("let_at", "announcement"):
        op.drop_column("message", column)
