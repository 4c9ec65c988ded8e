"""The tables, the same on SQLite and PostgreSQL.

Columns of the type `Sealed`, named `sealed` or `*_sealed`, hold tokens of the vault; columns named `*_hash` hold keyed hashes.
What is left in the clear says nothing about who somebody is. Columns that only matter while something is under way (`due_at`,
`claimed_at`, `address_hash` of a message) are null afterwards, so that their partial indexes stay as small as the work that is
left.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from bot.storage.broadcast_tables import broadcast, broadcast_chunk, engine_worker, person_tag, sender_pace, spending
from bot.storage.columns import METADATA, SERIAL, Sealed, UtcDateTime, insert, of_person, upsert
from bot.storage.facilitator_tables import facilitator_draft, facilitator_phone, facilitator_pin
from bot.storage.help_tables import (
    duty_shift,
    help_request,
    help_word,
    pending_enrolment,
    staff_contact,
    uploaded_file,
)
from bot.storage.meeting_tables import meeting, meeting_count, meeting_notice, rsvp
from bot.storage.person_tables import address, consent, identity, join_code, join_miss, line, person, profile
from bot.storage.poll_tables import (
    ballot,
    composed_poll,
    in_person,
    panel_answer,
    panel_consent,
    participation,
    poll_answer,
    poll_change,
    poll_invited,
    poll_round,
    poll_tally,
    poll_told,
)
from bot.storage.question_tables import vendor_recording, voice_question
from bot.storage.recording_tables import recording, speaker
from bot.storage.staff_tables import audit_head, audit_log, sign_in_try, staff_member, staff_session
from bot.storage.states import LOST
from bot.storage.study_tables import practice, practice_count, review, rhythm

__all__ = [
    "METADATA", "address", "audit_head", "audit_log", "ballot", "broadcast", "broadcast_chunk", "committee", "community",
    "composed_poll", "consent", "delivery_seen", "duty_shift", "engine_worker",
    "facilitator_draft", "facilitator_phone", "facilitator_pin", "help_request", "help_word", "identity",
    "in_person", "insert", "join_code", "join_miss", "lesson_record", "line", "lookup_key", "meeting", "meeting_count",
    "meeting_notice", "message",
    "panel_answer", "panel_consent", "participation", "pause", "pending_enrolment", "person", "person_tag", "phone_call",
    "poll_answer", "poll_change", "poll_invited", "poll_round", "poll_tally", "poll_told", "practice",
    "practice_count", "profile", "quiz_answer", "recording",
    "review", "rhythm", "rsvp",
    "sender_pace", "sign_in_try", "speaker", "spending", "staff_contact", "staff_member", "staff_session", "unread_message",
    "uploaded_file", "upsert", "vendor_recording", "vendor_ref", "voice_note", "voice_question",
]  # fmt: skip

# One row: the lookup key of this database, sealed by the vault.
_ONE = Column("id", Integer, primary_key=True, autoincrement=False)
lookup_key = Table("lookup_key", METADATA, _ONE, Column("sealed", Sealed, nullable=False))

community = Table(
    "community",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("country", String(2), nullable=False),
    Column("territory", String(64), nullable=False),
)

committee = Table(
    "committee",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("community_id", String(64), ForeignKey("community.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
)

# `touched` counts upwards per person: the order in which lessons were last visited.
lesson_record = Table(
    "lesson_record",
    METADATA,
    of_person(key=True),
    Column("module_id", String(64), primary_key=True),
    Column("lesson_id", String(64), primary_key=True),
    Column("step_id", String(64), nullable=False),
    Column("finished_at", UtcDateTime),
    Column("touched", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# `attempt` is 1 for the first answer to a question and 2 for the last one after it; what lay between is not kept.
quiz_answer = Table(
    "quiz_answer",
    METADATA,
    Column("id", SERIAL, primary_key=True),
    of_person(),
    Column("module_id", String(64), nullable=False),
    Column("quiz_id", String(64), nullable=False),
    Column("option_id", String(64), nullable=False),
    Column("right", Boolean, nullable=False),
    Column("answered_at", UtcDateTime, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="1"),
    Index("uq_quiz_answer_person_id", "person_id", "module_id", "quiz_id", "attempt", unique=True),
)

delivery_seen = Table(
    "delivery_seen",
    METADATA,
    Column("delivery_hash", String(64), primary_key=True),
    Column("day", Date, nullable=False, index=True),
    sqlite_with_rowid=False,
)

# What was not understood, for the staff to learn from: whose it was stands nowhere.
unread_message = Table(
    "unread_message",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("day", Date, nullable=False, index=True),
    Column("guess", String(64), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("sealed", Sealed, nullable=False),
    sqlite_with_rowid=False,
)

# `due_at` is set while queued, `claimed_at` while sending, `address_hash` during both, `sealed` until the state is final;
# `claim_id` says which rows were last claimed together. A row of a broadcast is queued without `due_at`, `address_hash` and
# `sealed`: nobody but a worker on its chunk finds it, and what it says stands once, with the broadcast. `to_hash` is the row of
# `address` that it goes to; `cost` is in millionths of a Colombian peso. `announcement` is set where the row counts as unasked,
# one with the others of the same to the same person; `let_at` is when it was let out.
message = Table(
    "message",
    METADATA,
    Column("seq", SERIAL, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("person_id", String(32), index=True),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("parts_sent", Integer, nullable=False),
    Column("ephemeral", Boolean, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("claimed_at", UtcDateTime),
    Column("claim_id", String(32)),
    Column("address_hash", String(64)),
    Column("error_code", String(64), nullable=False),
    Column("sealed", Sealed),
    Column("expires_at", UtcDateTime),
    Column("announcement", String(64)),
    Column("let_at", UtcDateTime),
    Column("broadcast_id", String(16)),
    Column("chunk", Integer),
    Column("sender", String(16)),
    Column("to_hash", String(64)),
    Column("segments", Integer),
    Column("cost", BigInteger),
    sqlite_autoincrement=True,
)
# What it promises is kept on both by `bot.storage.ownership`, which says why PostgreSQL has none.
message.append_constraint(ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="SET NULL").ddl_if(dialect="sqlite"))
for _name, _columns in (
    ("ix_message_due_at_seq", (message.c.due_at, message.c.seq)),
    ("ix_message_claimed_at", (message.c.claimed_at,)),
    ("ix_message_address_hash_seq", (message.c.address_hash, message.c.seq)),
):
    _under_way = _columns[0].is_not(None)
    Index(_name, *_columns, sqlite_where=_under_way, postgresql_where=_under_way)
_expiring = message.c.address_hash.is_not(None) & message.c.expires_at.is_not(None)
Index("ix_message_expires_at", message.c.expires_at, sqlite_where=_expiring, postgresql_where=_expiring)

_counted = message.c.announcement.is_not(None)
Index("ix_message_person_id_let_at", message.c.person_id, message.c.let_at, sqlite_where=_counted, postgresql_where=_counted)

# A row of a broadcast is made a million at a time: the fewer indexes it stands in, the better. It is found by its broadcast.
_alone = message.c.broadcast_id.is_(None)
Index("ix_message_alone_created_at", message.c.created_at, sqlite_where=_alone, postgresql_where=_alone)
_kept = message.c.sealed.is_not(None) & message.c.address_hash.is_(None)
Index("ix_message_kept_changed_at", message.c.changed_at, sqlite_where=_kept, postgresql_where=_kept)
_lost = message.c.state.in_(LOST)
Index("ix_message_lost_created_at", message.c.created_at, sqlite_where=_lost, postgresql_where=_lost)

_broadcast = message.c.broadcast_id.is_not(None)
Index("ix_message_broadcast_id_chunk_state_seq", message.c.broadcast_id, message.c.chunk, message.c.state, message.c.seq,
      sqlite_where=_broadcast, postgresql_where=_broadcast)  # fmt: skip

# Several messages may share a vendor's id: Telegram counts anew in every chat.
vendor_ref = Table(
    "vendor_ref",
    METADATA,
    Column("vendor_hash", String(64), primary_key=True),
    Column("message_seq", SERIAL, ForeignKey("message.seq", ondelete="CASCADE"), primary_key=True, index=True),
    Column("state", String(16)),
    Column("error_code", String(64), nullable=False),
    sqlite_with_rowid=False,
)

# `due_at` is set while queued, `sealed` (the number) until the call has ended; `address_hash` stays for the limits.
phone_call = Table(
    "phone_call",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("address_hash", String(64), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False, index=True),
    Column("due_at", UtcDateTime),
    Column("dialled_at", UtcDateTime, index=True),
    Column("sealed", Sealed),
    Index("ix_phone_call_address_hash", "address_hash"),
    Index("ix_phone_call_due_at", "due_at"),
    sqlite_with_rowid=False,
)

# A territory to which nothing goes unasked; the empty one stands for all.
pause = Table(
    "pause",
    METADATA,
    Column("territory", String(64), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

# Where the vendor keeps a voice note, until it has been answered.
voice_note = Table(
    "voice_note",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("came_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sealed", Sealed, nullable=False),
    sqlite_with_rowid=False,
)
