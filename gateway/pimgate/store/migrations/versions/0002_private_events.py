"""Whether an event is private, beside its text: what others see of it is decided by this."""

import sqlalchemy as sa
from alembic import op

from pimgate.text.private import is_private_text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AT_ONCE = 500
ITEM = sa.table("item", sa.column("id", sa.BigInteger()), sa.column("is_private", sa.Boolean()))
TEXT = sa.table("item_text", sa.column("item_id", sa.BigInteger()), sa.column("text", sa.Text()))


def upgrade() -> None:
    # Not in a batch, which builds the table anew and forgets that numbers are never used again.
    op.add_column("item", sa.Column("is_private", sa.Boolean(), nullable=False, server_default=sa.false()))
    connection = op.get_bind()
    after = 0
    while ids := _next_ids(connection, after):
        texts = connection.execute(sa.select(TEXT.c.item_id, TEXT.c.text).where(TEXT.c.item_id.in_(ids))).all()
        private = [item_id for item_id, text in texts if is_private_text(text)]
        if private:
            connection.execute(sa.update(ITEM).where(ITEM.c.id.in_(private)).values(is_private=True))
        after = ids[-1]


def _next_ids(connection: sa.Connection, after: int) -> list[int]:
    """The next items that may be private."""
    may_be = sa.func.upper(TEXT.c.text).contains("CLASS")
    query = sa.select(TEXT.c.item_id).where(TEXT.c.item_id > after, may_be).order_by(TEXT.c.item_id)
    return list(connection.scalars(query.limit(AT_ONCE)))
