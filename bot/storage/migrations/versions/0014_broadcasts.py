"""Broadcasts: what all recipients have in common, chunks of the ledger, the pace of senders, workers; tags; dead numbers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

MOMENT = sa.DateTime(timezone=True)
TABLES = ("person_tag", "engine_worker", "sender_pace", "broadcast_chunk", "broadcast")
OF_MESSAGE = ("broadcast_id", "chunk", "sender", "to_hash", "segments", "cost")


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, MOMENT, nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "broadcast",
        *(_text("id", 16), _text("state", 16), sa.Column("audience", sa.Text(), nullable=False), _text("purpose", 16)),
        *(_moment("not_before", nullable=True), _moment("expires_at", nullable=True), _number("spread_s")),
        *(sa.Column("budget", sa.BigInteger()), sa.Column("spent", sa.BigInteger(), nullable=False)),
        *(_text("made_by", 64), _text("approved_by", 64), _flag("practice"), _text("retry_of", 16)),
        *(_moment("created_at"), _moment("changed_at"), _flag("expanded"), _text("reached", 32)),
        *(_number("chunks"), _number("people"), _text("halt", 16), sa.Column("sealed", sa.Text(), nullable=False)),
        _key("broadcast", "id"),
    )
    op.create_table(
        "broadcast_chunk",
        *(_text("broadcast_id", 16), _number("number"), _text("sender", 16), _number("run")),
        *(_moment("due_at", nullable=True), _moment("touched_at"), _flag("done")),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcast.id"], name="fk_broadcast_chunk_broadcast_id", ondelete="CASCADE"),
        _key("broadcast_chunk", "broadcast_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sender_pace",
        *(_text("sender", 64), _moment("next_free_at"), _number("opened"), _moment("opened_at"), _key("sender_pace", "sender")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "engine_worker",
        *(_text("id", 64), _text("life", 16), _moment("beat_at"), _key("engine_worker", "id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "person_tag",
        *(_text("person_id", 32), _text("tag", 32), _key("person_tag", "person_id", "tag")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_tag_person_id", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_broadcast_state", "broadcast", ["state"])
    op.create_index("ix_broadcast_created_at", "broadcast", ["created_at"])
    op.create_index("ix_person_tag_tag", "person_tag", ["tag"])
    unfinished = sa.text("done IS false") if op.get_bind().dialect.name == "postgresql" else sa.text("done IS 0")
    op.create_index(
        "ix_broadcast_chunk_open",
        "broadcast_chunk",
        ["broadcast_id", "due_at"],
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )
    op.add_column("address", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("address", sa.Column("dead_at", MOMENT))
    op.add_column("message", sa.Column("broadcast_id", sa.String(length=16)))
    op.add_column("message", sa.Column("chunk", sa.Integer()))
    op.add_column("message", sa.Column("sender", sa.String(length=16)))
    op.add_column("message", sa.Column("to_hash", sa.String(length=64)))
    op.add_column("message", sa.Column("segments", sa.Integer()))
    op.add_column("message", sa.Column("cost", sa.BigInteger()))
    in_one = sa.text("broadcast_id IS NOT NULL")
    op.create_index(
        "ix_message_broadcast_id_chunk_state",
        "message",
        ["broadcast_id", "chunk", "state"],
        sqlite_where=in_one,
        postgresql_where=in_one,
    )


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_message_broadcast_id_chunk_state", "message")
    for column in OF_MESSAGE:
        op.drop_column("message", column)
    op.drop_column("address", "dead_at")
    op.drop_column("address", "failures")
    for table in TABLES:
        op.drop_table(table)
