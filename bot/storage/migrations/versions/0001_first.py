"""The first shape of the database."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Forward."""
    _places()
    _persons()
    _learning()
    _messages()
    _polls()
    _meetings()


def downgrade() -> None:
    """Back."""
    for table in (
        "rsvp",
        "meeting",
        "poll_answer",
        "ballot",
        "participation",
        "poll_round",
        "vendor_ref",
        "message",
        "delivery_seen",
        "help_request",
        "quiz_answer",
        "lesson_record",
        "consent",
        "address",
        "identity",
        "person",
        "lookup_key",
        "committee",
        "community",
    ):
        op.drop_table(table)


def _places() -> None:
    """Places and bodies."""
    op.create_table(
        "community",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("territory", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_community"),
    )
    op.create_table(
        "committee",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("community_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name="fk_committee_community_id"),
        sa.PrimaryKeyConstraint("id", name="pk_committee"),
    )
    op.create_index("ix_committee_community_id", "committee", ["community_id"])


def _persons() -> None:
    """Who somebody is, and how she is found."""
    op.create_table(
        "lookup_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lookup_key"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("country", sa.String(length=2)),
        sa.Column("mode", sa.String(length=8)),
        sa.Column("adult", sa.Boolean()),
        sa.Column("community_id", sa.String(length=64)),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("slow", sa.Boolean(), nullable=False),
        sa.Column("last_seen_at", MOMENT),
        sa.Column("state_sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name="fk_person_community_id"),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_index("ix_person_community_id", "person", ["community_id"])
    op.create_table(
        "identity",
        sa.Column("identity_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_identity_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("identity_hash", name="pk_identity"),
    )
    op.create_index("ix_identity_person_id", "identity", ["person_id"])
    op.create_table(
        "address",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=32)),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("value_sealed", sa.Text()),
        sa.Column("opted_out_at", MOMENT),
        sa.Column("last_inbound_at", MOMENT),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_address_person_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("address_hash", name="pk_address"),
    )
    op.create_index("ix_address_person_id", "address", ["person_id"])
    op.create_table(
        "consent",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("text_version", sa.String(length=64), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("message_ref_sealed", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_consent_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_person_id_id", "consent", ["person_id", "id"])


def _learning() -> None:
    """What she did."""
    op.create_table(
        "lesson_record",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("module_id", sa.String(length=64), nullable=False),
        sa.Column("lesson_id", sa.String(length=64), nullable=False),
        sa.Column("step_id", sa.String(length=64), nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("touched", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_lesson_record_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "module_id", "lesson_id", name="pk_lesson_record"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quiz_answer",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("module_id", sa.String(length=64), nullable=False),
        sa.Column("quiz_id", sa.String(length=64), nullable=False),
        sa.Column("option_id", sa.String(length=64), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_quiz_answer_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_quiz_answer"),
    )
    op.create_index("ix_quiz_answer_person_id", "quiz_answer", ["person_id"])
    op.create_table(
        "help_request",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_help_request_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name="pk_help_request"),
    )


def _messages() -> None:
    """What came and what goes."""
    op.create_table(
        "delivery_seen",
        sa.Column("delivery_hash", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_hash", name="pk_delivery_seen"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_delivery_seen_day", "delivery_seen", ["day"])
    op.create_table(
        "message",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=32)),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("parts_sent", sa.Integer(), nullable=False),
        sa.Column("ephemeral", sa.Boolean(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("claimed_at", MOMENT),
        sa.Column("claim_id", sa.String(length=32)),
        sa.Column("address_hash", sa.String(length=64)),
        sa.Column("error_code", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text()),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_message_person_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("seq", name="pk_message"),
        sa.UniqueConstraint("id", name="uq_message_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_message_address_hash_seq",
        "message",
        ["address_hash", "seq"],
        sqlite_where=sa.text("address_hash IS NOT NULL"),
        postgresql_where=sa.text("address_hash IS NOT NULL"),
    )
    op.create_index(
        "ix_message_claimed_at",
        "message",
        ["claimed_at"],
        sqlite_where=sa.text("claimed_at IS NOT NULL"),
        postgresql_where=sa.text("claimed_at IS NOT NULL"),
    )
    op.create_index("ix_message_created_at", "message", ["created_at"])
    op.create_index(
        "ix_message_due_at_seq",
        "message",
        ["due_at", "seq"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_message_person_id", "message", ["person_id"])
    op.create_index("ix_message_state", "message", ["state"])
    op.create_table(
        "vendor_ref",
        sa.Column("vendor_hash", sa.String(length=64), nullable=False),
        sa.Column("message_seq", SERIAL, nullable=False),
        sa.Column("state", sa.String(length=16)),
        sa.Column("error_code", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["message_seq"], ["message.seq"], name="fk_vendor_ref_message_seq", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("vendor_hash", "message_seq", name="pk_vendor_ref"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_vendor_ref_message_seq", "vendor_ref", ["message_seq"])


def _polls() -> None:
    """Rounds, who took part, and answers apart from both."""
    op.create_table(
        "poll_round",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("poll_id", sa.String(length=64), nullable=False),
        sa.Column("opens_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("territories", sa.Text(), nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_poll_round"),
    )
    op.create_index("ix_poll_round_closes_at", "poll_round", ["closes_at"])
    op.create_table(
        "participation",
        sa.Column("round_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_participation_person_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["round_id"], ["poll_round.id"], name="fk_participation_round_id"),
        sa.PrimaryKeyConstraint("round_id", "person_id", name="pk_participation"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_participation_person_id", "participation", ["person_id"])
    op.create_table(
        "ballot",
        sa.Column("round_id", sa.String(length=64), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.Column("locked", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["poll_round.id"], name="fk_ballot_round_id"),
        sa.PrimaryKeyConstraint("round_id", "link_hash", name="pk_ballot"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "poll_answer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("option_id", sa.String(length=64), nullable=False),
        sa.Column("round_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["poll_round.id"], name="fk_poll_answer_round_id"),
        sa.PrimaryKeyConstraint("id", "option_id", name="pk_poll_answer"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_poll_answer_round_id_option_id", "poll_answer", ["round_id", "option_id"])


def _meetings() -> None:
    """Meetings and RSVPs."""
    op.create_table(
        "meeting",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("committee_id", sa.String(length=64), nullable=False),
        sa.Column("committee_kind", sa.String(length=16), nullable=False),
        sa.Column("community_id", sa.String(length=64), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("food", sa.Boolean(), nullable=False),
        sa.Column("childcare", sa.Boolean(), nullable=False),
        sa.Column("transport", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["committee_id"], ["committee.id"], name="fk_meeting_committee_id"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name="fk_meeting_community_id"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting"),
    )
    op.create_index("ix_meeting_committee_id", "meeting", ["committee_id"])
    op.create_index("ix_meeting_community_id_starts_at", "meeting", ["community_id", "starts_at"])
    op.create_table(
        "rsvp",
        sa.Column("meeting_id", sa.String(length=64), nullable=False),
        sa.Column("person_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_rsvp_meeting_id"),
        sa.PrimaryKeyConstraint("meeting_id", "person_hash", name="pk_rsvp"),
        sqlite_with_rowid=False,
    )
