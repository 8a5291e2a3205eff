"""Restriction of use (Article 18): marks on records, and tables that refuse changes of a record whose use is restricted."""

from alembic import op

from chassis.subject.restricted import create_restriction_table, drop_restriction_table

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

SCHEMA = "reporting"
FROZEN = (
    ("plan", "plan", "t.id"),
    ("plan_workstream", "plan", "t.plan_id"),
    ("plan_action", "plan", "t.plan_id"),
    ("plan_milestone", "plan", "t.plan_id"),
    ("plan_step", "plan", "t.plan_id"),
)


def upgrade() -> None:
    create_restriction_table(op, SCHEMA, FROZEN)


def downgrade() -> None:
    drop_restriction_table(op, SCHEMA, FROZEN)
