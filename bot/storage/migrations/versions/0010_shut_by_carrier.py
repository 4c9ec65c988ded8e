"""SMS addresses that a carrier keeps shut until the person's own START."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Forward."""
    op.add_column("address", sa.Column("shut_by_carrier_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Back."""
    op.drop_column("address", "shut_by_carrier_at")
