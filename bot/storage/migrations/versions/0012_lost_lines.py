"""By which numbers somebody was known whom no line leads to any more."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "lost_line",
        sa.Column("identity_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("name_sealed", sa.Text()),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_lost_line_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("identity_hash", "person_id", name="pk_lost_line"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_lost_line_person_id", "lost_line", ["person_id"])


def downgrade() -> None:
    """Back."""
    op.drop_table("lost_line")
