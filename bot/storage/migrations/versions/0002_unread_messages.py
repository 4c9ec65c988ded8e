"""Messages that were not understood, for the staff to learn from."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "unread_message",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("guess", sa.String(length=64), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unread_message"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_unread_message_day", "unread_message", ["day"])


def downgrade() -> None:
    """Back."""
    op.drop_table("unread_message")
