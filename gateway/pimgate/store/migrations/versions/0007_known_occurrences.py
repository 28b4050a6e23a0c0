"""Of which span the kept occurrences of a series are all that there are: for queries that need not look at the text then."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ALWAYS = 2**62
ITEM = sa.table(
    "item",
    sa.column("is_recurring", sa.Boolean()),
    sa.column("is_open", sa.Boolean()),
    sa.column("known_from", sa.BigInteger()),
    sa.column("known_until", sa.BigInteger()),
)


def upgrade() -> None:
    # Not in a batch, which builds the table anew and forgets that numbers are never used again.
    for name in ("known_from", "known_until"):
        op.add_column("item", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    whole = sa.and_(ITEM.c.is_recurring.is_(True), ITEM.c.is_open.is_(False))
    op.get_bind().execute(sa.update(ITEM).where(whole).values(known_from=-ALWAYS, known_until=ALWAYS))
    op.drop_column("item", "is_open")
