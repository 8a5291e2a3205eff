"""Event log, idempotency records and profiles: the tables of the mechanisms."""

from alembic import op

from chassis import tenancy

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "reporting"


def upgrade() -> None:
    tenancy.create_event_tables(op, SCHEMA, consumes=True)
    tenancy.create_idempotency_table(op, SCHEMA)
    tenancy.create_profile_table(op, SCHEMA)


def downgrade() -> None:
    for table in ("consumer_command", "dead_letter", "consumer_position", "inbox", "profile", "idempotency", "outbox"):
        op.execute(f"drop table {SCHEMA}.{table}")
