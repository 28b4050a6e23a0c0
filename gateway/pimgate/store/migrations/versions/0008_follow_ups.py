"""What devices say of the flag of a message beyond that there is one: dates, a reminder, that it is done."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch, which builds the table anew and forgets that numbers are never used again.
    op.add_column("message", sa.Column("follow_up", sa.JSON(none_as_null=True)))
