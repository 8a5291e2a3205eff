"""Event log, idempotency records and profiles: the tables of the mechanisms."""

from alembic import op

from chassis import tenancy

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "complaints"


def upgrade() -> None:
    tenancy.create_event_tables(op, SCHEMA)
    tenancy.create_idempotency_table(op, SCHEMA)
    tenancy.create_profile_table(op, SCHEMA)


def downgrade() -> None:
    for table in ("profile", "idempotency", "outbox"):
        op.execute(f"drop table {SCHEMA}.{table}")
