"""What a broadcast has spent is counted by chunk, so that those who send it do not wait for each other."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Forward."""
    op.add_column("broadcast_chunk", sa.Column("spent", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Back."""
    op.drop_column("broadcast_chunk", "spent")
