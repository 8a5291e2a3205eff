"""The gateway's own trail: what operators and administrators did, chained by hashes (`chassis.trail.joining`)."""

from alembic import op

from chassis.trail.tables import create_joined_trail_tables, drop_joined_trail_tables

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEMA = "gateway"


def upgrade() -> None:
    create_joined_trail_tables(op, SCHEMA)


def downgrade() -> None:
    drop_joined_trail_tables(op, SCHEMA)
