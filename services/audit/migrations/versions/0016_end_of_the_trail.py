"""The trail has an end: a sealed beginning, and the one function by which entries go up to it (`chassis.trail`, ADR 0036)."""

from alembic import op

from chassis.trail.tables import create_trail_beginning, drop_trail_beginning

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SCHEMA = "audit"


def upgrade() -> None:
    create_trail_beginning(op, SCHEMA)


def downgrade() -> None:
    drop_trail_beginning(op, SCHEMA)
