"""Dead letters can be applied again one by one, and those that wait are found by an index."""

from alembic import op

from chassis.tenancy import extend_consumer_tables, shorten_consumer_tables

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

SCHEMA = "reporting"


def upgrade() -> None:
    extend_consumer_tables(op, SCHEMA)


def downgrade() -> None:
    shorten_consumer_tables(op, SCHEMA)
