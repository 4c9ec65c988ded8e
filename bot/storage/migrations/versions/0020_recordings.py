"""Human voices: speakers with their consent, and what they have recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "speaker",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("alias_sealed", sa.Text(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("consent", sa.String(length=200), nullable=False),
        sa.Column("licence", sa.String(length=32), nullable=False),
        sa.Column("paid", sa.Boolean(), nullable=False),
        sa.Column("terms", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32)),
        sa.Column("withdrawn_on", sa.Date()),
        sa.PrimaryKeyConstraint("id", name="pk_speaker"),
        sa.UniqueConstraint("code", name="uq_speaker_code"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["staff_member.id"], name="fk_speaker_member_id_staff_member", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_speaker_member_id", "speaker", ["member_id"])
    op.create_table(
        "recording",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("sound", sa.String(length=64), nullable=False),
        sa.Column("duration_s", sa.Float(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("speaker_id", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True)),
        sa.Column("checked_sealed", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_recording"),
        sa.ForeignKeyConstraint(["speaker_id"], ["speaker.id"], name="fk_recording_speaker_id_speaker"),
    )
    op.create_index("ix_recording_speaker_id", "recording", ["speaker_id"])
    op.create_index("uq_recording_text", "recording", ["language", "text_sha256", "kept"], unique=True)


def downgrade() -> None:
    """Back. The sounds stay on the shelf, and what the index says is heard on; without these tables nobody can change that."""
    op.drop_table("recording")
    op.drop_table("speaker")
