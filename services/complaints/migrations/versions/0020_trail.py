"""The trail: who read or changed what, chained by hashes (`chassis.trail`)."""

from alembic import op

from chassis.trail.tables import create_trail_tables, drop_trail_tables

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SCHEMA = "complaints"


def upgrade() -> None:
    create_trail_tables(op, SCHEMA)


def downgrade() -> None:
    drop_trail_tables(op, SCHEMA)
