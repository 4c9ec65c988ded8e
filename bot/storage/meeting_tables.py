"""The tables of meetings: what is announced, who is told, who comes, and what became of it as numbers."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table

from bot.storage.columns import METADATA, Sealed, UtcDateTime, of_person

meeting = Table(
    "meeting",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("committee_id", String(64), ForeignKey("committee.id"), nullable=False, index=True),
    Column("committee_kind", String(16), nullable=False),
    Column("community_id", String(64), ForeignKey("community.id"), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("food", Boolean, nullable=False),
    Column("childcare", Boolean, nullable=False),
    Column("transport", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    Column("held_back", Boolean, nullable=False, server_default="0"),
    Column("sealed", Sealed, nullable=False),
    Index("ix_meeting_community_id_starts_at", "community_id", "starts_at"),
)


def _of_meeting() -> Column[str]:
    return Column("meeting_id", String(64), ForeignKey("meeting.id"), primary_key=True)


# What somebody has said about coming, under a name that only the database's key makes of her; gone 24 hours after it began.
rsvp = Table(
    "rsvp",
    METADATA,
    _of_meeting(),
    Column("person_hash", String(64), primary_key=True),
    Column("sealed", Sealed, nullable=False),
    sqlite_with_rowid=False,
)

# What somebody is told about a meeting. `due_at` is null once nothing more is to leave. `answered_at`: she has reacted; where
# her message says when it arrives (`receipts`), only `reached` tells that it did. Her answer itself is not here.
meeting_notice = Table(
    "meeting_notice",
    METADATA,
    _of_meeting(),
    of_person(key=True),
    Column("kind", String(16), primary_key=True),
    Column("due_at", UtcDateTime),
    Column("told_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("tries", Integer, nullable=False),
    Column("message_id", String(32)),
    Column("receipts", Boolean, nullable=False),
    Column("reached", Boolean, nullable=False),
    Index("ix_meeting_notice_person_id", "person_id"),
    Index("ix_meeting_notice_due_at", "due_at"),
    sqlite_with_rowid=False,
)

# What stays of answers and of who was told, once that is deleted.
meeting_count = Table(
    "meeting_count",
    METADATA,
    _of_meeting(),
    Column("what", String(16), primary_key=True),
    Column("number", Integer, nullable=False),
    sqlite_with_rowid=False,
)
