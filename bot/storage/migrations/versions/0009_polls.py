"""Rounds with an audience, counts of closed rounds, invitations, panels, polls that staff write; sex and role of a person."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

MOMENT = sa.DateTime(timezone=True)
TABLES = ("composed_poll", "panel_consent", "panel_answer", "poll_change", "poll_tally", "in_person", "poll_invited")


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _count(name: str, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=default)


def _table(
    name: str, *columns: sa.Column[Any], key: tuple[str, ...], rounds: tuple[str, ...] = (), of_person: bool = False
) -> None:
    people = []
    if of_person:
        foreign = sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=f"fk_{name}_person_id", ondelete="CASCADE")
        people.append(foreign)
    op.create_table(
        name,
        *(_text(column, 64) for column in rounds),
        *columns,
        *(sa.ForeignKeyConstraint([column], ["poll_round.id"], name=f"fk_{name}_{column}") for column in rounds),
        *people,
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        sqlite_with_rowid=not rounds,
    )


def upgrade() -> None:
    """Forward."""
    op.add_column("person", sa.Column("about_sealed", sa.Text()))
    op.add_column("poll_round", sa.Column("audience", sa.Text(), nullable=False, server_default=""))
    op.add_column("poll_round", _count("number", "0"))
    op.add_column("poll_round", sa.Column("population", sa.Integer()))
    op.add_column("poll_round", sa.Column("panel", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("poll_round", sa.Column("poll", sa.Text()))
    op.add_column("poll_round", _count("invited", "0"))
    op.add_column("poll_round", _count("delivered", "0"))
    invited = (
        *(_text("person_id", 32), sa.Column("due_at", MOMENT), sa.Column("told_at", MOMENT), _count("sent")),
        *(sa.Column("message_id", sa.String(length=32)), _flag("receipts"), _flag("reached"), _flag("late")),
    )
    _table("poll_invited", *invited, key=("round_id", "person_id"), rounds=("round_id",), of_person=True)
    op.create_index("ix_poll_invited_person_id", "poll_invited", ["person_id"])
    op.create_index("ix_poll_invited_due_at", "poll_invited", ["due_at"])
    counted = (_text("id", 64), _count("people"), sa.Column("counts", sa.Text(), nullable=False), _text("territory", 64))
    _table("in_person", *counted, key=("round_id", "id"), rounds=("round_id",))
    tally = (_text("by", 16), _text("group", 64), _text("option", 64), _count("n"))
    _table("poll_tally", *tally, key=("round_id", "by", "group", "option"), rounds=("round_id",))
    change = (_text("before", 200), _text("after", 200), _count("n"))
    _table("poll_change", *change, key=("round_a", "round_b", "before", "after"), rounds=("round_a", "round_b"))
    locked = (_text("link_hash", 64), sa.Column("locked", sa.Text(), nullable=False))
    _table("panel_answer", *locked, key=("round_id", "link_hash"), rounds=("round_id",))
    proof = (
        *(_text("person_id", 32), _flag("agreed"), _text("text_version", 64), sa.Column("given_at", MOMENT, nullable=False)),
        *(_text("channel", 16), sa.Column("message_ref_sealed", sa.Text(), nullable=False)),
    )
    _table("panel_consent", *proof, key=("person_id",), of_person=True)
    composed = (_text("id", 64), sa.Column("body", sa.Text(), nullable=False), _text("composed_by", 64))
    _table("composed_poll", *composed, sa.Column("composed_at", MOMENT, nullable=False), key=("id",))


def downgrade() -> None:
    """Back."""
    for table in TABLES:
        op.drop_table(table)
    for column in ("delivered", "invited", "poll", "panel", "population", "number", "audience"):
        op.drop_column("poll_round", column)
    op.drop_column("person", "about_sealed")
