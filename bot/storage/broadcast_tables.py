"""The tables of broadcasts, their chunks, and the pace of the senders."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from bot.storage.columns import METADATA, Sealed, UtcDateTime, of_person

# `sealed` is what is said; amounts are millionths of a Colombian peso. `reached` is the last person who was given her row,
# `chunks` the highest number of a chunk.
broadcast = Table(
    "broadcast",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    Column("audience", Text, nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("not_before", UtcDateTime),
    Column("expires_at", UtcDateTime),
    Column("spread_s", Integer, nullable=False),
    Column("budget", BigInteger),
    Column("spent", BigInteger, nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("approved_by", String(64), nullable=False),
    Column("practice", Boolean, nullable=False),
    Column("retry_of", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("expanded", Boolean, nullable=False),
    Column("reached", String(32), nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("people", Integer, nullable=False),
    Column("halt", String(16), nullable=False),
    Column("sealed", Sealed, nullable=False),
)

# `due_at` is set while nobody has taken it on, `run` counts how often somebody did, `touched_at` is when that last showed. What
# is spent stands here, since a row of the whole broadcast would have everybody who sends it wait for everybody else.
broadcast_chunk = Table(
    "broadcast_chunk",
    METADATA,
    Column("broadcast_id", String(16), ForeignKey("broadcast.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sender", String(16), nullable=False),
    Column("run", Integer, nullable=False),
    Column("due_at", UtcDateTime),
    Column("touched_at", UtcDateTime, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("spent", BigInteger, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)
_open = broadcast_chunk.c.done.is_(False)
Index("ix_broadcast_chunk_open", broadcast_chunk.c.broadcast_id, broadcast_chunk.c.due_at,
      sqlite_where=_open, postgresql_where=_open)  # fmt: skip

# When a sender may send next. `opened` counts the WhatsApp conversations that it began outside the window since `opened_at`.
sender_pace = Table(
    "sender_pace",
    METADATA,
    Column("sender", String(64), primary_key=True),
    Column("next_free_at", UtcDateTime, nullable=False),
    Column("opened", Integer, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

# Processes that work on broadcasts. `life` is one start of one: what it claimed is lost once it no longer beats.
engine_worker = Table(
    "engine_worker",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("life", String(16), nullable=False),
    Column("beat_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

# What sending has cost, by the first day of a month; amounts are millionths of a Colombian peso.
spending = Table(
    "spending",
    METADATA,
    Column("month", Date, primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("micros", BigInteger, nullable=False),
    Column("messages", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# What staff have marked a person with.
person_tag = Table(
    "person_tag",
    METADATA,
    of_person(key=True),
    Column("tag", String(32), primary_key=True),
    Index("ix_person_tag_tag", "tag"),
    sqlite_with_rowid=False,
)
