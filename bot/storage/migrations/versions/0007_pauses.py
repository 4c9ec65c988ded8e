"""Pauses; messages that expire; calls that know what they are for."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "pause",
        sa.Column("territory", sa.String(length=64), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("territory", name="pk_pause"),
        sqlite_with_rowid=False,
    )
    op.add_column("message", sa.Column("expires_at", MOMENT))
    expiring = sa.text("address_hash IS NOT NULL AND expires_at IS NOT NULL")
    op.create_index("ix_message_expires_at", "message", ["expires_at"], sqlite_where=expiring, postgresql_where=expiring)
    op.add_column("phone_call", sa.Column("purpose", sa.String(length=16), nullable=False, server_default="service"))


def downgrade() -> None:
    """Back."""
    op.drop_column("phone_call", "purpose")
    op.drop_index("ix_message_expires_at", "message")
    op.drop_column("message", "expires_at")
    op.drop_table("pause")
