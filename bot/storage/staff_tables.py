"""The tables of the staff side: accounts, sessions, attempts to sign in, and the audit log."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from bot.storage.columns import METADATA, SERIAL, Sealed, UtcDateTime

# `temporary_until`: the password was made for her; `last_code` is the newest time step whose code was taken.
staff_member = Table(
    "staff_member",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("email_hash", String(64), nullable=False, unique=True),
    Column("email_sealed", Sealed, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("temporary_until", UtcDateTime),
    Column("totp_sealed", Sealed, nullable=False),
    Column("last_code", SERIAL, nullable=False),
    Column("role", String(16), nullable=False),
    Column("community_id", String(64), ForeignKey("community.id")),
    Column("language", String(8), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
)

# The token is known to the browser only.
staff_session = Table(
    "staff_session",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("member_id", String(32), ForeignKey("staff_member.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("stage", String(8), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

# Attempts of the last minutes, by account and by address.
sign_in_try = Table(
    "sign_in_try",
    METADATA,
    Column("id", SERIAL, primary_key=True),
    Column("key_hash", String(64), nullable=False),
    Column("tried_at", UtcDateTime, nullable=False, index=True),
    Index("ix_sign_in_try_key_hash", "key_hash"),
)

# Triggers refuse to change or delete a row. `link` is a keyed hash over the row and the link before it.
audit_log = Table(
    "audit_log",
    METADATA,
    Column("number", SERIAL, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(32), nullable=False),
    Column("action", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("object_id", String(64), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("link", String(64), nullable=False),
)

# One row: the newest number and a keyed hash of it, so that rows missing at the end are noticed too.
audit_head = Table(
    "audit_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", SERIAL, nullable=False),
    Column("link", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
)
