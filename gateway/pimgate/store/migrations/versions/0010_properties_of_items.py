"""What programs keep with an item beside its text."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "item_property",
        sa.Column(
            "item_id", NUMBER, sa.ForeignKey("item.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        ),
        sa.Column("collection_id", sa.String(32), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("properties", sa.JSON(), nullable=False),
    )
    op.create_index("ix_item_property_collection_id", "item_property", ["collection_id"])
