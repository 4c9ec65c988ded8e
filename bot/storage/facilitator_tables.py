"""The tables of facilitators who work from their own phone."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from bot.storage.columns import METADATA, Sealed, UtcDateTime

facilitator_phone = Table(
    "facilitator_phone",
    METADATA,
    Column("identity_hash", String(64), primary_key=True),
    Column("member_id", String(32), ForeignKey("staff_member.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("sealed", Sealed, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
)

# `sealed` is an Argon2 hash: whoever has only the database cannot even try PINs against it.
facilitator_pin = Table(
    "facilitator_pin",
    METADATA,
    Column("member_id", String(32), ForeignKey("staff_member.id", ondelete="CASCADE"), primary_key=True),
    Column("sealed", Sealed, nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
    Column("locked_at", UtcDateTime),
)

facilitator_draft = Table(
    "facilitator_draft",
    METADATA,
    Column("member_id", String(32), ForeignKey("staff_member.id", ondelete="CASCADE"), primary_key=True),
    Column("sealed", Sealed, nullable=False),
    Column("kept_at", UtcDateTime, nullable=False),
)
