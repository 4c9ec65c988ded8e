"""Who is told what about meetings, and what stays of them as numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Forward."""
    op.add_column("meeting", sa.Column("held_back", sa.Boolean(), nullable=False, server_default="0"))
    op.create_table(
        "meeting_notice",
        sa.Column("meeting_id", sa.String(length=64), sa.ForeignKey("meeting.id"), nullable=False),
        sa.Column("person_id", sa.String(length=32), sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=32)),
        sa.Column("receipts", sa.Boolean(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", "person_id", "kind"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_meeting_notice_person_id", "meeting_notice", ["person_id"])
    op.create_index("ix_meeting_notice_due_at", "meeting_notice", ["due_at"])
    op.create_table(
        "meeting_count",
        sa.Column("meeting_id", sa.String(length=64), sa.ForeignKey("meeting.id"), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", "what"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("meeting_count")
    op.drop_table("meeting_notice")
    op.drop_column("meeting", "held_back")
