"""Retention of callers and of people's requests; what was reduced is known again when it is sent once more."""

from alembic import op

from chassis.retention.tables import REQUESTS, create_known_keys, grant_to_retention, revoke_from_retention

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SCHEMA = "feedback"
GRANTS = {
    **REQUESTS,
    "response": "select (client)",
    "invitation": "select (client)",
    "call": "select (programme, due_on, caller)",
    "caller": "select (org, id, subject, seen_on), update (name)",
    "caller_duty": "select (org, subject, until_on)",
}


def upgrade() -> None:
    op.execute(f"alter table {SCHEMA}.caller add column id uuid not null default gen_random_uuid()")
    op.execute(f"alter table {SCHEMA}.caller add constraint caller_id_once unique (org, id)")
    create_known_keys(op, SCHEMA)
    grant_to_retention(op, SCHEMA, GRANTS)


def downgrade() -> None:
    revoke_from_retention(op, SCHEMA, GRANTS)
    op.execute(f"drop table {SCHEMA}.retention_key")
    op.execute(f"alter table {SCHEMA}.caller drop column id")
