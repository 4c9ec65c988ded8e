"""Questions asked by voice, and the recordings of them that a vendor still keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "voice_question",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("open_until", MOMENT),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("deletes_on", sa.Date(), nullable=False),
        sa.Column("consent_version", sa.String(length=64), nullable=False),
        sa.Column("seconds", sa.Integer()),
        sa.Column("answered_on", sa.Date()),
        sa.Column("person_id", sa.String(length=32)),
        sa.Column("community_id", sa.String(length=64)),
        sa.Column("identity_hash", sa.String(length=64)),
        sa.Column("callback_sealed", sa.Text()),
        sa.Column("sound_sealed", sa.Text()),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_voice_question_person_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name="fk_voice_question_community_id"),
        sa.PrimaryKeyConstraint("id", name="pk_voice_question"),
    )
    for column in ("deletes_on", "person_id", "identity_hash"):
        op.create_index(f"ix_voice_question_{column}", "voice_question", [column])
    op.create_table(
        "vendor_recording",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("question_id", sa.String(length=32)),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["voice_question.id"], name="fk_vendor_recording_question_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_vendor_recording"),
        sqlite_with_rowid=False,
    )
    for column in ("question_id", "due_at"):
        op.create_index(f"ix_vendor_recording_{column}", "vendor_recording", [column])


def downgrade() -> None:
    """Back."""
    op.drop_table("vendor_recording")
    op.drop_table("voice_question")
