"""Folders of the mail server, and the index of the messages in them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _collection() -> sa.ForeignKey:
    return sa.ForeignKey("collection.id", ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "mailbox",
        sa.Column("collection_id", sa.String(32), _collection(), primary_key=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("delimiter", sa.String(8), nullable=False),
        sa.Column("parent_id", sa.String(32)),
        sa.Column("special_use", sa.String(16), nullable=False),
        sa.Column("is_selectable", sa.Boolean(), nullable=False),
        sa.Column("mailbox_id", sa.String(255), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=False),
        sa.Column("uid_next", sa.BigInteger(), nullable=False),
        sa.Column("highest_modseq", sa.BigInteger(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("indexed_from", sa.BigInteger()),
        sa.Column("revision", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "message",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("collection_id", sa.String(32), _collection(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("email_id", sa.String(255), nullable=False),
        sa.Column("message_id", sa.String(255), nullable=False),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("created_seq", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.UniqueConstraint("collection_id", "uid", name="message_uid"),
        sqlite_autoincrement=True,
    )
    op.create_index("message_by_id", "message", ["collection_id", "id"])
    op.create_index("message_by_arrival", "message", ["collection_id", "arrived_at", "id"])
