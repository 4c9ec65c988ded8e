"""The tables of persons, the lines they come by, and what lets one come by another line."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from bot.storage.columns import METADATA, SERIAL, Sealed, UtcDateTime, of_person

# `unreachable_at`: since when no line leads to her any more; the retention sweep deletes her some weeks later. `about_sealed`:
# what she said of herself for counts (sex, role), whether she agreed to be compared or wants no pictures; null without any.
# `prompt_id`: the message about learning that was sent to her unasked and that she has not reacted to yet; what she says next
# is said at `prompt_place`.
person = Table(
    "person",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("country", String(2)),
    Column("mode", String(8)),
    Column("adult", Boolean),
    Column("community_id", String(64), ForeignKey("community.id"), index=True),
    Column("language", String(8), nullable=False),
    Column("slow", Boolean, nullable=False),
    Column("last_seen_at", UtcDateTime),
    Column("unreachable_at", UtcDateTime, index=True),
    Column("state_sealed", Sealed, nullable=False),
    Column("about_sealed", Sealed),
    Column("prompt_place", String(160)),
    Column("prompt_id", String(64)),
)

# One number or chat. `person_id` is who writes there now; of those who share it, the one chosen last.
line = Table(
    "line",
    METADATA,
    Column("id", String(32), primary_key=True),
    of_person(),
    Column("shared", Boolean, nullable=False),
    Column("asked", String(8)),
    Column("heard_at", UtcDateTime),
    Index("ix_line_person_id", "person_id"),
)


def _of_line(*, key: bool = False, ondelete: str = "CASCADE", nullable: bool = False, index: bool = False) -> Column[str]:
    foreign = ForeignKey("line.id", ondelete=ondelete)
    return Column("line_id", String(32), foreign, primary_key=key, nullable=nullable, index=index or None)


# A number, the business-scoped id that came with it, or a chat: by what a line is found.
identity = Table("identity", METADATA, Column("identity_hash", String(64), primary_key=True), _of_line(index=True))

# By what somebody was known whom no line leads to any more: she is found again by her number, as a hash, while she is kept.
lost_line = Table(
    "lost_line",
    METADATA,
    Column("identity_hash", String(64), primary_key=True),
    of_person(key=True),
    Column("name_sealed", Sealed),
    Index("ix_lost_line_person_id", "person_id"),
    sqlite_with_rowid=False,
)

# Those who share a line. `name_sealed` is null while she was not asked for a nickname.
profile = Table(
    "profile",
    METADATA,
    _of_line(key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    of_person(),
    Column("name_sealed", Sealed),
    Column("notice", String(64), nullable=False),
    Index("ix_profile_person_id", "person_id"),
    sqlite_with_rowid=False,
)

# A row without a line is an opt-out that outlives its person, or came before her. `shut_by_carrier_at`: the carrier or Twilio
# holds the opt-out (error 21610), which only the person's own START lifts. `failures` counts what could not reach it for good
# since something last did; from `dead_at` on nothing goes there unasked.
address = Table(
    "address",
    METADATA,
    Column("address_hash", String(64), primary_key=True),
    _of_line(ondelete="SET NULL", nullable=True, index=True),
    Column("channel", String(16), nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("value_sealed", Sealed),
    Column("opted_out_at", UtcDateTime),
    Column("last_inbound_at", UtcDateTime),
    Column("shut_by_carrier_at", UtcDateTime),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("dead_at", UtcDateTime),
)

consent = Table(
    "consent",
    METADATA,
    Column("id", SERIAL, primary_key=True),
    of_person(),
    Column("text_version", String(64), nullable=False),
    Column("given_at", UtcDateTime, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("message_ref_sealed", Sealed, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("revoked_at", UtcDateTime),
    Index("ix_consent_person_id_id", "person_id", "id"),
)

# Codes that are valid now; `sealed` is the address that one was given to.
join_code = Table(
    "join_code",
    METADATA,
    Column("code_hash", String(64), primary_key=True),
    of_person(),
    _of_line(index=True),
    Column("kind", String(8), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("sealed", Sealed, nullable=False),
    Index("ix_join_code_person_id", "person_id"),
    sqlite_with_rowid=False,
)

# Wrong codes of the last hour or so, by the line that gave them.
join_miss = Table(
    "join_miss",
    METADATA,
    Column("id", SERIAL, primary_key=True),
    Column("identity_hash", String(64), nullable=False),
    Column("missed_at", UtcDateTime, nullable=False, index=True),
)
