"""What happens in a span of time is found in the indexes alone, without a look at the rows."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("item_by_start", "item")
    columns = ["collection_id", "is_recurring", "starts_at", "ends_at", "known_from", "known_until"]
    op.create_index("item_by_start", "item", columns)
    op.drop_index("occurrence_by_start", "occurrence")
    op.create_index("occurrence_by_start", "occurrence", ["collection_id", "starts_at", "ends_at", "item_id"])
