"""Mail of people in the outbox: until when somebody waits to hear what became of it, and which copy belongs to which mail."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("awaited_until", sa.Float(), nullable=False, server_default="0"))
        table.add_column(sa.Column("follows", NUMBER))
    op.create_index("ix_outbox_follows", "outbox", ["follows"])
