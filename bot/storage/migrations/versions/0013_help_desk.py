"""People who wait for a person: what they wrote, alerts, who is on duty; people who are signed up by somebody else."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

MOMENT = sa.DateTime(timezone=True)
COLUMNS = ("answered_at", "tell_at", "alert_at", "alerts", "claimed_by", "address_hash", "since")
TABLES = ("uploaded_file", "pending_enrolment", "staff_contact", "duty_shift", "help_word")


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _of(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}", ondelete=ondelete)


def _key(table: str, column: str = "id") -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(column, name=f"pk_{table}")


def _sealed() -> sa.Column[Any]:
    return sa.Column("sealed", sa.Text(), nullable=False)


def _until() -> sa.Column[Any]:
    return sa.Column("expires_at", MOMENT, nullable=False)


def upgrade() -> None:
    """Forward."""
    for name in ("since", "alert_at", "tell_at", "answered_at"):
        op.add_column("help_request", sa.Column(name, MOMENT))
    op.add_column("help_request", sa.Column("address_hash", sa.String(length=64)))
    op.add_column("help_request", sa.Column("claimed_by", sa.String(length=32), nullable=False, server_default=""))
    op.add_column("help_request", sa.Column("alerts", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE help_request SET since = asked_at, alert_at = asked_at")
    op.create_table(
        "help_word",
        *(_text("id", 32), _text("person_id", 32), sa.Column("at", MOMENT, nullable=False), _text("author", 32)),
        *(sa.Column("voice", sa.Boolean(), nullable=False), _sealed(), sa.Column("deletes_on", sa.Date())),
        *(_of("help_word", "person_id", "person", "CASCADE"), _key("help_word")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "duty_shift",
        *(_text("id", 32), _text("community_id", 64), _text("member_id", 32)),
        *(sa.Column("weekday", sa.Integer(), nullable=False), _text("begins", 5), _text("ends", 5)),
        *(_of("duty_shift", "community_id", "community"), _of("duty_shift", "member_id", "staff_member", "CASCADE")),
        _key("duty_shift"),
    )
    op.create_table(
        "staff_contact",
        *(_text("member_id", 32), _text("channel", 16), sa.Column("simulated", sa.Boolean(), nullable=False), _sealed()),
        *(_of("staff_contact", "member_id", "staff_member", "CASCADE"), _key("staff_contact", "member_id")),
    )
    op.create_table(
        "pending_enrolment",
        *(_text("identity_hash", 64), _text("community_id", 64), _text("member_id", 32), _until(), _sealed()),
        *(_of("pending_enrolment", "community_id", "community"), _key("pending_enrolment", "identity_hash")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "uploaded_file",
        *(_text("id", 32), _text("member_id", 32), _until(), _sealed()),
        *(_of("uploaded_file", "member_id", "staff_member", "CASCADE"), _key("uploaded_file")),
    )
    for table, column in (
        *(("help_request", "alert_at"), ("help_request", "tell_at"), ("help_word", "deletes_on")),
        *(("duty_shift", "community_id"), ("duty_shift", "member_id")),
        *(("pending_enrolment", "expires_at"), ("uploaded_file", "expires_at"), ("uploaded_file", "member_id")),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index("ix_help_word_person_id_at", "help_word", ["person_id", "at"])


def downgrade() -> None:
    """Back."""
    for table in TABLES:
        op.drop_table(table)
    for column in ("alert_at", "tell_at"):
        op.drop_index(f"ix_help_request_{column}", "help_request")
    for column in COLUMNS:
        op.drop_column("help_request", column)
