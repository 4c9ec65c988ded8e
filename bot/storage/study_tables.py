"""The tables of learning from day to day: when lessons come, what somebody set out to do, what comes back."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from bot.storage.columns import METADATA, Sealed, UtcDateTime, of_person

# `minute` counts from midnight, where she is; `weekday` from Monday.
rhythm = Table(
    "rhythm",
    METADATA,
    of_person(key=True),
    Column("every", String(8), nullable=False),
    Column("minute", Integer, nullable=False),
    Column("weekday", Integer, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("due_at", UtcDateTime, nullable=False, index=True),
    Column("sent_at", UtcDateTime),
    Column("unheard", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# `sealed` is what she chose, and until when she may be asked about it; null, like `due_at`, once she was asked about it.
practice = Table(
    "practice",
    METADATA,
    of_person(key=True),
    Column("module_id", String(64), primary_key=True),
    Column("due_at", UtcDateTime),
    Column("asked_at", UtcDateTime),
    Column("sealed", Sealed),
    Index("ix_practice_due_at", "due_at"),
    sqlite_with_rowid=False,
)

# What was chosen and managed, as numbers that lead to nobody.
practice_count = Table(
    "practice_count",
    METADATA,
    Column("module_id", String(64), primary_key=True),
    Column("what", String(80), primary_key=True),
    Column("number", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# `box` is Leitner's, from 0.
review = Table(
    "review",
    METADATA,
    of_person(key=True),
    Column("module_id", String(64), primary_key=True),
    Column("quiz_id", String(64), primary_key=True),
    Column("box", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)
