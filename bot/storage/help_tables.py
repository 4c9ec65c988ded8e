"""The tables of people who wait for a person, of who is on duty, and of people who are signed up by somebody else."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table

from bot.storage.columns import METADATA, Sealed, UtcDateTime, of_person

# `alert_at` and `tell_at` are set while it is the team's turn; `address_hash` is whence she asked last.
help_request = Table(
    "help_request",
    METADATA,
    of_person(key=True),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("since", UtcDateTime),
    Column("address_hash", String(64)),
    Column("claimed_by", String(32), nullable=False, server_default=""),
    Column("alerts", Integer, nullable=False, server_default="0"),
    Column("alert_at", UtcDateTime, index=True),
    Column("tell_at", UtcDateTime, index=True),
    Column("answered_at", UtcDateTime),
)

# `author` is an account of the team, '' where it is hers; `deletes_on` is set once it is closed.
help_word = Table(
    "help_word",
    METADATA,
    Column("id", String(32), primary_key=True),
    of_person(),
    Column("at", UtcDateTime, nullable=False),
    Column("author", String(32), nullable=False),
    Column("voice", Boolean, nullable=False),
    Column("sealed", Sealed, nullable=False),
    Column("deletes_on", Date, index=True),
    Index("ix_help_word_person_id_at", "person_id", "at"),
    sqlite_with_rowid=False,
)


def _of_member(*, key: bool = False) -> Column[str]:
    foreign = ForeignKey("staff_member.id", ondelete="CASCADE")
    return Column("member_id", String(32), foreign, primary_key=key, nullable=False)


# Hours and minutes as HH:MM, in the community's own time; Monday is 0.
duty_shift = Table(
    "duty_shift",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("community_id", String(64), ForeignKey("community.id"), nullable=False, index=True),
    _of_member(),
    Column("weekday", Integer, nullable=False),
    Column("begins", String(5), nullable=False),
    Column("ends", String(5), nullable=False),
    Index("ix_duty_shift_member_id", "member_id"),
)

staff_contact = Table(
    "staff_contact",
    METADATA,
    _of_member(key=True),
    Column("channel", String(16), nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("sealed", Sealed, nullable=False),
)

# Who is to be asked for her permission; nothing is known of her but what is sealed here.
pending_enrolment = Table(
    "pending_enrolment",
    METADATA,
    Column("identity_hash", String(64), primary_key=True),
    Column("community_id", String(64), ForeignKey("community.id"), nullable=False),
    Column("member_id", String(32), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("sealed", Sealed, nullable=False),
    sqlite_with_rowid=False,
)

# A file of people that somebody looks at; one a member.
uploaded_file = Table(
    "uploaded_file",
    METADATA,
    Column("id", String(32), primary_key=True),
    _of_member(),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("sealed", Sealed, nullable=False),
    Index("ix_uploaded_file_member_id", "member_id"),
)
