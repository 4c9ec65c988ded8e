"""Lessons at a chosen hour, what somebody set out to do, questions that come back; the first and the last answer to each."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def _person(*, primary_key: bool = True) -> sa.Column[str]:
    whose = sa.ForeignKey("person.id", ondelete="CASCADE")
    return sa.Column("person_id", sa.String(length=32), whose, nullable=False, primary_key=primary_key)


def upgrade() -> None:
    """Forward."""
    op.add_column("person", sa.Column("prompt_place", sa.String(length=160)))
    op.add_column("person", sa.Column("prompt_id", sa.String(length=64)))
    op.create_table(
        "rhythm",
        _person(),
        sa.Column("every", sa.String(length=8), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("unheard", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_rhythm_due_at", "rhythm", ["due_at"])
    op.create_table(
        "practice",
        _person(),
        sa.Column("module_id", sa.String(length=64), primary_key=True),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("asked_at", sa.DateTime(timezone=True)),
        sa.Column("sealed", sa.Text()),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_practice_due_at", "practice", ["due_at"])
    op.create_table(
        "practice_count",
        sa.Column("module_id", sa.String(length=64), primary_key=True),
        sa.Column("what", sa.String(length=80), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review",
        _person(),
        sa.Column("module_id", sa.String(length=64), primary_key=True),
        sa.Column("quiz_id", sa.String(length=64), primary_key=True),
        sa.Column("box", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_with_rowid=False,
    )
    _number_answers()


def _number_answers() -> None:
    """The first answer to a question is number 1, the last one after it number 2; what lies between goes."""
    op.add_column("quiz_answer", sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"))
    op.execute(
        """DELETE FROM quiz_answer WHERE EXISTS (
            SELECT 1 FROM quiz_answer other WHERE other.person_id = quiz_answer.person_id
            AND other.module_id = quiz_answer.module_id AND other.quiz_id = quiz_answer.quiz_id AND other.id < quiz_answer.id
        ) AND EXISTS (
            SELECT 1 FROM quiz_answer other WHERE other.person_id = quiz_answer.person_id
            AND other.module_id = quiz_answer.module_id AND other.quiz_id = quiz_answer.quiz_id AND other.id > quiz_answer.id
        )"""
    )
    op.execute(
        """UPDATE quiz_answer SET attempt = 2 WHERE EXISTS (
            SELECT 1 FROM quiz_answer other WHERE other.person_id = quiz_answer.person_id
            AND other.module_id = quiz_answer.module_id AND other.quiz_id = quiz_answer.quiz_id AND other.id < quiz_answer.id
        )"""
    )
    op.drop_index("ix_quiz_answer_person_id", "quiz_answer")
    op.create_index("uq_quiz_answer_person_id", "quiz_answer", ["person_id", "module_id", "quiz_id", "attempt"], unique=True)


def downgrade() -> None:
    """Back."""
    op.drop_index("uq_quiz_answer_person_id", "quiz_answer")
    op.create_index("ix_quiz_answer_person_id", "quiz_answer", ["person_id"])
    op.drop_column("quiz_answer", "attempt")
    for name in ("review", "practice_count", "practice", "rhythm"):
        op.drop_table(name)
    op.drop_column("person", "prompt_id")
    op.drop_column("person", "prompt_place")
