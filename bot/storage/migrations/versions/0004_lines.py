"""Lines: one person by several numbers and chats, several persons by one."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Forward: everybody has one line, which is named after her."""
    _make_tables()
    op.execute(
        "INSERT INTO line (id, person_id, shared, asked, heard_at)"
        " SELECT id, id, false, NULL, last_seen_at FROM person WHERE id IN (SELECT person_id FROM identity)"
    )
    for table, nullable in (("identity", False), ("address", True)):
        ondelete = "SET NULL" if nullable else "CASCADE"
        with op.batch_alter_table(table) as batch:
            batch.drop_index(f"ix_{table}_person_id")
            batch.drop_constraint(f"fk_{table}_person_id", type_="foreignkey")
            batch.alter_column("person_id", new_column_name="line_id", existing_type=sa.String(32), existing_nullable=nullable)
        with op.batch_alter_table(table) as batch:
            batch.create_foreign_key(f"fk_{table}_line_id", "line", ["line_id"], ["id"], ondelete=ondelete)
            batch.create_index(f"ix_{table}_line_id", ["line_id"])
    # Adding a column needs no table written anew, which other tables that point at persons would not survive.
    op.add_column("person", sa.Column("unreachable_at", MOMENT, nullable=True))
    op.create_index("ix_person_unreachable_at", "person", ["unreachable_at"])


def _make_tables() -> None:
    op.create_table(
        "line",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.String(length=8)),
        sa.Column("heard_at", MOMENT),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_line_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_line"),
    )
    op.create_index("ix_line_person_id", "line", ["person_id"])
    op.create_table(
        "profile",
        sa.Column("line_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("name_sealed", sa.Text()),
        sa.Column("notice", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name="fk_profile_line_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_profile_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("line_id", "number", name="pk_profile"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_profile_person_id", "profile", ["person_id"])
    op.create_table(
        "join_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("line_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_join_code_person_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name="fk_join_code_line_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_join_code"),
        sqlite_with_rowid=False,
    )
    for column in ("person_id", "line_id"):
        op.create_index(f"ix_join_code_{column}", "join_code", [column])
    op.create_table(
        "join_miss",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("identity_hash", sa.String(length=64), nullable=False),
        sa.Column("missed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_join_miss"),
    )
    op.create_index("ix_join_miss_missed_at", "join_miss", ["missed_at"])


def downgrade() -> None:
    """Back: of those who share a line, whoever was chosen last stays; who can be reached by no line goes."""
    for name in ("join_miss", "join_code", "profile"):
        op.drop_table(name)
    op.execute("DELETE FROM person WHERE id NOT IN (SELECT person_id FROM line)")
    for table, nullable in (("identity", False), ("address", True)):
        ondelete = "SET NULL" if nullable else "CASCADE"
        with op.batch_alter_table(table) as batch:
            batch.drop_index(f"ix_{table}_line_id")
            batch.drop_constraint(f"fk_{table}_line_id", type_="foreignkey")
            batch.alter_column("line_id", new_column_name="person_id", existing_type=sa.String(32), existing_nullable=nullable)
        op.execute(
            f"UPDATE {table} SET person_id = (SELECT line.person_id FROM line WHERE line.id = {table}.person_id)"  # noqa: S608 - two names of our own
        )
        with op.batch_alter_table(table) as batch:
            batch.create_foreign_key(f"fk_{table}_person_id", "person", ["person_id"], ["id"], ondelete=ondelete)
            batch.create_index(f"ix_{table}_person_id", ["person_id"])
    op.drop_table("line")
    op.drop_index("ix_person_unreachable_at", "person")
    op.drop_column("person", "unreachable_at")
