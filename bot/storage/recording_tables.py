"""The tables of human voices: who lent hers, and what she has recorded. The sounds lie on the shelf in the data folder."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Float, ForeignKey, Index, Integer, String, Table

from bot.storage.columns import METADATA, Sealed, UtcDateTime

# `alias_sealed` is what she wants to be called here; only the code leaves this house.
speaker = Table(
    "speaker",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("alias_sealed", Sealed, nullable=False),
    Column("agreed_on", Date, nullable=False),
    Column("consent", String(200), nullable=False),
    Column("licence", String(32), nullable=False),
    Column("paid", Boolean, nullable=False),
    Column("terms", String(32), nullable=False),
    Column("member_id", String(32), ForeignKey("staff_member.id", ondelete="SET NULL"), index=True),
    Column("withdrawn_on", Date),
)

# Of one text in one language there is one that is heard, and perhaps one that waits.
recording = Table(
    "recording",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("language", String(16), nullable=False),
    Column("key", String(128), nullable=False),
    Column("text_sha256", String(64), nullable=False),
    Column("kept", Boolean, nullable=False),
    Column("sound", String(64), nullable=False),
    Column("duration_s", Float, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("speaker_id", String(32), ForeignKey("speaker.id"), nullable=False, index=True),
    Column("origin", String(8), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("member_id", String(32), nullable=False),
    Column("kept_at", UtcDateTime),
    Column("checked_sealed", Sealed),
    Index("uq_recording_text", "language", "text_sha256", "kept", unique=True),
)
