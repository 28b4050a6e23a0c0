"""Until when an item lasts, and in the journal how long it lasted before a change: for devices that show the last weeks only."""

import sqlalchemy as sa
from alembic import op

from pimgate.text.lasting import OVER, is_over_text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

AT_ONCE = 500
ITEM = sa.table(
    "item",
    sa.column("id", sa.BigInteger()),
    sa.column("component", sa.String()),
    sa.column("ends_at", sa.BigInteger()),
    sa.column("lasts_until", sa.BigInteger()),
)
TEXT = sa.table("item_text", sa.column("item_id", sa.BigInteger()), sa.column("text", sa.Text()))


def upgrade() -> None:
    # Not in a batch, which builds the table anew and forgets that numbers are never used again.
    op.add_column("item", sa.Column("lasts_until", sa.BigInteger()))
    op.add_column("journal", sa.Column("lasted_until", sa.BigInteger()))
    op.create_index("item_by_end", "item", ["collection_id", "lasts_until"])
    connection = op.get_bind()
    events = sa.update(ITEM).where(ITEM.c.component == "VEVENT")
    connection.execute(events.values(lasts_until=ITEM.c.ends_at))
    after = 0
    while ids := _next_tasks(connection, after):
        texts = connection.execute(sa.select(TEXT.c.item_id, TEXT.c.text).where(TEXT.c.item_id.in_(ids))).all()
        over = [item_id for item_id, text in texts if is_over_text(text)]
        if over:
            connection.execute(sa.update(ITEM).where(ITEM.c.id.in_(over)).values(lasts_until=OVER))
        after = ids[-1]


def _next_tasks(connection: sa.Connection, after: int) -> list[int]:
    query = sa.select(ITEM.c.id).where(ITEM.c.id > after, ITEM.c.component == "VTODO").order_by(ITEM.c.id)
    return list(connection.scalars(query.limit(AT_ONCE)))
