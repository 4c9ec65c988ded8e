"""The tables of poll rounds, answers, and the counts that are left of them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from bot.storage.columns import METADATA, Sealed, UtcDateTime, of_person


def _of_round(name: str = "round_id", *, key: bool = True) -> Column[str]:
    return Column(name, String(64), ForeignKey("poll_round.id"), primary_key=key, nullable=False)


# `poll` is the question as it is asked, in JSON; `invited` counts who was at opening, `delivered` whom that reached.
poll_round = Table(
    "poll_round",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("poll_id", String(64), nullable=False),
    Column("opens_at", UtcDateTime, nullable=False),
    Column("closes_at", UtcDateTime, nullable=False, index=True),
    Column("territories", Text, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("audience", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("population", Integer),
    Column("panel", Boolean, nullable=False),
    Column("poll", Text),
    Column("invited", Integer, nullable=False),
    Column("delivered", Integer, nullable=False),
)

# Who takes part in a round that is open; never what was said, nor when. Forgotten when it closes.
participation = Table(
    "participation",
    METADATA,
    _of_round(),
    Column("person_id", String(32), ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# Who is asked in a round that is open. `due_at`: the next message; `message_id`: the last one, until she wrote after it had
# left; `receipts`: its channel says when it arrives; `reached`: one did; `late`: she came after opening.
poll_invited = Table(
    "poll_invited",
    METADATA,
    _of_round(),
    Column("person_id", String(32), ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("due_at", UtcDateTime),
    Column("told_at", UtcDateTime),
    Column("sent", Integer, nullable=False),
    Column("message_id", String(32)),
    Column("receipts", Boolean, nullable=False),
    Column("reached", Boolean, nullable=False),
    Column("late", Boolean, nullable=False),
    Index("ix_poll_invited_person_id", "person_id"),
    Index("ix_poll_invited_due_at", "due_at"),
    sqlite_with_rowid=False,
)

# An answer while its round is open: locked with the round's key, which is not in the database.
ballot = Table(
    "ballot",
    METADATA,
    _of_round(),
    Column("link_hash", String(64), primary_key=True),
    Column("locked", Text, nullable=False),
    sqlite_with_rowid=False,
)

# What facilitators counted in person, until the round is closed: locked in `counts` like a ballot, under a name only the round's
# key makes. The other columns are of lists from before that.
in_person = Table(
    "in_person",
    METADATA,
    _of_round(),
    Column("id", String(64), primary_key=True),
    Column("people", Integer, nullable=False),
    Column("counts", Text, nullable=False),
    Column("territory", String(64), nullable=False),
    sqlite_with_rowid=False,
)

# Answers of closed rounds: several options of one answer share its random id.
poll_answer = Table(
    "poll_answer",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("option_id", String(64), primary_key=True),
    _of_round(key=False),
    Column("day", Date, nullable=False),
    Index("ix_poll_answer_round_id_option_id", "round_id", "option_id"),
    sqlite_with_rowid=False,
)

# Counts of closed rounds, one way at a time: by nothing ('') or one attribute. The option '' counts the people of a group.
poll_tally = Table(
    "poll_tally",
    METADATA,
    _of_round(),
    Column("by", String(16), primary_key=True),
    Column("group", String(64), primary_key=True),
    Column("option", String(64), primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# How many who agreed to be compared moved from one answer to another, between two closed rounds.
poll_change = Table(
    "poll_change",
    METADATA,
    _of_round("round_a"),
    _of_round("round_b"),
    Column("before", String(200), primary_key=True),
    Column("after", String(200), primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Answers of those who agreed to be compared, locked with the panel's key, which is not in the database, for a year at most.
panel_answer = Table(
    "panel_answer",
    METADATA,
    _of_round(),
    Column("link_hash", String(64), primary_key=True),
    Column("locked", Text, nullable=False),
    sqlite_with_rowid=False,
)

panel_consent = Table(
    "panel_consent",
    METADATA,
    of_person(key=True),
    Column("agreed", Boolean, nullable=False),
    Column("text_version", String(64), nullable=False),
    Column("given_at", UtcDateTime, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("message_ref_sealed", Sealed, nullable=False),
)

# Polls that staff wrote; `body` is JSON.
composed_poll = Table(
    "composed_poll",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("body", Text, nullable=False),
    Column("composed_by", String(64), nullable=False),
    Column("composed_at", UtcDateTime, nullable=False),
)

# Rounds whose results were given back to the people: when, and to how many.
poll_told = Table(
    "poll_told",
    METADATA,
    _of_round(),
    Column("at", UtcDateTime, nullable=False),
    Column("people", Integer, nullable=False),
    sqlite_with_rowid=False,
)
