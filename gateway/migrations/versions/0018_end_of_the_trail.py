"""The gateway's trail has an end: the gateway seals where it begins, and the worker clears away what is before (ADR 0036)."""

from alembic import op

from chassis.trail.tables import create_joined_trail_beginning, drop_joined_trail_beginning

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SCHEMA = "gateway"


def upgrade() -> None:
    create_joined_trail_beginning(op, SCHEMA)


def downgrade() -> None:
    drop_joined_trail_beginning(op, SCHEMA)
