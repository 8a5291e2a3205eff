"""Retention of the Ombudsman's cases without a complaint and of people's requests; what was reduced is known again."""

from alembic import op

from chassis.retention.tables import REQUESTS, create_known_keys, grant_to_retention, revoke_from_retention

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SCHEMA = "complaints"
GRANTS = {**REQUESTS, "ombudsman_case": "select (service_area)"}


def upgrade() -> None:
    create_known_keys(op, SCHEMA)
    grant_to_retention(op, SCHEMA, GRANTS)


def downgrade() -> None:
    revoke_from_retention(op, SCHEMA, GRANTS)
    op.execute(f"drop table {SCHEMA}.retention_key")
