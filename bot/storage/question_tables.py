"""The tables of questions that are asked by voice."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table

from bot.storage.columns import METADATA, Sealed, UtcDateTime

# `open_until` is set until the recording comes; `identity_hash` and `callback_sealed` only where she agreed to be called back.
# A question outlives nobody who is erased: what is hers is deleted with her, on purpose and not by the foreign key.
voice_question = Table(
    "voice_question",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("open_until", UtcDateTime),
    Column("asked_on", Date, nullable=False),
    Column("deletes_on", Date, nullable=False, index=True),
    Column("consent_version", String(64), nullable=False),
    Column("seconds", Integer),
    Column("answered_on", Date),
    Column("person_id", String(32), ForeignKey("person.id", ondelete="SET NULL"), index=True),
    Column("community_id", String(64), ForeignKey("community.id")),
    Column("identity_hash", String(64), index=True),
    Column("callback_sealed", Sealed),
    Column("sound_sealed", Sealed),
)

# What the vendor still keeps, by the name it has there, sealed. The row goes once the vendor has deleted it, not before.
vendor_recording = Table(
    "vendor_recording",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("question_id", String(32), ForeignKey("voice_question.id", ondelete="SET NULL"), index=True),
    Column("since", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("sealed", Sealed, nullable=False),
    sqlite_with_rowid=False,
)
