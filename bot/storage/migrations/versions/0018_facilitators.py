"""Facilitators who work from their own phone: phones, PINs, and what is being prepared."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def _member(*, primary_key: bool = False) -> sa.Column[str]:
    whose = sa.ForeignKey("staff_member.id", ondelete="CASCADE")
    return sa.Column("member_id", sa.String(length=32), whose, nullable=False, primary_key=primary_key)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "facilitator_phone",
        sa.Column("identity_hash", sa.String(length=64), nullable=False),
        _member(),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("identity_hash", name="pk_facilitator_phone"),
    )
    op.create_index("ix_facilitator_phone_member_id", "facilitator_phone", ["member_id"])
    op.create_table(
        "facilitator_pin",
        _member(),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("member_id", name="pk_facilitator_pin"),
    )
    op.create_table(
        "facilitator_draft",
        _member(),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name="pk_facilitator_draft"),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("facilitator_draft")
    op.drop_table("facilitator_pin")
    op.drop_table("facilitator_phone")
